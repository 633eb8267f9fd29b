"""Reading from Kafka: a consumer that is watched, and replaced when it is stuck."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import CommitFailedError, ConsumerStoppedError, IllegalStateError, KafkaError
from aiokafka.structs import ConsumerRecord
from aiokafka.structs import TopicPartition as KafkaPlace

from forkant_shared import telemetry
from forkant_shared.bus import Record, TopicPartition
from forkant_shared.errors import Unavailable

_START_SECONDS = 30.0
_STOP_SECONDS = 2.0
_RESTART_SECONDS = 0.5
_COMMIT_SECONDS = 5.0
_PROBE_SECONDS = 3.0
_WATCH_SECONDS = 1.0
#: Without a sign of life for so long the member counts as unwell; twice as long, while the broker answers
#: others, and it is replaced.
_UNWELL_SECONDS = 5.0

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

log = telemetry.get_logger()


class KafkaSubscription:
    """One member of a group. Known faults of the client (aiokafka 1154, 1187, 847) are why it is watched."""

    def __init__(self, make: Callable[[], AIOKafkaConsumer], group: str) -> None:
        self._make = make
        self._group = group
        self._consumer: AIOKafkaConsumer | None = None
        self._ready = asyncio.Event()
        self._broken = asyncio.Event()
        self._alive_at = 0.0
        self._asked_at = 0.0
        self._last_poll = 0
        self._keeper = asyncio.create_task(self._keep(), name=f"bus-reader {group}")

    @property
    def assigned(self) -> frozenset[TopicPartition]:
        return frozenset(TopicPartition(*place) for place in self._places())

    @property
    def healthy(self) -> bool:
        now = asyncio.get_running_loop().time()
        return self._consumer is not None and now - self._alive_at < _UNWELL_SECONDS

    async def fetch(self, *, max_records: int = 100, timeout: float = 0.25) -> list[Record]:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        self._asked_at = loop.time()
        try:
            async with asyncio.timeout_at(deadline):
                await self._ready.wait()
        except TimeoutError:
            return []
        consumer = self._consumer
        if consumer is None:
            return []
        try:
            # While the group is being shared out, getmany waits beyond its time-out.
            async with asyncio.timeout_at(deadline + 0.25):
                found = await consumer.getmany(
                    timeout_ms=max(0, int((deadline - loop.time()) * 1000)), max_records=max_records
                )
        except TimeoutError:
            return []
        except (KafkaError, ConsumerStoppedError) as error:
            self._break(error)
            return []
        records = [_record(record) for batch in found.values() for record in batch]
        if records:
            self._alive_at = loop.time()
        return records

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        consumer = self._consumer
        if consumer is None:
            raise Unavailable("The offset cannot be stored: Kafka is not to be reached.")
        held = self._places()
        wanted = {KafkaPlace(*place): offset for place, offset in offsets.items() if place in held}
        if not wanted:
            return
        try:
            async with asyncio.timeout(_COMMIT_SECONDS):
                await consumer.commit(wanted)
        except (CommitFailedError, IllegalStateError):
            return  # shared out meanwhile: the new reader gets these records again
        except (KafkaError, OSError, TimeoutError) as error:
            raise Unavailable("The offset cannot be stored: Kafka is not to be reached.") from error

    async def rewind(self, offsets: Mapping[TopicPartition, int]) -> None:
        if self._consumer is not None:
            held = self._places()
            for place, offset in offsets.items():
                if place in held:
                    self._consumer.seek(KafkaPlace(*place), offset)

    def pause(self, partitions: Iterable[TopicPartition]) -> None:
        if self._consumer is not None:
            held = self._places()
            self._consumer.pause(*(KafkaPlace(*place) for place in partitions if place in held))

    def resume(self, partitions: Iterable[TopicPartition]) -> None:
        if self._consumer is not None:
            held = self._places()
            self._consumer.resume(*(KafkaPlace(*place) for place in partitions if place in held))

    async def close(self) -> None:
        self._keeper.cancel()
        await asyncio.wait([self._keeper])

    def _places(self) -> set[Any]:
        return set() if self._consumer is None else self._consumer.assignment()

    def _break(self, error: BaseException) -> None:
        log.warning("bus-reader-broken", group=self._group, error=type(error).__name__)
        self._ready.clear()
        self._broken.set()

    async def _keep(self) -> None:
        while True:
            consumer = self._make()
            try:
                async with asyncio.timeout(_START_SECONDS):
                    await consumer.start()
                self._broken.clear()
                self._consumer = consumer
                self._alive_at = asyncio.get_running_loop().time()
                self._ready.set()
                await self._watch(consumer)
            except Exception as error:  # whatever the client throws, the answer is a new one
                log.warning("bus-reader-waits", group=self._group, error=type(error).__name__)
            finally:
                self._consumer = None
                self._ready.clear()
                await _stop(consumer)
            await asyncio.sleep(_RESTART_SECONDS)

    async def _watch(self, consumer: AIOKafkaConsumer) -> None:
        """Return when the consumer must be replaced."""
        loop = asyncio.get_running_loop()
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_WATCH_SECONDS):
                    await self._broken.wait()
                    return
            reading = self._places() - consumer.paused()
            last_poll = max((consumer.last_poll_timestamp(place) or 0 for place in reading), default=0)
            # Records that nobody asks for stay where they are, and no request goes out: that is not stuck.
            if last_poll > self._last_poll or loop.time() - self._asked_at > _UNWELL_SECONDS:
                self._last_poll = last_poll
                self._alive_at = loop.time()
            elif await self._broker_answers(consumer):
                if not reading:
                    self._alive_at = loop.time()
                elif loop.time() - self._alive_at > 2 * _UNWELL_SECONDS:
                    log.error("bus-reader-stuck", group=self._group)
                    return

    async def _broker_answers(self, consumer: AIOKafkaConsumer) -> bool:
        try:
            async with asyncio.timeout(_PROBE_SECONDS):
                await consumer.topics()
        except (KafkaError, OSError, TimeoutError):
            return False
        return True


async def _stop(consumer: AIOKafkaConsumer) -> None:
    """Leave the group if that can be said; within bounds when all brokers are gone (aiokafka 659, 773)."""
    with contextlib.suppress(Exception):
        async with asyncio.timeout(_STOP_SECONDS):
            await consumer.stop()
            return
    for part in (consumer._fetcher, consumer._client):
        if part is not None:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(_STOP_SECONDS):
                    await part.close()


def _record(found: ConsumerRecord) -> Record:
    return Record(
        found.topic,
        found.partition,
        found.offset,
        (found.key or b"").decode(errors="replace"),
        found.value or b"",
        tuple((name, value or b"") for name, value in found.headers),
        _EPOCH + timedelta(milliseconds=found.timestamp),
    )
