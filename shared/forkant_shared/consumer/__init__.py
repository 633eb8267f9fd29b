"""Drives a service's handlers from the bus: at least once delivered, applied once, in order per key.

    record → type not subscribed: silent
           → does not parse: dead letter, loud
           → key parked: behind the others of its key
    one transaction: inbox claim → handler → commit; then the offset {partition: last + 1}

What was fetched shares one transaction, because a commit costs more than a handler. Where anything in it fails it is
rolled back and goes partition by partition, and where a partition fails record by record, each judged by the kind of
its error (see `errors`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from opentelemetry.trace import SpanKind

from forkant_shared import inbox, telemetry
from forkant_shared.bus import Bus, Record, Subscription, TopicPartition
from forkant_shared.consumer.judging import dead_letter, retries
from forkant_shared.consumer.waiting import WaitingPartitions
from forkant_shared.crash import crash_point
from forkant_shared.database import Database, Session
from forkant_shared.envelope import Envelope, Event, event_type
from forkant_shared.errors import Conflict, ForkantError, Invalid, Unavailable
from forkant_shared.events import read

BATCH = 200
RETRY_SECONDS = 0.2
ALARM_AFTER_SECONDS = 300.0
RELEASED_SECONDS = 1.0

log = telemetry.get_logger()

Handler = Callable[[Any, Session, Any, Envelope], Awaitable[None]]


class _Blocked(Exception):
    """`done` records of a batch are settled; the next one waits for something that is away."""

    def __init__(self, done: int) -> None:
        super().__init__(done)
        self.done = done


class Consumer:
    """One service's reading of the bus, as member `member` of its group `forkant.<service>`.

    What comes waits `gather_seconds` for company, to share one transaction: for services that nobody waits for, which
    then leave the machine to those that wake people.
    """

    def __init__(
        self,
        service: str,
        parts: Any,
        database: Database,
        bus: Bus,
        topics: Sequence[str],
        handlers: Mapping[type[Event], Handler],
        member: str | None = None,
        gather_seconds: float = 0.0,
    ) -> None:
        self.group = f"forkant.{service}"
        self.dead_letters = f"{self.group}.dead-letters"
        self._service = service
        self._parts = parts
        self._database = database
        self._bus = bus
        self._topics = topics
        self._handlers = {kind.TYPE: handler for kind, handler in handlers.items()}
        self._member = member
        self._gather_seconds = gather_seconds
        self._subscription: Subscription | None = None
        self._waiting = WaitingPartitions(database)
        self._next_released = 0.0

    @property
    def healthy(self) -> bool:
        """The member reads, and no partition has waited for help beyond the alarm."""
        blocked = self._waiting.longest
        telemetry.CONSUMER_BLOCKED.labels(self._service).set(blocked)
        return self._subscription is not None and self._subscription.healthy and blocked < ALARM_AFTER_SECONDS

    async def run(self) -> None:
        """Work until cancelled."""
        self._subscription = await self._bus.subscribe(self.group, self._topics, member=self._member)
        try:
            while True:
                await self.step(timeout=0.25)
        finally:
            await self._subscription.close()
            self._subscription = None

    async def step(self, *, timeout: float = 0.0) -> int:
        """Fetch and apply once; the number of records settled."""
        if self._subscription is None:
            self._subscription = await self._bus.subscribe(self.group, self._topics, member=self._member)
        await self._apply_released()
        self._subscription.resume(await self._waiting.due(self._subscription.assigned))
        records = await self._subscription.fetch(max_records=BATCH, timeout=timeout)
        if self._gather_seconds and 0 < len(records) < BATCH:
            await asyncio.sleep(self._gather_seconds)
            records += await self._subscription.fetch(max_records=BATCH - len(records))
        batches: dict[TopicPartition, list[Record]] = {}
        for record in records:
            batches.setdefault(record.place, []).append(record)
        if len(batches) > 1 and await self._all_together(batches):
            return len(records)
        settled = 0
        for place, batch in batches.items():
            settled += await self._partition(place, batch)
        return settled

    async def _all_together(self, batches: Mapping[TopicPartition, list[Record]]) -> bool:
        """Settle what came from several partitions; False where each has to go by itself."""
        records = [record for batch in batches.values() for record in batch]
        wanted = [record for record in records if event_type(record) in self._handlers]
        if wanted and not await self._together(wanted):
            return False
        for place in batches:
            self._waiting.done(place)
        await self._commit({place: batch[-1].offset + 1 for place, batch in batches.items()})
        return True

    async def _commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        assert self._subscription is not None
        crash_point("consumer-applied")
        try:
            await self._subscription.commit(offsets)
        except Unavailable:
            log.warning("commit-later", service=self._service, count=len(offsets))

    # -- one partition ---------------------------------------------------------------------------------------------

    async def _partition(self, place: TopicPartition, records: list[Record]) -> int:
        done = 0
        try:
            done = await self._apply(records)
            self._waiting.done(place)
        except _Blocked as blocked:
            done = blocked.done
            await self._wait(place, records[done].offset)
        if done:
            await self._commit({place: records[done - 1].offset + 1})
        return done

    async def _apply(self, records: list[Record]) -> int:
        wanted = [record for record in records if event_type(record) in self._handlers]
        if not wanted:
            return len(records)
        if len(wanted) > 1 and await self._together(wanted):
            return len(records)
        for done, record in enumerate(records):
            if event_type(record) not in self._handlers:
                continue
            try:
                await self._one(record)
            except Unavailable as error:
                raise _Blocked(done) from error
        return len(records)

    async def _together(self, records: list[Record]) -> bool:
        """Apply a batch in one transaction; False where it has to go one by one."""
        try:
            opened = [self._open(record) for record in records]
            async with self._database.write() as session:
                known = await inbox.known(session, self.group, [e.id for e, _ in opened], [r.key for r in records])
                if known.parked:
                    return False
                fresh = {e.id: (e, event) for e, event in opened if e.id not in known.applied}
                inbox.claim_later(session, self.group, sorted(fresh))
                for envelope, event in fresh.values():
                    await self._handle(session, envelope, event)
        except Exception:
            return False
        for envelope, _ in opened:
            telemetry.CONSUMED.labels(self._service, envelope.type, "applied").inc()
        return True

    # -- one record ------------------------------------------------------------------------------------------------

    def _open(self, record: Record) -> tuple[Envelope, Event]:
        envelope = Envelope.from_record(record)
        return envelope, read(envelope)

    async def _one(self, record: Record) -> None:
        """Settle one record, whatever it takes. Raises only Unavailable."""
        attempts = 0
        while True:
            attempts += 1
            try:
                outcome = await self._once(record)
                telemetry.CONSUMED.labels(self._service, event_type(record) or "?", outcome).inc()
                return
            except Unavailable:
                raise
            except Exception as error:
                if attempts <= retries(error):
                    await asyncio.sleep(RETRY_SECONDS * attempts if not isinstance(error, Conflict) else 0)
                    continue
                await self._give_up(record, error, attempts)
                return

    async def _once(self, record: Record) -> str:
        envelope, event = self._open(record)
        async with self._database.write() as session:
            known = await inbox.known(session, self.group, [envelope.id], [record.key])
            if known.parked:
                id, kind = envelope.id, envelope.type
                await inbox.park(session, self.group, record, event_id=id, event_type=kind, error=None)
                return "parked"
            if known.applied:
                return "repeated"
            inbox.claim_later(session, self.group, [envelope.id])
            await self._handle(session, envelope, event)
        return "applied"

    async def _handle(self, session: Session, envelope: Envelope, event: Event) -> None:
        attributes = {"messaging.system": "kafka", "messaging.message.id": envelope.id, "type": envelope.type}
        with telemetry.span(
            f"{envelope.type} process", parent=envelope.traceparent, kind=SpanKind.CONSUMER, attributes=attributes
        ) as traceparent:
            found = telemetry.Trail(envelope.correlationid, envelope.id, traceparent)
            with telemetry.following(found):
                await self._handlers[envelope.type](self._parts, session, event, envelope)

    async def _give_up(self, record: Record, error: Exception, attempts: int) -> None:
        """A dead letter where the error says it will never succeed, a parked key where it is a bug."""
        dead = isinstance(error, ForkantError)
        if dead:
            await self._dead_letter(record, error, attempts)
        kind, name = event_type(record) or "?", type(error).__name__
        at = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
        place = "/".join(map(str, at.values())).encode()  # what came without an id is known by where it lies
        event_id = dict(record.headers).get("ce_id", place).decode(errors="replace")
        async with self._database.write() as session:
            await inbox.park(
                session, self.group, record, event_id=event_id, event_type=kind, error=name, holds_key=not dead
            )
        outcome = "dead-letter" if dead else "parked"
        telemetry.CONSUMED.labels(self._service, kind, outcome).inc()
        log.error(f"event-{outcome}", exc_info=error, service=self._service, event_type=kind, attempts=attempts, **at)

    async def _dead_letter(self, record: Record, error: Exception, attempts: int) -> None:
        """On the bus before the offset moves."""
        letter = dead_letter(record, topic=self.dead_letters, group=self.group, error=error, attempts=attempts)
        [outcome] = await self._bus.publish([letter])
        if isinstance(outcome, Invalid):
            log.error("dead-letter-too-large", service=self._service, topic=record.topic, offset=record.offset)
        elif outcome is not None:
            raise Unavailable("The dead letter could not be written.") from outcome

    # -- waiting and released keys ---------------------------------------------------------------------------------

    async def _wait(self, place: TopicPartition, offset: int) -> None:
        assert self._subscription is not None
        await self._waiting.add(place)
        await self._subscription.rewind({place: offset})
        self._subscription.pause([place])
        log.warning("partition-waits", service=self._service, topic=place.topic, partition=place.partition)

    async def _apply_released(self) -> None:
        """What a person has released goes through the same handlers, in order, before anything new of its key."""
        now = asyncio.get_running_loop().time()
        if now < self._next_released:
            return
        self._next_released = now + RELEASED_SECONDS
        try:
            async with self._database.read() as session:
                telemetry.PARKED.labels(self._service).set(await inbox.parked_count(session, self.group))
                rows = await inbox.released(session, self.group)
            held: set[str] = set()
            for seq, record in rows:
                if record.key not in held and not await self._release_one(seq, record):
                    held.add(record.key)
        except Unavailable:
            return

    async def _release_one(self, seq: int, record: Record) -> bool:
        try:
            envelope, event = self._open(record)
            async with self._database.write() as session:
                # Taken first, so that of two instances one waits here and then finds nothing left to do.
                if not await inbox.take(session, seq):
                    return True
                if await inbox.claim(session, self.group, envelope.id):
                    await self._handle(session, envelope, event)
        except Unavailable:
            raise
        except Exception as error:
            async with self._database.write() as session:
                await inbox.hold(session, seq, type(error).__name__)
            log.error("released-event-failed", exc_info=error, service=self._service, sequence=seq)
            return False
        telemetry.CONSUMED.labels(self._service, envelope.type, "released").inc()
        return True
