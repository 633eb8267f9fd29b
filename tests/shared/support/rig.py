"""One service that tells itself things: a database, a bus, a relay and a consumer, each stepped by the test."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from forkant_shared import inbox, outbox
from forkant_shared.bus import Bus, Message, Record
from forkant_shared.bus.embedded import EmbeddedBus
from forkant_shared.clock import SystemClock
from forkant_shared.consumer import Consumer
from forkant_shared.database import Database, Session
from forkant_shared.envelope import Envelope
from forkant_shared.events.threat_watch import WatchHeartbeat
from forkant_shared.relay import Relay
from tests.shared.support.tables import APPLIED

GROUP = "forkant.notifier"
TOPIC = "forkant.threat-watch"
DEAD_LETTERS = "forkant.notifier.dead-letters"
AT = datetime(2026, 11, 20, 20, 15, tzinfo=UTC)


def beat(sequence: int, key: str = "a") -> WatchHeartbeat:
    """An event of thing `key`, its `sequence`th."""
    return WatchHeartbeat(watch_id=key, sequence=sequence, beat_at=AT)


class Rig:
    """`failures`: of an event (key, sequence) the errors its handler raises, one a try, or the one it always raises."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self.database = database
        self.bus = bus
        self.failures: dict[tuple[str, int], list[Exception] | Callable[[], Exception]] = {}
        self.tries: defaultdict[tuple[str, int], int] = defaultdict(int)
        self.relay = Relay("threat-watch", database, bus)
        self.consumer = self.new_consumer()

    def new_consumer(self, gather_seconds: float = 0.0) -> Consumer:
        """As after a restart: nothing remembered."""
        handlers = {WatchHeartbeat: self._on_beat}
        return Consumer("notifier", None, self.database, self.bus, [TOPIC], handlers, None, gather_seconds)

    async def restart_consumer(self) -> None:
        if self.consumer._subscription is not None:
            await self.consumer._subscription.close()
        self.consumer = self.new_consumer()

    async def _on_beat(self, _: Any, session: Session, event: WatchHeartbeat, envelope: Envelope) -> None:
        place = (event.watch_id, event.sequence)
        self.tries[place] += 1
        row = {"event_id": envelope.id, "key": event.watch_id, "sequence": event.sequence}
        await session.execute(APPLIED.insert().values(**row))
        failing = self.failures.get(place)
        if callable(failing):
            raise failing()
        if failing:
            raise failing.pop(0)

    async def tell(self, *events: WatchHeartbeat) -> list[Envelope]:
        """Commit these, each as a command of its own."""
        told = []
        for event in events:
            async with self.database.write() as session:
                told.append(await outbox.add(session, event, version=event.sequence))
        return told

    async def settle(self) -> None:
        """Step relay and consumer until both have nothing to do."""
        for _ in range(200):
            if not await self.relay.step() + await self.consumer.step():
                return
        raise AssertionError("it never settled")

    async def applied(self, key: str | None = None) -> list[int]:
        """The sequences applied, in the order of their commits."""
        async with self.database.read() as session:
            found = await session.execute(sa.select(APPLIED.c.key, APPLIED.c.sequence).order_by(APPLIED.c.seq))
            return [row.sequence for row in found if key in (None, row.key)]

    async def parked(self) -> list[dict[str, Any]]:
        async with self.database.read() as session:
            return await inbox.parked(session, GROUP)

    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        """Straight on to the bus, as a second delivery would be."""
        outcomes = await self.bus.publish([envelope.to_message(TOPIC) for envelope in envelopes])
        assert outcomes == [None] * len(envelopes)

    async def publish_raw(self, key: str, value: bytes, headers: Sequence[tuple[str, bytes]]) -> None:
        assert await self.bus.publish([Message(TOPIC, key, value, tuple(headers))]) == [None]

    async def records(self, topic: str) -> list[Record]:
        """Everything that was ever put on a topic."""
        reader = await self.bus.subscribe("test-reader", [topic])
        found: list[Record] = []
        while batch := await reader.fetch(max_records=1000, timeout=0.05):
            found += batch
        await reader.close()
        return found


@contextlib.asynccontextmanager
async def rig_on(url: str, bus_path: str = ":memory:") -> AsyncIterator[Rig]:
    """A rig on a database that has the tables."""
    database = Database(url, clock=SystemClock())
    bus = EmbeddedBus(bus_path)
    await bus.start()
    try:
        yield Rig(database, bus)
    finally:
        await bus.close()
        await database.close()
