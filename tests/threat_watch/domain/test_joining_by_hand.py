"""A person links, unlinks, merges and splits; everything can be undone."""

from __future__ import annotations

import pytest

from forkant_shared.errors import Conflict, Invalid, NotFound
from forkant_threat_watch.domain import hand, life
from forkant_threat_watch.domain.outcomes import Closed, Opened, Paged, ReviewAsked
from forkant_threat_watch.domain.signals import Signal
from forkant_threat_watch.domain.watch import Watch
from forkant_threat_watch.domain.words import UNKNOWN, Factor, Level, Party, PartyKind, State
from tests.threat_watch.support.building import GANG, RIVAL, START, day, of_kind, signal, watch

LEADER = Party(PartyKind.PERSON, "leader")
UNCLEAR = signal(Factor.RECONNAISSANCE, 0.8, "B2", "P1", aggressor=GANG, target=UNKNOWN)


@pytest.fixture
def desk() -> Watch:
    """One gang and two targets: two threats, and a signal that could belong to either."""
    desk = watch()
    desk.receive([signal(target=RIVAL), signal(target=LEADER, origin="S2"), UNCLEAR], START)
    return desk


def ids(desk: Watch) -> tuple[str, str]:
    one, other = desk.threats
    return one, other


def indices(desk: Watch) -> dict[str, float]:
    return {threat.id: round(threat.index, 12) for threat in desk.threats.values()}


def test_a_suggestion_that_is_linked_counts_here_and_is_gone_elsewhere(desk: Watch) -> None:
    one, other = ids(desk)
    before = indices(desk)
    said = hand.link(desk, one, UNCLEAR, day(1))
    assert desk.threats[one].index > before[one]
    assert desk.threats[one].level is Level.HIGH
    assert [page.rules for page in of_kind(said, Paged)] == [("level-high",)]
    for threat_id in (one, other):
        assert desk.threats[threat_id].suggested == ()
        assert all(review.cause != "choose-threat" for review in desk.threats[threat_id].reviews)
    with pytest.raises(Conflict):
        hand.link(desk, one, UNCLEAR, day(1))


def test_a_suggestion_can_be_dismissed_from_one_threat_and_stay_with_the_other(desk: Watch) -> None:
    one, other = ids(desk)
    hand.dismiss(desk, one, UNCLEAR.id, START)
    assert desk.threats[one].suggested == ()
    assert desk.threats[other].suggested == (UNCLEAR,)
    with pytest.raises(NotFound):
        hand.dismiss(desk, one, UNCLEAR.id, START)


def test_unlinking_lowers_the_index_and_not_the_level_and_linking_undoes_it(desk: Watch) -> None:
    one, _ = ids(desk)
    start = indices(desk)[one]
    hand.link(desk, one, UNCLEAR, START)
    linked = indices(desk)[one]
    hand.unlink(desk, one, [UNCLEAR.id], START)
    assert indices(desk)[one] == start
    assert desk.threats[one].level is Level.HIGH
    hand.link(desk, one, UNCLEAR, START)
    assert indices(desk)[one] == linked
    with pytest.raises(NotFound):
        hand.unlink(desk, one, ["nothing"], START)


def test_merging_counts_everything_in_one_and_unmerging_gives_back_what_was(desk: Watch) -> None:
    one, other = ids(desk)
    hand.dismiss(desk, one, UNCLEAR.id, START)
    hand.dismiss(desk, other, UNCLEAR.id, START)
    arrests = signal(Factor.GRIEVANCE, 0.9, "A1", "log", target=UNKNOWN)
    desk.receive([arrests], START)
    before = indices(desk)
    said = hand.merge(desk, one, other, "analyst", START)
    assert isinstance(of_kind(said, Closed)[0], Closed)
    assert desk.threats[one].state is State.MERGED
    assert desk.threats[other].index > before[other]
    assert set(desk.threats[other].targets) == {RIVAL, LEADER}
    hand.unmerge(desk, one, other, START)
    assert indices(desk) == before
    assert desk.threats[other].targets == (LEADER,)
    assert arrests in desk.threats[one].signals
    assert arrests in desk.threats[other].signals


def test_what_is_merged_never_stands_lower_than_either_did(desk: Watch) -> None:
    one, other = ids(desk)
    life.decide(desk, one, Level.CRITICAL, "duty.leader", "seen it", day(9), START)
    said = hand.merge(desk, one, other, "analyst", START)
    assert desk.threats[other].level is Level.CRITICAL
    assert of_kind(said, Paged)
    with pytest.raises(Conflict):
        hand.merge(desk, one, other, "analyst", START)
    with pytest.raises(Invalid):
        hand.merge(desk, other, other, "analyst", START)


def test_splitting_makes_a_threat_of_its_own_with_the_groups_context_and_merging_undoes_it() -> None:
    desk = watch()
    arrests = signal(Factor.GRIEVANCE, 0.9, "A1", "log", target=UNKNOWN)
    first, second = signal(target=UNKNOWN), signal(Factor.INTENT, 0.9, "B2", "S2", target=LEADER)
    desk.receive([arrests, first, second], START)
    (whole,) = desk.threats
    before = indices(desk)[whole]
    said = hand.split(desk, whole, [second.id], START)
    (opened,) = of_kind(said, Opened)
    fresh = desk.threats[opened.threat]
    assert set(fresh.signals) == {arrests, second}
    assert fresh.targets == (LEADER,)
    assert desk.threats[whole].targets == ()
    hand.merge(desk, fresh.id, whole, "analyst", START)
    assert indices(desk)[whole] == before
    with pytest.raises(Invalid):
        hand.split(desk, whole, [first.id, second.id], START)


def test_a_signal_after_a_split_finds_the_threat_it_belongs_to() -> None:
    desk = watch()
    desk.receive([signal(target=UNKNOWN), second := signal(origin="S2", target=LEADER)], START)
    (whole,) = desk.threats
    (opened,) = of_kind(hand.split(desk, whole, [second.id], START), Opened)
    later = signal(origin="S3", target=LEADER, aggressor=UNKNOWN)
    assert desk.receive([later], day(1)).counts[later.id] == (opened.threat,)


def test_a_report_destroyed_by_its_clock_takes_its_signals_along_and_a_person_is_asked(desk: Watch) -> None:
    one, _ = ids(desk)
    hand.link(desk, one, UNCLEAR, START)
    level = desk.threats[one].level
    said = hand.forget(desk, one, UNCLEAR.report, day(1))
    assert of_kind(said, ReviewAsked)[0].cause == "report-destroyed"
    assert UNCLEAR not in desk.threats[one].signals
    assert desk.threats[one].level is level


def test_nothing_is_joined_by_hand_to_a_closed_threat(desk: Watch) -> None:
    one, _ = ids(desk)
    life.close(desk, one, "duty.leader", "resolved", START)
    told: Signal = signal(origin="S9")
    for act in (
        lambda: hand.link(desk, one, told, START),
        lambda: hand.unlink(desk, one, [told.id], START),
        lambda: hand.split(desk, one, [told.id], START),
    ):
        with pytest.raises(Conflict):
            act()
