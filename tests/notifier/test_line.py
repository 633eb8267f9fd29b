"""A carrier that takes only so many at a time: LIFE first, then by due time, and nothing is lost in the line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from forkant_notifier.clients.board import RouteBoard
from forkant_notifier.clients.route import Answer, Outgoing
from forkant_notifier.commands.paging import free_leases
from forkant_notifier.domain.attempts import Attempt, Lease, Outcome
from forkant_notifier.domain.lanes import Channel, Lane
from forkant_notifier.domain.line import Line
from forkant_notifier.timers.sender import Sender
from forkant_shared.clock import SystemClock, new_id
from forkant_shared.testing import FixedClock
from tests.notifier.support.desk import escalation, settings_at, standing
from tests.notifier.support.people import MONDAY
from tests.notifier.support.routes import routed

HELD = Lease("lease", "1", MONDAY + timedelta(seconds=5))


def waiting(number: int, lane: Lane = Lane.LIFE, due: float = 0.0, lease: Lease = HELD) -> Attempt:
    at = MONDAY + timedelta(seconds=due)
    return Attempt(f"a{number}", "page", "7F3A", lane, Channel.SMS, "u", "+4700000001", at, lease=lease)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(list(Lane)), st.floats(-60, 0)), max_size=40),
    st.integers(2, 9),
    st.randoms(use_true_random=False),
)
def test_whoever_comes_when_life_goes_first_and_within_a_lane_the_oldest(
    comers: list[tuple[Lane, float]], at_once: int, chance: object
) -> None:
    line, away, gone = Line(at_once), [], []
    todo = [waiting(number, lane, due) for number, (lane, due) in enumerate(comers)]
    while todo or len(line):
        line.join([todo.pop() for _ in range(min(len(todo), chance.randint(0, 3)))])  # type: ignore[attr-defined]
        there = list(line._waiting.values())
        found = line.next(MONDAY)
        if found is None:
            assert not there or away, "with nobody away somebody goes"
            normal = sum(one.lane is Lane.NORMAL for one in away)
            life_waits = any(one.lane is Lane.LIFE for one in there)
            assert not there or len(away) == at_once or (normal >= max(1, at_once // 2) and not life_waits)
            if away:
                line.back(away.pop(chance.randrange(len(away))).lane)  # type: ignore[attr-defined]
            continue
        assert found == min(there, key=lambda one: (one.urgency, one.due_at, one.id))
        away.append(found)
        gone.append(found.id)
        assert len(away) <= at_once
    assert sorted(gone) == sorted(f"a{number}" for number in range(len(comers)))


def test_a_lease_that_ran_out_leaves_the_line_and_one_renewed_stays() -> None:
    line, later = Line(2), HELD.until + timedelta(seconds=5)
    line.join([waiting(1), waiting(2), waiting(3)])
    assert set(line.leases_before(HELD.until)) == {"a1", "a2", "a3"}
    line.renewed(["a2", "gone meanwhile"], later)
    assert set(line.leases_before(HELD.until)) == {"a1", "a3"}
    found = line.next(HELD.until)
    assert found is not None and found.id == "a2"
    assert line.next(HELD.until) is None and len(line) == 0


def test_one_that_joins_twice_goes_once() -> None:
    line = Line(2)
    line.join([waiting(1)])
    line.join([waiting(1, lease=replace(HELD, id="another"))])
    found = line.next(MONDAY)
    assert found is not None and found.lease is not None and found.lease.id == "another"
    assert line.next(MONDAY) is None


class Narrow:
    """Takes so many at a time and says no to any more, as real carriers do."""

    name, channels, gives_receipts = "narrow", frozenset(Channel), False

    def __init__(self, at_once: int, seconds: float) -> None:
        self.at_once, self.seconds = at_once, seconds
        self.here = self.most = self.refused = 0
        self.got: list[Outgoing] = []

    async def submit(self, batch: Sequence[Outgoing], *, timeout: timedelta) -> AsyncIterator[Answer]:
        for outgoing in batch:
            self.here += 1
            self.most = max(self.most, self.here)
            if self.here > self.at_once:
                self.refused += 1
            self.got.append(outgoing)
            await asyncio.sleep(self.seconds)
            self.here -= 1
            yield Answer(outgoing.reference, Outcome.SUBMITTED, provider_id=outgoing.reference)

    async def close(self) -> None:
        return


async def test_many_pages_go_through_a_narrow_carrier_in_order_under_leases_that_are_renewed(tmp_path: Path) -> None:
    """The line outlives a lease many times over, with the real sender and the sweep that frees what ran out."""
    carrier = Narrow(4, 0.08)
    async with standing(tmp_path, SystemClock(), routes=[carrier]) as desk:  # type: ignore[arg-type]
        board = desk.desk.routes
        desk.desk.routes = RouteBoard([carrier], board.rules, at_once={"narrow": 4})
        desk.desk.policy = replace(desk.desk.policy, lease=timedelta(seconds=0.8), timeout=timedelta(seconds=0.3))
        sender = asyncio.create_task(Sender(desk.parts).run())
        await asyncio.sleep(0.05)
        for number in range(40):
            lane = "NORMAL" if number % 2 else "LIFE"
            await desk.hear(escalation(lane=lane, threat_id=new_id()))
        for _ in range(400):
            await asyncio.sleep(0.02)
            await free_leases(desk.parts)
            rows = await desk.rows("select state, count(*) as n from attempts group by state")
            if {row["state"] for row in rows} == {"SUBMITTED"}:
                break
        sender.cancel()
        await asyncio.gather(sender, return_exceptions=True)
        assert {row["state"]: row["n"] for row in rows} == {"SUBMITTED": 20 * 3 + 20 * 2}
        assert (carrier.most, carrier.refused) == (4, 0)
        assert len({one.reference for one in carrier.got}) == len(carrier.got), "nobody is rung twice"
        lanes = [one.lane for one in carrier.got]
        # What was away when the first LIFE message came cannot be called back.
        assert set(lanes[4:60]) == {Lane.LIFE}


async def test_the_routes_file_says_how_many_a_carrier_takes_at_once(tmp_path: Path, clock: FixedClock) -> None:
    async with routed(tmp_path, clock, first={"at_once": 30}) as two:
        assert two.desk.desk.routes.at_once == {"first": 30}
        await two.desk.hear(escalation())
        await two.desk.send()
        assert len(two.first.got) == 1
    assert settings_at(tmp_path).routes_file is None
