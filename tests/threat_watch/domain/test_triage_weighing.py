"""How a text is weighed: traits, sums, the file they are read from, and how the points are found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from bench.triage import interval, themes
from bench.triage_points import Sample, fitted, names_in, sum_of, without_names
from forkant_shared.errors import Invalid
from forkant_threat_watch.domain.documents import Node
from forkant_threat_watch.domain.triage.weighing import sums, told, traits_of_text, weighed
from forkant_threat_watch.domain.triage.weighing_document import weighing_of
from forkant_threat_watch.store.triage_books import current_triage_book, with_points

CONCEPTS = {"kill": ["drep:te"], "night": ["i natt"], "film": ["film*"], "not": ["ikke"]}


def document(**changed: Any) -> dict[str, Any]:
    return {
        "groups": {"harm": ["kill"], "time": ["night"], "instead": ["film"]},
        "beside": ["not"],
        "together": [["harm", "time", "instead"]],
        "absent": [["harm"]],
        "denied": ["kill"],
        "careful": ["kill"],
        "no": "not",
        "no_within": 5,
        "breath": 4,
        "telling": ["kill", "night"],
        "factors": {"INTENT": ["kill"]},
        "look_at": 10,
        "page_at": 20,
        "acts_add": 5,
        "hours_unsaid": 48,
        "points": {
            "look_from": -5,
            "page_from": -5,
            "look": {"15": "#kill"},
            "page": {"20": "#harm+time", "10": "#kill", "-40": "#harm+instead", "-15": "#kill:not"},
        },
        **changed,
    }


def weighing(**changed: Any):  # type: ignore[no-untyped-def]
    return weighing_of(Node(document(**changed), "weighing"), Node(CONCEPTS, "concepts"))


def test_points_for_and_against_are_added() -> None:
    given = weighing()
    assert (weighed("De skal drepe ham i natt.", given).look, weighed("De skal drepe ham i natt.", given).page) == (
        10,
        25,
    )
    assert weighed("I filmen skal de drepe ham i natt.", given).page == -15
    assert weighed("De skal ikke drepe ham i natt.", given).page == 10
    assert weighed("", given).page == -5


@pytest.mark.parametrize(
    ("text", "trait"),
    [
        ("De drepte ham.", "#kill:t"),
        ("De skal drepe ham i natt.", "#harm+time"),
        ("De skal ikke drepe ham.", "#kill:not"),
        ("Ingen ting.", "#-harm"),
        ("I filmen skal de drepe ham i natt.", "#harm+instead+time"),
        ("De skal drepe ham.", "skal~drepe"),
        ("De skal drepe ham.", "_drepe_"),
        ("Klokka 22 går han.", "_00_"),
    ],
)
def test_the_traits_of_a_text(text: str, trait: str) -> None:
    assert trait in traits_of_text(text, weighing().concepts)


def test_a_long_text_weighs_what_its_heaviest_stretch_does() -> None:
    given = weighing()
    calm = "Det regnet. " * 30
    long = f"{calm}De skal drepe ham i natt. {calm}"
    found = weighed(long, given)
    assert found.page == weighed("De skal drepe ham i natt.", given).page
    assert told(found.stretch, given) == ("drepe", "i natt")


def test_a_trait_without_points_adds_nothing() -> None:
    given = weighing()
    assert sums(["#unknown", "_ord_"], given) == (-5, -5)


def changed_to(*path: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(found: dict[str, Any]) -> None:
        for key in path[:-1]:
            found = found[key]
        found[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (changed_to("groups", "harm", value=["murder"]), "weighing.groups.harm"),
        (changed_to("together", value=[["harm", "time"]]), "weighing.together[0]"),
        (changed_to("absent", value=[["nothing"]]), "weighing.absent[0]"),
        (changed_to("no", value="never"), "weighing.no"),
        (changed_to("no_within", value=0), "weighing.no_within"),
        (changed_to("breath", value=400), "weighing.breath"),
        (changed_to("factors", value={"MOOD": ["kill"]}), "weighing.factors.MOOD"),
        (changed_to("points", "page", value={"many": "#kill"}), "weighing.points.page.many"),
        (changed_to("points", "page", value={"1": "#kill", "2": "#kill"}), "weighing.points.page.2"),
        (changed_to("page_at", value="high"), "weighing.page_at"),
        (changed_to("surprise", value=1), "weighing"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(change: Callable[[dict[str, Any]], None], where: str) -> None:
    found = document()
    change(found)
    with pytest.raises(Invalid) as refused:
        weighing_of(Node(found, "weighing"), Node(CONCEPTS, "concepts"))
    assert where in str(refused.value)


def test_the_points_come_from_the_file_beside_and_from_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "points.yaml").write_text("look_from: 1\n", encoding="utf-8")
    assert with_points({"weighing": {"points": "points.yaml"}}, tmp_path) == {"weighing": {"points": {"look_from": 1}}}
    with pytest.raises(Invalid, match="beside"):
        with_points({"weighing": {"points": "../points.yaml"}}, tmp_path)
    with pytest.raises(Invalid):
        with_points({"weighing": {"points": "none.yaml"}}, tmp_path)


def sample(label: str, traits: Iterable[str]) -> Sample:
    return Sample("theme", label, "", frozenset(traits))


def test_fitted_points_part_the_labels_and_forget_what_only_one_sentence_has() -> None:
    given = [sample("imminent", ("#kill", "#night", f"only{n}")) for n in range(8)]
    given += [sample("near_miss", ("#kill", "#film", f"other{n}")) for n in range(8)]
    weights, start = fitted(given, frozenset(("imminent",)))
    assert weights.keys() == {"#kill", "#night", "#film"}
    assert weights["#night"] > 0 > weights["#film"]
    assert all((sum_of(one, weights, start) > 0) == (one.label == "imminent") for one in given)
    assert (weights, start) == fitted(given, frozenset(("imminent",)))


def test_an_interval_is_wide_where_little_is_counted() -> None:
    assert interval(0, 0) is None
    few, many = interval(9, 10), interval(900, 1000)
    assert few is not None
    assert many is not None
    assert few[0] < many[0] < 0.9 < many[1] < few[1]
    assert interval(10, 10) == pytest.approx((0.7225, 1.0), abs=1e-3)


def test_how_far_a_no_reaches_and_how_long_a_breath_is_stands_in_the_file() -> None:
    far = "De skal ikke som noen tror drepe ham."
    assert weighed(far, weighing()).page == -10, "the no is four words away"
    assert weighed(far, weighing(no_within=2)).page == 5
    apart = "De skal drepe ham. Det er sent. I natt."
    assert weighed(apart, weighing()).page == 25
    assert weighed(apart, weighing(breath=2)).page == 5


def test_what_somebody_is_called_speaks_neither_for_nor_against() -> None:
    concepts = weighing().concepts
    one, other = (set(traits_of_text(f"De skal drepe {name} i natt.", concepts)) for name in ("Amir", "Torbjørn"))
    assert one == other
    assert "_@_" in one
    assert "_de_" in one


def test_no_name_in_the_sentences_has_points_in_the_book_there_is() -> None:
    names = names_in(text for _, labelled in themes("development") for texts in labelled.values() for text in texts)
    assert {"bergen", "bilal"} <= names
    given = current_triage_book().weighing.points
    assert [name for name in names if f"_{name}_" in given] == []
    assert [trait for trait in given if "~" in trait and not names.isdisjoint(trait.split("~"))] == []


def test_a_name_that_cannot_be_told_from_a_word_is_taken_out_before_points_are_found() -> None:
    names = names_in(["Vi så Bilal der.", "Så kom Bilal.", "Da sa Mai at det var mai, i mai."])
    assert names == {"bilal"}
    assert without_names("Bilal kom. bilal gikk, og Bilal sov.", names) == "@ kom. @ gikk, og Bilal sov."
