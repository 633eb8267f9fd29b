"""The relay carries every committed event, in order per key, whatever dies or is away."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from forkant_shared import outbox
from forkant_shared.bus import Message
from forkant_shared.bus.embedded import EmbeddedBus
from forkant_shared.clock import SystemClock
from forkant_shared.database import Database
from forkant_shared.errors import Unavailable
from forkant_shared.events.threat_watch import ReportReceived
from forkant_shared.relay import Relay
from tests.shared.support import dying
from tests.shared.support.rig import TOPIC, Rig, beat, rig_on


def _first_seen(values: Sequence[int]) -> list[int]:
    return list(dict.fromkeys(values))


class FlakyBus(EmbeddedBus):
    """Takes some messages, refuses others, takes some and says it did not: what a broker in trouble does."""

    def __init__(self, seed: int) -> None:
        super().__init__(":memory:")
        self._random = random.Random(seed)
        self.trouble = True

    async def publish(self, messages: Sequence[Message]) -> list[Exception | None]:
        if not self.trouble:
            return await super().publish(messages)
        outcomes: list[Exception | None] = []
        failed: set[str] = set()
        for message in messages:
            chance = self._random.random()
            if message.key in failed or chance < 0.3:
                failed.add(message.key)
                outcomes.append(Unavailable("away"))
                continue
            await asyncio.sleep(0)
            await super().publish([message])
            if chance < 0.5:
                failed.add(message.key)
            outcomes.append(Unavailable("no answer") if chance < 0.5 else None)
        return outcomes


async def test_events_reach_the_bus_in_order_per_key_and_are_marked(rig: Rig) -> None:
    await rig.tell(*(beat(sequence, key) for sequence in range(1, 6) for key in "abc"))
    assert await rig.relay.step() == 15
    assert await rig.relay.step() == 0
    records = await rig.records(TOPIC)
    assert len(records) == 15
    for key in "abc":
        told = [json.loads(record.value) for record in records if record.key == key]
        assert told == [beat(sequence, key).model_dump(mode="json") for sequence in range(1, 6)]


async def test_one_that_gathers_waits_for_company_and_takes_it_all_in_one_batch(rig: Rig) -> None:
    relay = Relay("threat-watch", rig.database, rig.bus, gather_seconds=0.2)
    await rig.tell(beat(1, "a"))
    sending = asyncio.create_task(relay.step())
    await asyncio.sleep(0.05)
    assert not sending.done()
    await rig.tell(beat(2, "a"))
    assert await sending == 2
    assert await relay.step() == 0, "nothing has woken it: it looks, and does not wait"


async def test_a_bus_in_trouble_delays_but_neither_loses_nor_reorders(kit_url: str) -> None:
    database, bus = Database(kit_url, clock=SystemClock()), FlakyBus(seed=7)
    await bus.start()
    rig = Rig(database, bus)
    await rig.tell(*(beat(sequence, key) for sequence in range(1, 9) for key in "abcd"))
    for _ in range(10):
        await rig.relay.step()
    bus.trouble = False
    await rig.settle()
    records = await rig.records(TOPIC)
    assert len(records) > 32, "trouble must have doubled some, else this proves nothing"
    for key in "abcd":
        assert await rig.applied(key) == list(range(1, 9))
    await bus.close()
    await database.close()


async def test_the_relay_waits_out_a_bus_that_is_away_and_goes_on_by_itself(kit_url: str) -> None:
    database, bus = Database(kit_url, clock=SystemClock()), EmbeddedBus(":memory:")
    rig = Rig(database, bus)
    await rig.tell(beat(1), beat(2))
    running = asyncio.create_task(rig.relay.run())
    await asyncio.sleep(0.2)
    assert not running.done()
    await bus.start()
    async with asyncio.timeout(5):
        while len(await rig.records(TOPIC)) < 2:
            await asyncio.sleep(0.05)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    await bus.close()
    await database.close()


async def test_the_relay_wakes_at_the_commit(rig: Rig) -> None:
    """Well before the next look, which is put off to never."""
    from forkant_shared import relay

    patch = pytest.MonkeyPatch()
    patch.setattr(relay, "POLL_SECONDS", 3600.0)
    running = asyncio.create_task(rig.relay.run())
    await asyncio.sleep(0.1)
    reader = await rig.bus.subscribe("test", [TOPIC])
    await rig.tell(beat(1))
    async with asyncio.timeout(5):
        while not await reader.fetch():
            pass
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    patch.undo()


async def test_those_who_hear_of_an_event_go_before_its_mark_and_the_next_event_does_not_wait(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("forkant_shared.relay.MARK_SECONDS", 60.0)
    await rig.relay.step()
    hearing = await rig.bus.subscribe("forkant.test", [TOPIC])
    await rig.tell(beat(1))
    rig.relay._wake.clear()  # as `run` does before it looks
    stepping = asyncio.create_task(rig.relay.step())
    assert await hearing.fetch(timeout=10)
    async with rig.database.read() as session:
        assert len(await outbox.unpublished(session, 10)) == 1
    await rig.tell(beat(2))
    assert await asyncio.wait_for(stepping, 10) == 1
    async with rig.database.read() as session:
        [(_, left, _)] = await outbox.unpublished(session, 10)
    assert left.aggregateversion == 2


async def test_an_event_no_broker_takes_is_set_aside_and_the_others_pass(rig: Rig) -> None:
    huge = ReportReceived(report_id="r", threat_ids=[f"{n:036}" for n in range(30_000)])
    async with rig.database.write() as session:
        await outbox.add(session, beat(1), version=1)
        await outbox.add(session, huge, version=1)
        await outbox.add(session, beat(2), version=2)
    await rig.relay.step()
    await rig.relay.step()
    assert [record.key for record in await rig.records(TOPIC)] == ["a", "a"]
    async with rig.database.read() as session:
        assert await outbox.refused_count(session) == 1
        assert await outbox.unpublished(session, 10) == []


@pytest.mark.parametrize("place", ["relay-published", "consumer-applied"])
async def test_a_process_killed_at_any_seam_doubles_at_most_and_loses_nothing(
    kit_url: str, tmp_path: Path, place: str
) -> None:
    bus_path = str(tmp_path / "bus.sqlite3")
    async with rig_on(kit_url, bus_path) as rig:
        await rig.tell(*(beat(sequence, key) for sequence in (1, 2, 3) for key in "ab"))
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, dying.__file__, kit_url, bus_path],
        env={**os.environ, "FORKANT_CRASH_AT": place},
        capture_output=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    async with rig_on(kit_url, bus_path) as rig:
        await rig.settle()
        assert len(await rig.records(TOPIC)) == (12 if place == "relay-published" else 6)
        for key in "ab":
            assert await rig.applied(key) == [1, 2, 3]
        if place == "consumer-applied":
            assert not rig.tries, "the dead process had applied them all; only the offsets were missing"


async def test_two_relays_of_one_database_keep_the_order_of_each_key(kit_url: str) -> None:
    """On PostgreSQL one works at a time; on SQLite both may send, and the first of each still comes in order."""
    bus = EmbeddedBus(":memory:")
    await bus.start()
    databases = [Database(kit_url, clock=SystemClock()) for _ in range(3)]
    relays = [Relay("threat-watch", database, bus) for database in databases[:2]]
    running = [asyncio.create_task(relay.run()) for relay in relays]

    async def tell(key: str) -> None:
        for sequence in range(1, 16):
            async with databases[2].write() as session:
                await outbox.add(session, beat(sequence, key), version=sequence)

    await asyncio.gather(*(tell(key) for key in "abcdef"))
    rig = Rig(databases[2], bus)
    async with asyncio.timeout(20):
        while await rig.relay.step() or await _left(databases[2]):
            await asyncio.sleep(0.02)
    for task in running:
        task.cancel()
    await asyncio.wait(running)
    records = await rig.records(TOPIC)
    for key in "abcdef":
        seen = [json.loads(record.value)["sequence"] for record in records if record.key == key]
        assert _first_seen(seen) == list(range(1, 16))
        if databases[0].url.get_backend_name() == "postgresql":
            assert seen == list(range(1, 16)), "two relays at work at once would double"
    await bus.close()
    for database in databases:
        await database.close()


async def _left(database: Database) -> int:
    async with database.read() as session:
        return len(await outbox.unpublished(session, 10))
