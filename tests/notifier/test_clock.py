"""The machine's clock jumps: nothing that was written before falls silent, and a person can read what happened."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forkant_notifier.commands.paging import lease_due
from forkant_notifier.commands.watching import check_silence
from forkant_notifier.domain import route_health
from forkant_notifier.domain.climb import open_page, step_due
from forkant_notifier.domain.human import Human, accept, say_working
from forkant_notifier.domain.lanes import Lane
from forkant_notifier.domain.page import EntryKind, PageState
from forkant_notifier.settings import route_rules_document
from forkant_notifier.timers import sweep
from forkant_shared.events.threat_watch import WatchHeartbeat
from tests.notifier.support.desk import TestDesk, escalation
from tests.notifier.support.people import MONDAY, cause, policy, roster

POLICY = policy()
BACK = timedelta(hours=1)


def beat(desk: TestDesk, sequence: int) -> WatchHeartbeat:
    return WatchHeartbeat(watch_id="threat-watch", sequence=sequence, beat_at=desk.clock.now())


@settings(max_examples=150, deadline=None)
@given(
    lane=st.sampled_from(list(Lane)),
    waits=st.lists(st.integers(1, 700), max_size=8),
    act=st.sampled_from(["nothing", "accept", "working"]),
    jump=st.integers(-86_400 * 30, 86_400 * 30),
)
def test_wherever_the_clock_jumps_a_page_rings_within_its_own_longest_wait(
    lane: Lane, waits: list[int], act: str, jump: int
) -> None:
    page, now = (
        open_page(cause(lane), page_id="p", code="7F3A", policy=POLICY, roster=roster(), now=MONDAY).page,
        MONDAY,
    )
    for wait in waits:
        now += timedelta(seconds=wait)
        page = step_due(page, POLICY, roster(), now).page
    if act != "nothing":
        done = accept if act == "accept" else say_working
        page = done(page, Human("duty.officer"), POLICY, roster(), now).page
    now += timedelta(seconds=jump)
    page = step_due(page, POLICY, roster(), now).page
    if page.next_step_at is not None:
        # 30 minutes for "jobber med saken"; 10 between two steps of NORMAL; 5 seconds that clocks may differ.
        assert page.next_step_at - now <= timedelta(seconds=1805)
    for second in range(1, 1806, 5):
        later = now + timedelta(seconds=second)
        decision = step_due(page, POLICY, roster(), later)
        if decision.rings:
            return
        page = decision.page
    assert page.state is PageState.ACCEPTED and page.next_step_at is None, "it never rang again"


def test_without_a_jump_no_page_is_said_to_have_had_one() -> None:
    page = open_page(cause(Lane.NORMAL), page_id="p", code="7F3A", policy=POLICY, roster=roster(), now=MONDAY).page
    kinds = set()
    for second in range(1, 4000):
        decision = step_due(page, POLICY, roster(), MONDAY + timedelta(seconds=second))
        kinds |= {entry.kind for entry in decision.entries}
        page = decision.page
    assert EntryKind.RANG in kinds and EntryKind.CLOCK_SET_BACK not in kinds


async def test_a_clock_set_back_an_hour_rings_at_once_and_the_timeline_says_why(desk: TestDesk) -> None:
    await desk.opened()
    await desk.wait(60)
    before = len(await desk.messages())
    desk.clock.advance(-BACK)
    await sweep(desk.parts)
    await desk.send()
    assert len(await desk.messages()) > before
    (page,) = await desk.pages()
    shown = await desk.get(f"/notifier/v1/pages/{page['id']}")
    assert "CLOCK_SET_BACK" in [line["kind"] for line in shown["timeline"]]
    await desk.wait(120)
    assert len({m["to"] for m in await desk.messages()}) >= 2, "and it goes on to climb"


async def test_attempts_leased_or_due_when_the_clock_was_set_back_leave_at_once(desk: TestDesk) -> None:
    await desk.hear(escalation())
    desk.desk.mailbox.take(Lane.LIFE, 10)  # as if the process had died with them
    desk.clock.advance(-BACK)
    await sweep(desk.parts)
    first = "select state from attempts order by id limit 3"
    assert [row["state"] for row in await desk.rows(first)] == ["DUE"] * 3
    assert len(await lease_due(desk.parts, limit=10)) == 3
    desk.clock.advance(-BACK)
    await sweep(desk.parts)
    await desk.send()
    assert [row["state"] for row in await desk.rows(first)] == ["DELIVERED"] * 3


async def test_a_clock_set_forward_rings_what_was_missed_once_and_doubles_no_page(desk: TestDesk) -> None:
    await desk.opened()
    desk.clock.advance(timedelta(days=1))
    await sweep(desk.parts)
    await desk.send()
    messages = await desk.messages()
    assert len(messages) <= 3 + 4 * 3, "everyone once more, not once for each two minutes of a day"
    assert len(await desk.pages()) == 1


@pytest.mark.parametrize("jump", [-BACK, -timedelta(days=3)])
async def test_a_watch_that_falls_silent_after_the_clock_was_set_back_is_noticed(
    desk: TestDesk, jump: timedelta
) -> None:
    await desk.hear(beat(desk, 1))
    desk.clock.advance(jump)
    assert not await check_silence(desk.parts), "nobody has been silent yet"
    desk.clock.advance(timedelta(seconds=31))
    assert await check_silence(desk.parts)


async def test_heartbeats_count_again_at_once_after_the_clock_was_set_back(desk: TestDesk) -> None:
    await desk.hear(beat(desk, 1))
    desk.clock.advance(-BACK)
    for sequence in range(2, 20):
        await check_silence(desk.parts)
        await desk.hear(beat(desk, sequence))
        desk.clock.advance(timedelta(seconds=5))
        assert not await check_silence(desk.parts)


def test_a_route_tried_in_a_time_that_has_not_come_is_tried_again() -> None:
    rules = route_health.read_rules(route_rules_document())
    tried = route_health.Standing("one", tested_at=MONDAY + BACK)
    assert route_health.test_due(tried, rules, MONDAY)
    assert not route_health.test_due(tried, rules, MONDAY + BACK + timedelta(seconds=1))
