"""Which threat a signal belongs to."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forkant_threat_watch.domain.links import FAMILY, MEMBERSHIP, ROLE, Edge, Links
from forkant_threat_watch.domain.outcomes import Opened, Paged, ReviewAsked
from forkant_threat_watch.domain.signals import Signal
from forkant_threat_watch.domain.watch import Watch
from forkant_threat_watch.domain.words import UNKNOWN, Factor, Party, PartyKind
from tests.threat_watch.support.building import GANG, RIVAL, START, day, of_kind, signal, story, watch

COUSIN = Party(PartyKind.PERSON, "cousin")
BROTHER = Party(PartyKind.PERSON, "brother")
LEADER = Party(PartyKind.PERSON, "leader")
WIFE = Party(PartyKind.PERSON, "wife")
OTHER_OFFICER = Party(PartyKind.PERSON, "other officer")
OTHERS = Party(PartyKind.GROUP, "others")
POLICE_LEADER = Party(PartyKind.ROLE, "POLICE_LEADER")
LINKS = Links(
    [
        Edge(MEMBERSHIP, COUSIN.key, GANG.key),
        Edge(MEMBERSHIP, BROTHER.key, GANG.key),
        Edge(ROLE, LEADER.key, POLICE_LEADER.key),
        Edge(ROLE, OTHER_OFFICER.key, POLICE_LEADER.key),
        Edge(FAMILY, WIFE.key, LEADER.key),
    ]
)


def take(into: Watch, *signals: Signal, at: float = 0) -> dict[str, Any]:
    received = into.receive(signals, day(at))
    return {one.id: received.counts.get(one.id, ()) for one in signals} | {"said": received.said}


def test_a_signal_with_somebody_in_it_opens_a_threat_where_none_fits() -> None:
    desk = watch()
    received = desk.receive([signal()], START)
    assert len(of_kind(received.said, Opened)) == 1
    (threat,) = desk.threats.values()
    assert (threat.aggressors, threat.targets) == ((GANG,), (RIVAL,))


@pytest.mark.parametrize(
    ("aggressor", "target"),
    [
        (COUSIN, POLICE_LEADER),
        (BROTHER, LEADER),
        (UNKNOWN, LEADER),
        (GANG, UNKNOWN),
        (GANG, WIFE),
    ],
    ids=["member and role", "another member and its holder", "target alone", "aggressor alone", "family of the target"],
)
def test_a_signal_joins_the_threat_it_is_linked_to(aggressor: Party, target: Party) -> None:
    desk = watch(LINKS)
    take(desk, signal(aggressor=COUSIN, target=LEADER))
    take(desk, signal(origin="S2", aggressor=aggressor, target=target), at=1)
    assert len(desk.threats) == 1


@pytest.mark.parametrize(
    ("aggressor", "target"),
    [(OTHERS, LEADER), (OTHERS, UNKNOWN), (GANG, RIVAL), (Party(PartyKind.NAME, "Kalle"), LEADER)],
    ids=["another aggressor, same target", "another aggressor", "another target", "a name nobody has resolved"],
)
def test_somebody_else_makes_another_threat(aggressor: Party, target: Party) -> None:
    desk = watch(LINKS)
    take(desk, signal(aggressor=COUSIN, target=LEADER))
    take(desk, signal(origin="S2", aggressor=aggressor, target=target), at=1)
    assert len(desk.threats) == 2


def test_two_persons_who_hold_the_same_role_are_not_the_same_target() -> None:
    desk = watch(LINKS)
    take(desk, signal(target=LEADER))
    take(desk, signal(target=OTHER_OFFICER, origin="S2"), at=1)
    assert len(desk.threats) == 2


def test_the_parties_of_what_counts_become_the_threats_own() -> None:
    desk = watch(LINKS)
    take(desk, signal(aggressor=UNKNOWN, target=LEADER))
    take(desk, signal(aggressor=GANG, target=POLICE_LEADER, origin="S2"), at=1)
    (threat,) = desk.threats.values()
    assert threat.aggressors == (GANG,)
    assert threat.targets == (LEADER, POLICE_LEADER)


def test_two_candidates_get_it_as_a_suggestion_that_does_not_count_and_a_person_is_asked() -> None:
    desk = watch(LINKS)
    take(desk, signal(target=LEADER), signal(target=RIVAL))
    before = {threat.id: threat.index for threat in desk.threats.values()}
    unclear = signal(Factor.RECONNAISSANCE, aggressor=GANG, target=UNKNOWN, origin="S9", grade="D4")
    received = desk.receive([unclear], START)
    assert set(received.suggested[unclear.id]) == set(before)
    assert {threat.id: threat.index for threat in desk.threats.values()} == before
    assert [asked.cause for asked in of_kind(received.said, ReviewAsked)] == ["choose-threat"] * 2
    assert all(threat.suggested == (unclear,) for threat in desk.threats.values())


def test_what_is_urgent_rings_even_while_a_person_has_to_choose() -> None:
    desk = watch(LINKS)
    take(desk, signal(target=LEADER, strength=0.5), signal(target=RIVAL, strength=0.5))
    received = desk.receive([signal(target=UNKNOWN, origin="S9", imminence_hours=3.0)], day(1))
    assert len(of_kind(received.said, Paged)) == 1


def test_the_one_that_fits_on_both_sides_goes_before_the_one_that_fits_on_one() -> None:
    desk = watch(LINKS)
    take(desk, signal(target=LEADER), signal(target=UNKNOWN, aggressor=OTHERS))
    first = next(iter(desk.threats))
    told = signal(target=LEADER, origin="S3")
    assert take(desk, told, at=1)[told.id] == (first,)


def test_context_that_came_before_the_threat_counts_from_the_start() -> None:
    desk = watch(LINKS)
    arrests = signal(Factor.GRIEVANCE, grade="A1", origin="log", target=UNKNOWN)
    assert take(desk, arrests)[arrests.id] == ()
    assert not desk.threats
    take(desk, signal(at=day(20)), at=20)
    (threat,) = desk.threats.values()
    assert arrests in threat.signals


def test_context_counts_in_every_open_threat_by_the_group_and_its_members_and_in_no_other() -> None:
    desk = watch(LINKS)
    take(desk, signal(target=LEADER), signal(target=RIVAL, aggressor=COUSIN), signal(aggressor=OTHERS, target=BROTHER))
    weapons = signal(Factor.CAPABILITY, origin="S7", target=UNKNOWN)
    counts = take(desk, weapons, at=1)[weapons.id]
    assert {desk.threats[i].aggressors[0] for i in counts} == {GANG, COUSIN}


def test_context_that_has_run_out_does_not_count_in_a_new_threat() -> None:
    desk = watch(LINKS)
    take(desk, signal(Factor.GRIEVANCE, origin="log", target=UNKNOWN))
    take(desk, signal(at=day(151)), at=151)
    (threat,) = desk.threats.values()
    assert len(threat.signals) == 1


@pytest.mark.parametrize("factor", [Factor.GRIEVANCE, Factor.CAPABILITY, Factor.BUFFER])
def test_context_and_promises_open_no_threat(factor: Factor) -> None:
    desk = watch()
    take(desk, signal(factor))
    assert not desk.threats


def test_a_promise_that_came_first_joins_when_the_threat_is_opened() -> None:
    desk = watch()
    promise = signal(Factor.BUFFER, spoken_by_aggressor=True, target=UNKNOWN)
    take(desk, promise)
    take(desk, signal(origin="S2"), at=1)
    (threat,) = desk.threats.values()
    assert promise in threat.signals
    assert not desk.standing


def test_a_name_nobody_knows_opens_nothing_and_waits() -> None:
    desk = watch()
    told = signal(aggressor=Party(PartyKind.NAME, "Kåre Bjørn"), target=UNKNOWN)
    assert take(desk, told)[told.id] == ()
    assert not desk.threats
    assert told.id in desk.standing


def test_a_name_that_is_resolved_later_joins_later_and_rings_then() -> None:
    desk = watch(LINKS)
    told = signal(aggressor=Party(PartyKind.NAME, "Kåre  Bjørn"), target=UNKNOWN)
    take(desk, told)
    desk.links = Links(names={"kare bjorn": COUSIN})
    received = desk.rejoin(day(1))
    (threat,) = desk.threats.values()
    assert threat.aggressors == (COUSIN,)
    assert [page.rules for page in of_kind(received.said, Paged)] == [("planned-reprisal",)]
    assert not desk.rejoin(day(2)).said


def test_a_word_about_tonight_opens_a_threat_even_when_nobody_in_it_can_be_found() -> None:
    desk = watch()
    received = desk.receive([signal(aggressor=UNKNOWN, target=UNKNOWN, grade=None, imminence_hours=4.0)], START)
    assert len(desk.threats) == 1
    assert len(of_kind(received.said, Paged)) == 1


def test_an_actor_is_the_one_the_registry_says_it_is() -> None:
    desk = watch(Links(canonical={"old id": "gang"}))
    take(desk, signal())
    take(desk, signal(aggressor=Party(PartyKind.GROUP, "old id"), origin="S2"), at=1)
    (threat,) = desk.threats.values()
    assert threat.aggressors == (GANG,)


def test_a_closed_threat_takes_nothing_more() -> None:
    told = story(
        [
            {"report": {"id": "A", "grading": "B2", "origin": "S1", "signals": [INTENT]}},
            {"at": "+1d", "close": {"by": "duty.leader", "reason": "resolved"}},
            {"at": "+2d", "report": {"id": "B", "grading": "B2", "origin": "S2", "signals": [INTENT]}},
        ]
    )
    assert told.threats == 2


FACTORS_WITH_TARGET = (Factor.INTENT, Factor.RECONNAISSANCE, Factor.TARGET_EXPOSURE)


@st.composite
def told(draw: st.DrawFn) -> Signal:
    factor = draw(st.sampled_from(list(Factor)))
    target = RIVAL if factor in FACTORS_WITH_TARGET else UNKNOWN
    return signal(factor, 0.7, "B2", f"S{draw(st.integers(1, 4))}", day(-draw(st.integers(0, 25))), target=target)


@given(st.lists(told(), min_size=1, max_size=8).flatmap(lambda s: st.tuples(st.just(s), st.permutations(s))))
def test_reports_in_any_order_end_in_one_threat_with_one_index(orders: tuple[list[Signal], list[Signal]]) -> None:
    ends = []
    for order in orders:
        desk = watch()
        for one in order:
            desk.receive([one], START)
        ends.append([(round(t.index, 9), {s.id for s in t.signals}) for t in desk.threats.values()])
    assert ends[0] == ends[1]


INTENT = {"factor": "INTENT", "strength": 0.9, "aggressor": "gang", "target": "rival"}
CONFLICT = {"conflict": {"between": ["gang", "rival"], "status": "war", "grading": "A1"}}


def test_a_war_between_the_two_counts_as_a_grievance_while_it_lasts() -> None:
    without = story(
        [
            {"report": {"id": "A", "grading": "B2", "origin": "S1", "signals": [INTENT]}},
        ]
    )
    steps = [
        CONFLICT,
        {"at": "+1d", "report": {"id": "A", "grading": "B2", "origin": "S1", "signals": [INTENT]}},
        {"at": "+30d", "conflict": {"between": ["rival", "gang"], "status": "peace", "grading": "A1"}},
    ]
    moments = [{"at": at, "threat_of": "A", "level": "LOW"} for at in ("+1d", "+29d", "+31d")]
    told = story(steps, expect=moments)
    at_war, still, at_peace = (told.probes[(day(d), "A")].index for d in (1, 29, 31))
    assert of_kind(without.said, Opened)
    assert at_war > 0.4
    assert at_peace < still / 2


def test_a_day_that_matters_counts_from_a_week_before_to_two_weeks_after() -> None:
    steps = [
        {"report": {"id": "A", "grading": "B2", "origin": "S1", "signals": [INTENT]}},
        {"at": "+1d", "calendar": {"kind": "FUNERAL", "on": "+20d", "parties": ["rival"]}},
    ]
    days = ["+12d23h", "+13d", "+34d", "+34d1h"]
    told = story(steps, expect=[{"at": at, "threat_of": "A", "level": "LOW"} for at in days])
    before, first, last, after = (told.probes[key].index for key in sorted(told.probes) if key[1] == "A")
    assert first > before * 1.5
    assert last > after * 1.5
