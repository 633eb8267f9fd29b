"""The climb of a page: both lanes' timing, who is passed over, and that no page ever falls silent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forkant_notifier.domain.answers import Answer
from forkant_notifier.domain.climb import Cause, open_page, step_due
from forkant_notifier.domain.human import Human, accept, answer, close, record_action, say_working
from forkant_notifier.domain.lanes import Channel, Lane
from forkant_notifier.domain.page import CloseCause, Decision, EntryKind, Page, PageState
from forkant_notifier.domain.roster import Contact, Roster
from forkant_notifier.domain.watch import alarm, is_silent
from forkant_shared.errors import Conflict, Invalid, NotFound
from tests.notifier.support.people import (
    DEPUTY,
    LEADER,
    MONDAY,
    OFFICER,
    OPERATIONS,
    cause,
    contact,
    policy,
    roster,
)

POLICY = policy()


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def opened(asked: Cause, people: Roster | None = None) -> Decision:
    return open_page(asked, page_id="page", code="7F3A", policy=POLICY, roster=people or roster(), now=MONDAY)


def rung(decision: Decision) -> dict[str, set[Channel]]:
    found: dict[str, set[Channel]] = {}
    for ring in decision.rings:
        found.setdefault(ring.contact.user, set()).add(ring.channel)
    return found


def story(page: Page, until: float, people: Roster | None = None, since: int = 0) -> list[tuple[int, tuple[str, ...]]]:
    """What rings when, second by second, if nobody answers."""
    found = []
    for at in range(since + 1, int(until) + 1):
        decision = step_due(page, POLICY, people or roster(), MONDAY + seconds(at))
        if decision.rings:
            found.append((at, tuple(rung(decision))))
        page = decision.page
    return found


def test_life_rings_push_sms_and_call_at_once() -> None:
    assert rung(opened(cause())) == {"duty.officer": {Channel.PUSH, Channel.SMS, Channel.CALL}}


def test_life_climbs_in_seconds_and_then_rings_everyone_until_a_human_answers() -> None:
    everyone = ("duty.officer", "duty.deputy", "duty.leader", "operations")
    assert story(opened(cause()).page, 560) == [
        (45, ("duty.officer",)),
        (90, ("duty.deputy",)),
        (180, ("duty.leader",)),
        (300, everyone),
        (420, everyone),
        (540, everyone),
    ]


def test_normal_climbs_in_minutes_and_becomes_life_at_forty() -> None:
    first = opened(cause(Lane.NORMAL))
    assert rung(first) == {"duty.officer": {Channel.SMS, Channel.PUSH}}
    assert story(first.page, 2500) == [
        (600, ("duty.deputy",)),
        (1200, ("duty.leader",)),
        (1800, ("duty.officer", "duty.deputy", "duty.leader")),
        (2400, ("duty.officer",)),
        (2445, ("duty.officer",)),
        (2490, ("duty.deputy",)),
    ]
    page = step_due(first.page, POLICY, roster(), MONDAY + seconds(2400)).page
    assert page.lane is Lane.LIFE


def test_the_leader_is_rung_beside_the_first_tier_when_the_escalation_asks_for_it() -> None:
    assert set(rung(opened(cause(leader=True)))) == {"duty.officer", "duty.leader"}


def test_an_empty_tier_is_skipped_at_once() -> None:
    decision = opened(cause(), roster(officer=False))
    assert set(rung(decision)) == {"duty.deputy"}
    assert [entry.kind for entry in decision.entries] == [
        EntryKind.OPENED,
        EntryKind.TIER_SKIPPED,
        EntryKind.TIER_SKIPPED,
        EntryKind.RANG,
    ]
    assert decision.page.next_step_at == MONDAY + seconds(90), "tier 3 keeps its distance to tier 2"


def test_with_nobody_on_duty_the_operations_centre_is_rung_at_once() -> None:
    nobody = roster(officer=False, deputy=False, leader=False)
    assert set(rung(opened(cause(), nobody))) == {"operations"}
    assert set(rung(opened(cause(Lane.NORMAL), nobody))) == {"operations"}


@pytest.mark.parametrize("target", [OFFICER, DEPUTY, LEADER])
@pytest.mark.parametrize("lane", list(Lane))
def test_the_one_a_threat_is_aimed_at_is_passed_over_at_every_tier(target: Contact, lane: Lane) -> None:
    assert target.actor_id
    decision = opened(cause(lane, excluded=frozenset({target.actor_id}), leader=True))
    users = set(rung(decision)) | {user for _, users in story(decision.page, 3600) for user in users}
    assert users == {"duty.officer", "duty.deputy", "duty.leader", "operations"} - {target.user}


def test_a_target_on_the_floor_is_passed_over_and_the_line_of_the_centre_still_rings() -> None:
    officer_of_the_centre = contact("operations.person", 8, "00000000-0000-7000-8000-0000000000a8")
    people = Roster({}, floor=(officer_of_the_centre, OPERATIONS))
    aimed_at_her = cause(excluded=frozenset({officer_of_the_centre.actor_id or ""}))
    assert set(rung(opened(aimed_at_her, people))) == {"operations"}


def test_a_floor_without_a_line_is_refused() -> None:
    with pytest.raises(Invalid, match="operations centre"):
        Roster({1: (OFFICER,)}, floor=())
    with pytest.raises(Invalid, match="operations centre"):
        Roster({}, floor=(OFFICER,))


def test_after_a_pause_of_ours_the_missed_tiers_are_rung_together_once() -> None:
    page = opened(cause()).page
    late = step_due(page, POLICY, roster(), MONDAY + seconds(200))
    assert rung(late) == {
        user: {Channel.PUSH, Channel.SMS, Channel.CALL} for user in ("duty.officer", "duty.deputy", "duty.leader")
    }
    assert late.page.next_step_at == MONDAY + seconds(300)
    days = step_due(page, POLICY, roster(), MONDAY + timedelta(days=3))
    assert days.page.next_step_at is not None
    assert seconds(0) < days.page.next_step_at - (MONDAY + timedelta(days=3)) <= seconds(120)


def test_an_acceptance_stops_the_clock_and_says_so_to_the_others() -> None:
    accepted = accept(opened(cause(Lane.NORMAL)).page, Human("duty.officer"), POLICY, roster(), MONDAY + seconds(30))
    assert accepted.page.state is PageState.ACCEPTED
    assert [event.TYPE for event in accepted.events] == ["no.forkant.notifier.page-accepted.v1"]
    assert story(accepted.page, 3000) == []


def test_an_accepted_life_page_without_any_action_in_ten_minutes_rings_again() -> None:
    accepted = accept(opened(cause()).page, Human("duty.officer"), POLICY, roster(), MONDAY)
    assert story(accepted.page, 650) == [(600, ("duty.officer",)), (645, ("duty.officer",))]
    again = step_due(accepted.page, POLICY, roster(), MONDAY + seconds(600))
    assert again.page.state is PageState.OPEN
    assert again.page.accepted_by is None


def test_working_on_the_case_gives_thirty_minutes() -> None:
    accepted = accept(opened(cause()).page, Human("duty.officer"), POLICY, roster(), MONDAY)
    working = say_working(accepted.page, Human("duty.officer"), POLICY, roster(), MONDAY + seconds(500))
    assert [at for at, _ in story(working.page, 2400, since=500)] == [2300, 2345, 2390]


def test_working_on_an_open_page_accepts_it() -> None:
    working = say_working(opened(cause()).page, Human("duty.officer"), POLICY, roster(), MONDAY)
    assert working.page.accepted_by == "duty.officer"
    assert [entry.kind for entry in working.entries] == [EntryKind.ACCEPTED, EntryKind.WORKING]


@pytest.mark.parametrize("kind", [EntryKind.NOTE, EntryKind.CALL])
def test_a_note_or_a_call_is_an_action(kind: EntryKind) -> None:
    accepted = accept(opened(cause()).page, Human("duty.officer"), POLICY, roster(), MONDAY)
    acted = record_action(accepted.page, kind, Human("duty.officer"), MONDAY + seconds(60))
    assert story(acted.page, 3000) == []


def test_standby_is_noted_and_the_tiers_go_on() -> None:
    page = opened(cause()).page
    seen = answer(page, Answer.STANDBY, Human("duty.officer"), policy=POLICY, roster=roster(), now=MONDAY)
    assert seen.page == page
    assert [entry.kind for entry in seen.entries] == [EntryKind.STANDBY]


def test_cannot_climbs_at_once_and_a_second_one_does_not_climb_over_the_next() -> None:
    page = opened(cause()).page
    first = answer(page, Answer.CANNOT, Human("duty.officer"), policy=POLICY, roster=roster(), now=MONDAY)
    assert set(rung(first)) == {"duty.deputy"}
    again = answer(first.page, Answer.CANNOT, Human("duty.officer"), policy=POLICY, roster=roster(), now=MONDAY)
    assert not again.rings
    deputy = answer(again.page, Answer.CANNOT, Human("duty.deputy"), policy=POLICY, roster=roster(), now=MONDAY)
    assert set(rung(deputy)) == {"duty.leader"}


def test_cannot_from_the_one_who_accepted_opens_the_page_again() -> None:
    accepted = accept(opened(cause()).page, Human("duty.officer"), POLICY, roster(), MONDAY)
    back = answer(accepted.page, Answer.CANNOT, Human("duty.officer"), policy=POLICY, roster=roster(), now=MONDAY)
    assert back.page.state is PageState.OPEN
    assert set(rung(back)) == {"duty.deputy"}
    other = answer(accepted.page, Answer.CANNOT, Human("duty.deputy"), policy=POLICY, roster=roster(), now=MONDAY)
    assert other.page.state is PageState.ACCEPTED


def test_a_second_acceptance_never_takes_the_page_from_the_first() -> None:
    accepted = accept(opened(cause()).page, Human("duty.officer"), POLICY, roster(), MONDAY)
    also = accept(accepted.page, Human("duty.leader"), POLICY, roster(), MONDAY)
    assert also.page.accepted_by == "duty.officer"
    assert not also.events


def test_the_target_is_told_that_there_is_no_such_page() -> None:
    target = Human("duty.deputy", DEPUTY.actor_id)
    page = opened(cause(excluded=frozenset({DEPUTY.actor_id or ""}))).page
    for given_answer in Answer:
        with pytest.raises(NotFound):
            answer(page, given_answer, target, policy=POLICY, roster=roster(), now=MONDAY)
    for act in (
        lambda: say_working(page, target, POLICY, roster(), MONDAY),
        lambda: record_action(page, EntryKind.NOTE, target, MONDAY),
        lambda: close(page, CloseCause.HANDLED, MONDAY, by=target),
    ):
        with pytest.raises(NotFound):
            act()


def test_a_closed_page_is_not_answered_and_rings_no_more() -> None:
    closed = close(opened(cause()).page, CloseCause.THREAT_CLOSED, MONDAY)
    assert story(closed.page, 600) == []
    assert close(closed.page, CloseCause.HANDLED, MONDAY).events == ()
    with pytest.raises(Conflict):
        answer(closed.page, Answer.ACCEPT, Human("duty.officer"), policy=POLICY, roster=roster(), now=MONDAY)


def test_a_silent_watch_rings_the_operations_centre_and_then_climbs() -> None:
    assert not is_silent(MONDAY, MONDAY + seconds(30), POLICY.silent_after)
    assert is_silent(MONDAY, MONDAY + seconds(30.1), POLICY.silent_after)
    decision = opened(alarm())
    assert set(rung(decision)) == {"operations"}
    assert decision.page.lane is Lane.LIFE
    assert story(decision.page, 100) == [(45, ("operations",)), (90, ("duty.deputy",))]


Move = st.one_of(
    st.tuples(st.just("wait"), st.integers(0, 4000)),
    st.tuples(st.just("answer"), st.sampled_from(Answer), st.sampled_from([OFFICER, DEPUTY, LEADER, OPERATIONS])),
    st.tuples(st.just("work"), st.sampled_from([OFFICER, DEPUTY])),
    st.tuples(st.just("rota"), st.tuples(st.booleans(), st.booleans(), st.booleans())),
)


@settings(max_examples=200, deadline=None)
@given(lane=st.sampled_from(Lane), on=st.tuples(*[st.booleans()] * 3), moves=st.lists(Move, max_size=12))
def test_no_page_is_ever_open_without_a_next_step_and_every_ring_reaches_somebody(
    lane: Lane, on: tuple[bool, bool, bool], moves: list[tuple[object, ...]]
) -> None:
    people = roster(officer=on[0], deputy=on[1], leader=on[2])
    decision = open_page(cause(lane), page_id="p", code="0000", policy=POLICY, roster=people, now=MONDAY)
    assert decision.rings, "a page that opens rings somebody, whoever is on duty"
    page, now = decision.page, MONDAY
    for move in moves:
        before = page
        match move:
            case ("wait", int(time)):
                now += seconds(time)
                page = step_due(page, POLICY, people, now).page
            case ("answer", Answer() as given_answer, Contact() as who):
                page = answer(page, given_answer, Human(who.user), policy=POLICY, roster=people, now=now).page
            case ("work", Contact() as who):
                page = say_working(page, Human(who.user), POLICY, roster(), now).page
            case ("rota", tuple((a, b, c))):
                people = roster(officer=bool(a), deputy=bool(b), leader=bool(c))
        if page.state is PageState.OPEN:
            assert page.next_step_at is not None
            assert page.next_step_at > now or page == before
            assert page.next_step_at - now <= timedelta(minutes=40)
            late = step_due(page, POLICY, people, page.next_step_at + timedelta(hours=2))
            assert late.rings, "left alone for two hours an open page has rung somebody"
