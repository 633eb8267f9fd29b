"""The gate before a threat dialogue: new words, the weakest link, and the working values it goes by."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forkant_shared.errors import Invalid
from forkant_threat_watch.domain.exposure import Answer, Exposure, Keeper, Overlap, keeper_of, weakest_link
from forkant_threat_watch.domain.followup import followup_of
from forkant_threat_watch.domain.likeness import is_copy
from forkant_threat_watch.domain.words import Channel
from forkant_threat_watch.store.followup import CURRENT, current
from forkant_threat_watch.store.yaml_files import read_document
from tests.threat_watch.support.building import START

RULES = current().exposure
REPORT = "Kilden hørte to av lederne snakke om å ta prosjektlederen ved huset hans før helga."


def copied(text: str, report: str = REPORT) -> bool:
    return is_copy(text, report, words_in_a_row=RULES.words_in_a_row, share=RULES.share)


@pytest.mark.parametrize(
    "text",
    [
        REPORT,
        "  " + REPORT.lower().replace(",", " ;") + " ",
        "Kilder hørte to av leder snakker om å ta prosjektledere ved huset hans før helg",
        "Til dere: to av lederne snakke om å ta prosjektlederen, og det vet vi.",
        "før helga ved huset hans: ta prosjektlederen, snakke om, to av lederne, hørte kilden",
    ],
)
def test_the_same_words_in_another_order_case_or_inflection_are_no_new_text(text: str) -> None:
    assert copied(text)


@pytest.mark.parametrize(
    "text",
    [
        "Vi vet at noen av dere planlegger noe mot en av våre. Det stopper nå.",
        "Prosjektlederen er en av våre.",
        "Presset dere merker, følger av deres egne valg.",
        "",
    ],
)
def test_new_words_about_the_same_thing_are_a_new_text(text: str) -> None:
    assert not copied(text)


def test_a_short_report_is_found_inside_a_longer_text_and_two_words_are_everybodys() -> None:
    assert copied("Vi vet det: noe skal skje. Stopp det.", "Noe skal skje")
    assert not copied("Vi vet at han slår.", "Han slår")
    assert copied("HAN slår!", "Han slår")


@given(st.text(max_size=200), st.text(max_size=200))
def test_whatever_is_written_a_text_with_words_is_a_copy_of_itself_and_of_it_with_more_around(a: str, b: str) -> None:
    assert isinstance(copied(a, b), bool)
    words = "en to tre fire fem seks syv"
    assert copied(f"{words} {a}", words)


def answer(report: str, could_know: int, *, open_origin: bool = False) -> Answer:
    return Answer(report, Exposure.OK, could_know, open_origin, "source.handler", START)


answers = st.dictionaries(
    st.sampled_from("abcd"), st.tuples(st.integers(1, 50), st.booleans()), min_size=1, max_size=4
).map(lambda told: {name: answer(name, count, open_origin=o) for name, (count, o) in told.items()})


@given(answers, st.data())
def test_the_weakest_link_is_never_stronger_than_any_one_report_that_points(
    told: dict[str, Answer], data: st.DataObject
) -> None:
    pairs = [frozenset((one, other)) for one in told for other in told if one < other]
    overlaps = {
        pair: Overlap(pair, data.draw(st.integers(0, 60)), "x", START) for pair in pairs if data.draw(st.booleans())
    }
    weakest = weakest_link(told, told, overlaps)
    closed = [one for one in told.values() if not one.open_origin]
    if not closed:
        assert weakest is None
        return
    assert weakest is not None
    assert (weakest.could_know or 0) <= min(one.could_know for one in closed)
    assert weakest.at_most <= max(one.could_know for one in closed)
    # Knowing more of the sources never makes the plan look safer than with one report fewer.
    fewer = weakest_link(list(told)[1:], told, overlaps)
    if fewer is not None:
        assert (weakest.could_know or 0) <= (fewer.could_know or 0)


def test_two_reports_nobody_has_counted_together_are_the_weakest_until_somebody_has() -> None:
    told = {"a": answer("a", 20), "b": answer("b", 4)}
    link = weakest_link(told, told, {})
    assert link is not None and (link.could_know, link.at_most, link.weak(RULES)) == (None, 4, True)
    both = frozenset("ab")
    link = weakest_link(told, told, {both: Overlap(both, 3, "x", START)})
    assert link is not None and (link.could_know, link.weak(RULES)) == (3, False)
    open_ = told | {"b": replace(told["b"], open_origin=True)}
    link = weakest_link(open_, open_, {})
    assert link is not None and (link.reports, link.could_know) == (("a",), 20)


@pytest.mark.parametrize("channel", Channel)
def test_what_people_told_the_dialogue_is_kept_by_its_contact_and_the_rest_by_a_handler(channel: Channel) -> None:
    contact = channel in (Channel.MEETING, Channel.DUTY_PHONE, Channel.WALK_IN)
    assert keeper_of(channel, RULES) is (Keeper.CONTACT if contact else Keeper.HANDLER)


def working_values() -> dict[str, Any]:
    from importlib import resources

    with resources.as_file(resources.files("forkant_threat_watch") / "policies" / CURRENT) as path:
        found = read_document(path)
    assert isinstance(found, dict)
    return deepcopy(found)


@pytest.mark.parametrize(
    ("section", "key", "value", "path"),
    [
        ("exposure", "least_who_could_know", 0, "exposure.least_who_could_know"),
        ("exposure", "contact_channels", ["TELEX"], "exposure.contact_channels[0]"),
        ("exposure", "alone", {"cleared_for_hours": 1, "reviewed_by": "late"}, "exposure.alone.reviewed_by"),
        ("exposure", "too_like", {"words_in_a_row": 6, "share": 2}, "exposure.too_like.share"),
        ("measures", "kinds", {}, "measures.kinds"),
        ("requests", "longest_days", "many", "requests.longest_days"),
        ("fallback", "start_within_minutes", 4, "fallback.start_within_minutes"),
    ],
)
def test_working_values_that_make_no_sense_are_refused_with_their_place(
    section: str, key: str, value: Any, path: str
) -> None:
    document = working_values()
    document[section][key] = value
    with pytest.raises(Invalid) as refused:
        followup_of(document)
    assert refused.value.field == path


def test_the_shipped_values_clear_for_longer_than_the_lead_time_of_a_tactical_meeting() -> None:
    assert current().exposure.cleared_for > timedelta(hours=72) > current().exposure.alone_for
