"""One page, not five."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from forkant_threat_watch.domain.outcomes import FallbackAsked, Paged, ReviewAsked, Updated
from forkant_threat_watch.domain.policy import Policy
from forkant_threat_watch.domain.words import Lane
from tests.threat_watch.support.building import POLICY, day, of_kind, report, story

RECON = {"factor": "RECONNAISSANCE", "strength": 0.8, "aggressor": "gang", "target": "rival"}
SOON = {"factor": "INTENT", "strength": 0.9, "aggressor": "gang", "target": "rival", "imminence_hours": 10}


def test_a_second_voice_under_an_open_page_is_an_update() -> None:
    told = story([report("+0d", "B3", "S1"), report("+1h", "B3", "S2")], until="+2h")
    assert [page.lane for page in of_kind(told.said, Paged)] == [Lane.NORMAL]
    (update,) = of_kind(told.said, Updated)
    assert update.page == of_kind(told.said, Paged)[0].id


def test_a_second_voice_after_the_page_is_closed_rings_again() -> None:
    steps = [report("+0d", "B3", "S1"), {"at": "+1h", "answer": {"close": True}}, report("+2h", "B3", "S2")]
    assert len(of_kind(story(steps, until="+3h").said, Paged)) == 2


def _quiet(days: int) -> Policy:
    rules = (
        replace(rule, quiet=timedelta(days=days)) if rule.id == "planned-reprisal" else rule for rule in POLICY.rules
    )
    return replace(POLICY, rules=tuple(rules))


def test_a_quiet_rule_asks_for_a_review_where_the_threat_has_rung_not_long_ago() -> None:
    closing = {"at": "+1h", "answer": {"close": True}}
    told = story([report("+0d", "B3", "S1"), closing, report("+6d", "B3", "S2")], until="+6d1h", policy=_quiet(7))
    assert [page.at for page in of_kind(told.said, Paged)] == [day(0)]
    assert [asked.at for asked in of_kind(told.said, ReviewAsked) if asked.cause == "planned-reprisal"] == [day(6)]
    told = story([report("+0d", "B3", "S1"), closing, report("+8d", "B3", "S2")], until="+8d1h", policy=_quiet(7))
    assert [page.at for page in of_kind(told.said, Paged)] == [day(0), day(8)]


def test_a_quiet_rule_rings_all_the_same_for_what_is_graver() -> None:
    closing = {"at": "+1h", "answer": {"close": True}}
    told = story([report("+0d", "B3", "S1"), closing, report("+1d", "A2", "S2", SOON)], until="+2d", policy=_quiet(7))
    assert [page.lane for page in of_kind(told.said, Paged)] == [Lane.NORMAL, Lane.LIFE]


def test_what_may_belong_to_two_threats_rings_on_the_one_that_somebody_was_last_woken_for() -> None:
    mother = {"factor": "INTENT", "strength": 0.9, "aggressor": "gang", "target": "mother"}
    officer = {"factor": "INTENT", "strength": 0.9, "aggressor": "gang", "target": "officer"}
    nobody = {"factor": "INTENT", "strength": 0.9, "aggressor": "gang"}
    # The first stands higher; the second is the one whose page is still open.
    steps = [
        report("+0d", "A2", "S1", officer),
        report("+1h", "A2", "S2", officer),
        {"at": "+2h", "answer": {"close": True}},
        report("+3h", "B3", "S3", mother),
        report("+4h", "B3", "S4", nobody),
    ]
    told = story(steps, until="+5h")
    *_, last = of_kind(told.said, Paged)
    (update,) = (said for said in of_kind(told.said, Updated) if said.at == day(4 / 24))
    assert (update.page, update.threat) == (last.id, last.threat)


def test_an_accepted_page_is_still_open() -> None:
    steps = [report("+0d", "B3", "S1"), {"at": "+1h", "answer": {"by": "duty.officer"}}, report("+2h", "B3", "S2")]
    assert len(of_kind(story(steps, until="+3h").said, Paged)) == 1


def test_life_replaces_an_open_normal_page() -> None:
    told = story([report("+0d", "B3", "S1"), report("+1h", "A2", "S2", SOON)], until="+2h")
    normal, life = of_kind(told.said, Paged)
    assert (life.lane, life.replaces) == (Lane.LIFE, normal.id)


def test_the_same_origin_is_heard_again_when_its_word_grows_graver() -> None:
    told = story([report("+0d", "A2", "S1"), report("+1h", "A2", "S1", SOON)], until="+2h")
    assert [page.lane for page in of_kind(told.said, Paged)] == [Lane.NORMAL, Lane.LIFE]


def test_the_same_origin_is_heard_again_when_what_it_foretold_is_past_and_it_foretells_anew() -> None:
    closing = {"at": "+2h", "answer": {"close": True}}
    told = story([report("+0d", "A2", "S1", SOON), closing, report("+1h", "A2", "S1", SOON)], until="+3h")
    assert len(of_kind(told.said, Paged)) == 1
    told = story([report("+0d", "A2", "S1", SOON), closing, report("+5d", "A2", "S1", SOON)], until="+6d")
    assert len(of_kind(told.said, Paged)) == 2


def test_rising_to_critical_rings_anew_beside_an_open_life_page() -> None:
    steps = [report("+0d", "A2", "S1"), report("+1d", "B2", "P1", RECON), report("+2d", "A1", "S2")]
    told = story(steps, until="+3d")
    assert [page.lane for page in of_kind(told.said, Paged)] == [Lane.NORMAL, Lane.LIFE, Lane.LIFE]
    assert of_kind(told.said, Paged)[-1].replaces is None


def test_a_report_that_meets_several_rules_rings_once_with_all_of_them() -> None:
    told = story([report("+0d", "A2", "S1", SOON, channel="HANDLER")], until="+1h")
    (page,) = of_kind(told.said, Paged)
    assert page.rules == ("planned-reprisal", "imminent-ungraded")
    assert (page.lane, page.reason) == (Lane.LIFE, "PLANNED_REPRISAL")


def test_a_broken_promise_rings_for_life_when_the_level_is_high() -> None:
    steps = [report("+0d", "A2", "S1"), report("+1d", "B2", "P1", RECON), {"at": "+2d", "answer": {"close": True}}]
    told = story([*steps, {"at": "+3d", "promise": {"id": "P1"}}], until="+4d")
    assert of_kind(told.said, Paged)[-1].lane is Lane.LIFE
    assert of_kind(told.said, FallbackAsked)[0].cause == "promise-broken"


def test_many_weak_voices_ask_for_a_review_and_never_ring() -> None:
    steps = [report(f"+{n}d", "F6", f"t{n}") for n in range(8)]
    told = story(steps, until="+10d")
    assert not of_kind(told.said, Paged)
    asked = [said for said in of_kind(told.said, ReviewAsked) if said.cause == "many-weak-origins"]
    assert [said.at for said in asked] == [day(3)]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 20), st.sampled_from(["A1", "B2", "B3", "D4", "F6"]), st.integers(1, 4), st.booleans()
        ),
        min_size=1,
        max_size=10,
    )
)
def test_no_threat_ever_rings_twice_for_the_same_rule_and_origin(said: list[tuple[int, str, int, bool]]) -> None:
    steps = [
        report(f"+{days}d", grade, f"S{origin}", *([RECON] if recon else []))
        for days, grade, origin, recon in sorted(said)
    ]
    steps += [{"at": f"+{days}d1h", "answer": {"close": True}} for days, *_ in said]
    told = (
        story(sorted(steps, key=lambda step: int(step["at"][1:].split("d")[0])), until="+30d") if _opens(said) else None
    )
    if told is not None:
        pages = of_kind(told.said, Paged)
        reprisals = [page for page in pages if "planned-reprisal" in page.rules]
        assert len(reprisals) <= len({origin for _, _, origin, _ in said})


def _opens(said: list[tuple[int, str, int, bool]]) -> bool:
    return bool(said)
