"""Killed at every state of an attempt: a lease that runs out is due again, and no page is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from forkant_notifier.clients.route import Answer, Outgoing
from forkant_notifier.commands.desk import NotifierParts
from forkant_notifier.commands.paging import free_leases, free_own_leases, lease_due
from forkant_notifier.commands.sending import Result, settle
from forkant_notifier.domain.attempts import Outcome
from forkant_notifier.domain.lanes import Channel, Lane
from forkant_notifier.timers import sender as sender_module
from forkant_notifier.timers import sweep
from forkant_notifier.timers.sender import NORMAL_AT_ONCE, Sender
from forkant_shared.errors import Unavailable
from forkant_shared.testing import FixedClock
from tests.notifier.support.desk import TestDesk, escalation, standing


class Carrier:
    """A carrier that keeps what it got and answers as it is told."""

    channels = frozenset(Channel)
    gives_receipts = False

    def __init__(self, name: str, outcome: Outcome = Outcome.SUBMITTED) -> None:
        self.name = name
        self.outcome = outcome
        self.got: list[Outgoing] = []

    async def submit(self, batch: Sequence[Outgoing], *, timeout: timedelta) -> AsyncIterator[Answer]:
        self.got += batch
        for outgoing in batch:
            yield Answer(outgoing.reference, self.outcome, provider_id=outgoing.reference)

    async def close(self) -> None:
        return


async def states(desk: TestDesk) -> list[str]:
    return [row["state"] for row in await desk.rows("select state from attempts order by id")]


async def test_killed_between_commit_and_sender_the_attempts_are_due_when_their_lease_runs_out(desk: TestDesk) -> None:
    await desk.hear(escalation())
    desk.desk.mailbox.take(Lane.LIFE, 100)  # the process died: what was handed over is gone
    assert await states(desk) == ["LEASED"] * 3
    desk.clock.advance(timedelta(seconds=4.9))
    assert await free_leases(desk.parts) == 0
    desk.clock.advance(timedelta(seconds=0.1))
    assert await free_leases(desk.parts) == 3
    assert await states(desk) == ["DUE"] * 3
    await desk.send()
    assert len(await desk.messages()) == 3


async def test_killed_with_a_lease_from_the_database_they_are_due_again(desk: TestDesk) -> None:
    await desk.hear(escalation())
    desk.desk.mailbox.take(Lane.LIFE, 100)
    desk.clock.advance(timedelta(seconds=5))
    await free_leases(desk.parts)
    taken = await lease_due(desk.parts, limit=2)
    assert len(taken) == 2
    assert await lease_due(desk.parts, limit=10) != taken, "what is leased is nobody else's"
    desk.clock.advance(timedelta(seconds=5))
    await sweep(desk.parts)
    await desk.send()
    assert len(await desk.messages()) == 3


async def test_an_instance_that_comes_back_does_not_wait_for_its_own_old_leases(desk: TestDesk) -> None:
    await desk.hear(escalation())
    desk.desk.mailbox.take(Lane.LIFE, 100)
    assert await free_own_leases(desk.parts) == 3
    await desk.send()
    assert len(await desk.messages()) == 3


async def test_killed_after_the_carrier_took_it_a_second_copy_leaves_with_the_same_code(
    tmp_path: Path, clock: FixedClock
) -> None:
    carrier = Carrier("one")
    async with standing(tmp_path, clock, routes=[carrier]) as desk:
        await desk.hear(escalation())
        sender = Sender(desk.parts)
        await sender._step()
        while len(carrier.got) < 3:
            await asyncio.sleep(0)
        del sender  # the answers were never stored
        clock.advance(timedelta(seconds=5))
        await sweep(desk.parts)
        await desk.send()
        assert len({outgoing.body for outgoing in carrier.got}) == 1
        assert len(carrier.got) == 6
        assert await states(desk) == ["SUBMITTED"] * 3


async def test_a_late_answer_under_a_lost_lease_changes_nothing(desk: TestDesk) -> None:
    await desk.hear(escalation())
    (first, *_) = desk.desk.mailbox.take(Lane.LIFE, 100)
    desk.clock.advance(timedelta(seconds=5))
    await free_leases(desk.parts)
    await desk.send()
    late = Answer(first.id, Outcome.SUBMITTED, provider_id="late")
    await settle(desk.parts, [Result(first, "sandbox", late, desk.clock.now())])
    assert await states(desk) == ["DELIVERED"] * 3
    assert await desk.rows("select 1 from attempts where provider_id = 'late'") == []


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.SILENT])
async def test_a_late_failure_under_a_lost_lease_makes_no_further_try(
    tmp_path: Path, clock: FixedClock, outcome: Outcome
) -> None:
    """Else every answer that comes too late would double what there is to send, until nothing gets through."""
    slow, good = Carrier("slow", outcome), Carrier("good")
    async with standing(tmp_path, clock, routes=[slow, good]) as desk:
        await desk.hear(escalation())
        handed = desk.desk.mailbox.take(Lane.LIFE, 100)
        for _ in range(6):
            clock.advance(timedelta(seconds=5))
            await free_leases(desk.parts)
            again = await lease_due(desk.parts, limit=10)
            late = [Result(one, "slow", Answer(one.id, outcome), clock.now()) for one in handed]
            await settle(desk.parts, late)
            assert await states(desk) == ["LEASED"] * 3, "nothing new, and what is on its way stays so"
            handed = again
        await settle(desk.parts, [Result(one, "slow", Answer(one.id, outcome), clock.now()) for one in handed])
        assert len(await states(desk)) == 6, "the failure of whoever holds it does have a further try"


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.SILENT])
async def test_what_one_route_fails_the_other_takes_at_once_with_the_same_code(
    tmp_path: Path, clock: FixedClock, outcome: Outcome
) -> None:
    bad, good = Carrier("bad", outcome), Carrier("good")
    async with standing(tmp_path, clock, routes=[bad, good]) as desk:
        await desk.hear(escalation())
        await desk.send()
        assert len(bad.got) == len(good.got) == 3
        assert {o.body for o in bad.got} == {o.body for o in good.got}
        (page,) = await desk.pages()
        assert sorted(a["state"] for a in page["attempts"]).count("SUBMITTED") == 3
        # Three failures in half a minute: the good one is asked first now.
        await desk.hear(escalation())
        await desk.send()
        assert len(bad.got) == 3
        assert len(good.got) == 6


async def test_a_channel_nobody_carries_is_said_to_have_failed_and_the_others_ring(
    tmp_path: Path, clock: FixedClock
) -> None:
    sms = Carrier("sms")
    sms.channels = frozenset({Channel.SMS})
    async with standing(tmp_path, clock, routes=[sms]) as desk:
        await desk.hear(escalation())
        await desk.send()
        (page,) = await desk.pages()
        by_channel = {a["channel"]: (a["state"], a["submitted_at"]) for a in page["attempts"]}
        assert by_channel["PUSH"] == by_channel["CALL"] == ("FAILED", None)
        assert by_channel["SMS"][0] == "SUBMITTED"
        assert len(page["attempts"]) == 3


async def test_nothing_in_the_normal_lane_holds_back_life(tmp_path: Path, clock: FixedClock) -> None:
    """The NORMAL lane is as full as it can be and its carrier hangs; LIFE leaves all the same."""
    hang = asyncio.Event()

    class Hanging(Carrier):
        async def submit(self, batch: Sequence[Outgoing], *, timeout: timedelta) -> AsyncIterator[Answer]:
            self.got += batch
            if batch[0].lane == "NORMAL":
                await hang.wait()
            for outgoing in batch:
                yield Answer(outgoing.reference, Outcome.SUBMITTED, provider_id=outgoing.reference)

    carrier = Hanging("only")
    async with standing(tmp_path, clock, routes=[carrier]) as desk:
        sender = Sender(desk.parts)
        working = asyncio.create_task(sender.run())
        for _ in range(NORMAL_AT_ONCE + 3):
            await desk.hear(escalation(lane="NORMAL", threat_id="00000000-0000-7000-8000-00000000000f"))
            await asyncio.sleep(0.01)
        await desk.hear(escalation(lane="LIFE"))
        for _ in range(200):
            if sum(o.lane == "LIFE" for o in carrier.got) == 3:
                break
            await asyncio.sleep(0.01)
        assert sum(o.lane == "LIFE" for o in carrier.got) == 3
        assert sum(o.lane == "NORMAL" for o in carrier.got) < (NORMAL_AT_ONCE + 3) * 2
        hang.set()
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


async def test_results_wait_for_a_database_that_is_away(desk: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = sender_module.settle, 0

    async def away_once(parts: NotifierParts, results: Sequence[Result]) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise Unavailable("away")
        await real(parts, results)

    monkeypatch.setattr(sender_module, "settle", away_once)
    await desk.hear(escalation())
    sender = Sender(desk.parts)
    with pytest.raises(Unavailable):
        await sender.drain()
    await sender.drain()
    assert await states(desk) == ["DELIVERED"] * 3
