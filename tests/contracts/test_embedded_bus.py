"""The embedded bus keeps the contract, and what only a file can promise."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from forkant_shared.bus import Bus, Message
from forkant_shared.bus.embedded import EmbeddedBus
from forkant_shared.errors import Unavailable
from forkant_shared.testing import FixedClock
from tests.contracts.bus_contract import BusContract, Opener, after, message, publish, receive, values

_PUBLISHES_FOR_EVER = """
import asyncio, sys
from forkant_shared.bus import Message
from forkant_shared.bus.embedded import EmbeddedBus

async def main():
    bus = EmbeddedBus(sys.argv[1])
    await bus.start()
    reader = await bus.subscribe("forkant.readers", ["forkant.test"])
    for n in range(1_000_000):
        assert await bus.publish([Message("forkant.test", f"key-{n % 5}", str(n).encode())]) == [None]
        print(n, flush=True)
        if n == 20:
            records = []
            while len(records) < 21:
                records += await reader.fetch()
            await reader.commit({record.place: record.offset + 1 for record in records})
            print("committed", flush=True)

asyncio.run(main())
"""


class TestEmbeddedBus(BusContract):
    @pytest.fixture
    def path(self, tmp_path: Path) -> str:
        return str(tmp_path / "bus.db")

    @pytest.fixture
    def open_bus(self, path: str) -> Opener:
        async def open_bus() -> Bus:
            bus = EmbeddedBus(path)
            await bus.start()
            return bus

        return open_bus

    async def test_nothing_confirmed_is_lost_when_the_process_is_killed(self, path: str) -> None:
        writer = subprocess.Popen([sys.executable, "-c", _PUBLISHES_FOR_EVER, path], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        for line in writer.stdout:
            if line.strip() == b"200":
                writer.kill()
                break
        rest = [line.strip() for line in writer.stdout]
        writer.wait()
        writer.stdout.close()
        confirmed = 200 + len(rest)
        bus = EmbeddedBus(path)
        await bus.start()
        everything = await receive(await bus.subscribe("forkant.others", ["forkant.test"]), confirmed + 1)
        assert sorted(int(value) for value in values(everything))[: confirmed + 1] == list(range(confirmed + 1))
        # and what it had committed stays committed
        going_on = await receive(await bus.subscribe("forkant.readers", ["forkant.test"]), confirmed - 20)
        assert min(int(value) for value in values(going_on)) == 21
        await bus.close()

    async def test_what_another_process_publishes_is_seen(self, bus: Bus, path: str, topic: str, group: str) -> None:
        reader = await bus.subscribe(group, [topic, f"{topic}-new"])
        await publish(bus, [message(topic, "key", "ours")])
        await receive(reader, 1)
        other = EmbeddedBus(path)
        await other.start()
        await publish(other, [message(topic, "key", "theirs"), message(f"{topic}-new", "key", "new")])
        await other.close()
        assert sorted(values(await receive(reader, 2))) == ["new", "theirs"]
        await publish(bus, [message(topic, "key", "ours again")])
        assert values(await receive(reader, 1)) == ["ours again"]

    async def test_a_locked_file_makes_publish_unavailable_and_it_recovers(
        self, bus: Bus, path: str, topic: str, group: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        reader = await bus.subscribe(group, [topic])
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            outcomes = await bus.publish([message(topic, "key", "while locked")])
            assert isinstance(outcomes[0], Unavailable)
            assert not bus.healthy
            holder.execute("ROLLBACK")
        await publish(bus, [message(topic, "key", "afterwards")])
        assert bus.healthy
        assert values(await receive(reader, 1)) == ["afterwards"]

    async def test_a_publish_whose_caller_went_away_still_reaches_readers(
        self, bus: Bus, topic: str, group: str
    ) -> None:
        reader = await bus.subscribe(group, [topic])
        going = asyncio.create_task(bus.publish([message(topic, "key", "orphan")]))
        await asyncio.sleep(0)
        going.cancel()
        assert values(await receive(reader, 1)) == ["orphan"]

    async def test_old_records_are_deleted_and_offsets_go_on(self, path: str, topic: str, group: str) -> None:
        clock = FixedClock(datetime(2026, 11, 1, tzinfo=UTC))
        bus = EmbeddedBus(path, clock=clock, retention=timedelta(days=30))
        await bus.start()
        await publish(bus, [message(topic, "key", str(n)) for n in range(1200)])
        clock.advance(timedelta(days=20))
        await publish(bus, [message(topic, "key", "young")])
        clock.advance(timedelta(days=11))
        assert await bus.trim() == 1200
        assert await bus.trim() == 0
        await bus.close()
        bus = EmbeddedBus(path, clock=clock)
        await bus.start()
        reader = await bus.subscribe(group, [topic])
        young = await receive(reader, 1)
        assert [(record.value, record.offset) for record in young] == [(b"young", 1200)]
        await reader.commit(after(young))
        await publish(bus, [message(topic, "key", "new")])
        assert [record.offset for record in await receive(reader, 1)] == [1201]
        await bus.close()

    async def test_a_file_that_cannot_be_opened_is_said_at_start(self, tmp_path: Path) -> None:
        with pytest.raises(Unavailable):
            await EmbeddedBus(str(tmp_path / "no" / "such" / "folder.db")).start()

    async def test_a_member_of_the_same_name_takes_the_place_of_the_older(
        self, bus: Bus, topic: str, group: str
    ) -> None:
        older = await bus.subscribe(group, [topic], member="one")
        newer = await bus.subscribe(group, [topic], member="one")
        assert older.assigned == frozenset() and not older.healthy
        assert len(newer.assigned) == 4


class TestEmbeddedBusInMemory:
    @pytest.fixture
    async def bus(self) -> AsyncIterator[EmbeddedBus]:
        bus = EmbeddedBus()
        await bus.start()
        yield bus
        await bus.close()

    async def test_topics_are_made_where_they_are_first_used(self, bus: EmbeddedBus) -> None:
        await publish(bus, [Message("forkant.test", "key", b"x")])
        reader = await bus.subscribe("forkant.readers", ["forkant.test"])
        assert len(reader.assigned) == 12
        assert values(await receive(reader, 1)) == ["x"]

    async def test_a_bus_that_is_closed_refuses(self, bus: EmbeddedBus) -> None:
        await bus.close()
        assert isinstance((await bus.publish([Message("forkant.test", "key", b"x")]))[0], Unavailable)
