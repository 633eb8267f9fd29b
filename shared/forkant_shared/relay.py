"""Takes events from the outbox to the bus, in order per key, and never gives up.

Wakes at each commit that added an event and looks anyway each 250 ms. One relay works at a time per database: its batch
runs inside a transaction that holds an advisory lock, which PostgreSQL lets go of when the instance dies. A crash
between sending and marking sends again; the inbox on the other side makes that harmless.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

from forkant_shared import outbox, telemetry
from forkant_shared.bus import Bus
from forkant_shared.crash import crash_point
from forkant_shared.database import Database, Session
from forkant_shared.envelope import Envelope
from forkant_shared.errors import Invalid, Unavailable
from forkant_shared.events import topic_of

BATCH = 500
POLL_SECONDS = 0.25
MARK_SECONDS = 0.02
BACKOFF_CAP_SECONDS = 0.5
KEEP_PUBLISHED = timedelta(days=30)

log = telemetry.get_logger()


class Relay:
    """The relay of one service.

    A commit that wakes it waits `gather_seconds` for company: for services whose events nobody is woken by, which then
    leave the machine to what does wake people.
    """

    def __init__(self, service: str, database: Database, bus: Bus, gather_seconds: float = 0.0) -> None:
        self._service = service
        self._topic = topic_of(service)
        self._database = database
        self._bus = bus
        self._gather_seconds = gather_seconds
        self._wake = asyncio.Event()
        self._backoff = 0.0
        database.relay_wakers.append(self._wake.set)

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            sent = await self.step()
            if self._backoff:
                await asyncio.sleep(self._backoff)
            elif not sent:
                await self._sleep(POLL_SECONDS)

    async def _sleep(self, seconds: float) -> None:
        """Until something new waits, or so long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()

    async def step(self) -> int:
        """Send one batch; the number of events now on the bus. Raises nothing that waiting can mend."""
        try:
            return await self._step()
        except Unavailable:
            self._backoff = min(BACKOFF_CAP_SECONDS, max(0.05, self._backoff * 2))
            log.warning("relay-waits", service=self._service, seconds=self._backoff)
            return 0

    async def _step(self) -> int:
        woken = self._wake.is_set()
        if woken and self._gather_seconds:
            await asyncio.sleep(self._gather_seconds)
        self._wake.clear()
        # The look costs a quarter of what the guard does, and mostly finds nothing.
        if not woken and not await self._anything_waits():
            return 0
        async with self._database.guard(f"relay/{self._service}") as guard:
            rows = await outbox.unpublished(guard, BATCH) if guard is not None else []
            if guard is None or not rows:
                self._backoff = 0
                return 0
            telemetry.RELAY_LAG.labels(self._service).set((guard.clock.now() - rows[0][2]).total_seconds())
            outcomes = await self._publish([envelope for _, envelope, _ in rows])
            crash_point("relay-published")
            await self._sleep(MARK_SECONDS)  # those who hear of it go first: nobody waits for the mark
            return await self._mark(guard, [seq for seq, _, _ in rows], outcomes)

    async def _anything_waits(self) -> bool:
        async with self._database.read() as session:
            if await outbox.anything_unpublished(session):
                return True
        self._backoff = 0
        telemetry.RELAY_LAG.labels(self._service).set(0)
        return False

    async def _mark(self, guard: Session, sequences: list[int], outcomes: list[Exception | None]) -> int:
        both = list(zip(sequences, outcomes, strict=True))
        sent = [seq for seq, failure in both if failure is None]
        refused = [(seq, failure) for seq, failure in both if isinstance(failure, Invalid)]
        async with self._database.guarded(guard) as session:
            if sent:
                await outbox.mark_published(session, sent)
            for seq, failure in refused:
                await outbox.mark_refused(session, seq, type(failure).__name__)
                log.error("event-refused", service=self._service, sequence=seq)
        self._after(sent=len(sent), failed=len(both) - len(sent) - len(refused))
        return len(sent)

    async def _publish(self, envelopes: list[Envelope]) -> list[Exception | None]:
        return await self._bus.publish([envelope.to_message(self._topic) for envelope in envelopes])

    def _after(self, *, sent: int, failed: int) -> None:
        telemetry.RELAY_PUBLISHED.labels(self._service).inc(sent)
        telemetry.RELAY_FAILURES.labels(self._service).inc(failed)
        self._backoff = min(BACKOFF_CAP_SECONDS, max(0.05, self._backoff * 2)) if failed else 0
        if failed:
            log.warning("relay-waits", service=self._service, count=failed, seconds=self._backoff)

    async def trim(self) -> None:
        """Delete published events past their keeping time, in small batches."""
        while True:
            async with self._database.write() as session:
                if await outbox.trim(session, KEEP_PUBLISHED) == 0:
                    return
