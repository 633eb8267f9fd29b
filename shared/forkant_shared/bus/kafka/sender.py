"""Publishing to Kafka: one idempotent producer, replaced as soon as anything about it has failed."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict, deque
from collections.abc import Callable, Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    KafkaError,
    MessageSizeTooLargeError,
    ProducerClosed,
    UnknownTopicOrPartitionError,
)
from aiokafka.partitioner import DefaultPartitioner

from forkant_shared import telemetry
from forkant_shared.bus import Message, TopicPartition
from forkant_shared.bus.fitting import sort_out, too_large
from forkant_shared.errors import Unavailable

#: Seconds that publish waits for the broker before it says Unavailable.
PATIENCE = 5.0

_TOPIC_SECONDS = 1.0
_RECONNECT_SECONDS = 0.5
_DROP_SECONDS = 3.0

_partition_of = DefaultPartitioner()

log = telemetry.get_logger()


class Sender:
    """Packs each partition's messages into batches of its own making, one batch at a time and partition.

    A batch arrives whole or not at all, so that the order of a key holds also when the broker goes away in
    the middle. An idempotent producer never gives a batch up, and one that has lost count refuses all
    later ones (aiokafka issue 1017); so whatever fails, the producer goes, and the caller sends again.
    """

    def __init__(self, make: Callable[[], AIOKafkaProducer]) -> None:
        self._make = make
        self._producer: AIOKafkaProducer | None = None
        self._connecting = asyncio.Lock()
        self._keeper: asyncio.Task[None] | None = None
        self._dropping: set[asyncio.Task[None]] = set()
        self._healthy = False
        self._said: bool | None = None

    @property
    def healthy(self) -> bool:
        return self._healthy

    def start(self) -> None:
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep_connected(), name="bus-producer")

    async def close(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
            self._keeper = None
        if self._producer is not None:
            self._drop(self._producer)
        if self._dropping:
            await asyncio.wait(self._dropping)
        self._healthy = False

    async def publish(self, messages: Sequence[Message]) -> list[Exception | None]:
        wanted, outcomes = sort_out(messages)
        away = Unavailable("Kafka is not to be reached, or does not confirm.")
        for index in wanted:
            outcomes[index] = away
        alone = await self._attempt(messages, wanted, outcomes, one_by_one=False)
        if alone:
            await self._attempt(messages, alone, outcomes, one_by_one=True)
        if wanted and not any(outcome is away for outcome in outcomes):
            self._is(True, None)
        return outcomes

    async def _attempt(
        self,
        messages: Sequence[Message],
        wanted: Sequence[int],
        outcomes: list[Exception | None],
        *,
        one_by_one: bool,
    ) -> list[int]:
        """Send what can be sent; returns what was too large together and must be tried one by one."""
        producer: AIOKafkaProducer | None = None
        oversize: list[int] = []
        failures: list[BaseException] = []
        try:
            async with asyncio.timeout(PATIENCE):
                producer = await self._connected()
                lanes = await self._lanes(producer, messages, wanted, outcomes)
                sending = (
                    _Lane(producer, place, lane, messages, outcomes, oversize).send(one_by_one=one_by_one)
                    for place, lane in lanes.items()
                )
                results = await asyncio.gather(*sending, return_exceptions=True)
                failures = [result for result in results if isinstance(result, BaseException)]
        except (KafkaError, OSError, TimeoutError) as error:
            failures = [error]
        if failures and producer is not None:
            self._drop(producer)
        for failure in failures:
            if not isinstance(failure, MessageSizeTooLargeError):
                self._is(False, failure)
            if not isinstance(failure, KafkaError | OSError | TimeoutError):
                raise failure
        return oversize

    async def _lanes(
        self,
        producer: AIOKafkaProducer,
        messages: Sequence[Message],
        wanted: Sequence[int],
        outcomes: list[Exception | None],
    ) -> dict[TopicPartition, deque[int]]:
        """The messages of each partition, in their order."""
        topics = list({messages[index].topic for index in wanted})
        found = await asyncio.gather(*(_partitions(producer, topic) for topic in topics))
        partitions = dict(zip(topics, found, strict=True))
        lanes: dict[TopicPartition, deque[int]] = defaultdict(deque)
        for index in wanted:
            message = messages[index]
            known = partitions[message.topic]
            if known:
                place = TopicPartition(message.topic, _partition_of(message.key.encode(), known, known))
                lanes[place].append(index)
            else:
                outcomes[index] = Unavailable(
                    f"Kafka does not know the topic {message.topic}.", remedy="Make the topics first: migrate."
                )
        return lanes

    async def _connected(self) -> AIOKafkaProducer:
        async with self._connecting:
            if self._producer is None:
                producer = self._make()
                try:
                    await producer.start()
                except BaseException:
                    self._drop(producer)
                    raise
                self._producer = producer
                self._is(True, None)
            return self._producer

    async def _keep_connected(self) -> None:
        while True:
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._connected()
            except (KafkaError, OSError, TimeoutError) as error:
                self._is(False, error)
            await asyncio.sleep(_RECONNECT_SECONDS)

    def _is(self, healthy: bool, error: BaseException | None) -> None:
        """Take note, and say so once when it changes."""
        self._healthy = healthy
        if healthy and self._said is False:
            log.info("bus-back")
        elif not healthy and self._said is not False:
            log.warning("bus-away", error=type(error).__name__)
        self._said = healthy

    def _drop(self, producer: AIOKafkaProducer) -> None:
        if self._producer is producer:
            self._producer = None
        dropping = asyncio.create_task(_stop(producer), name="bus-producer-stop")
        self._dropping.add(dropping)
        dropping.add_done_callback(self._dropping.discard)


class _Lane:
    """The messages of one publish that go to one partition."""

    def __init__(
        self,
        producer: AIOKafkaProducer,
        place: TopicPartition,
        waiting: deque[int],
        messages: Sequence[Message],
        outcomes: list[Exception | None],
        oversize: list[int],
    ) -> None:
        self._producer = producer
        self._place = place
        self._waiting = waiting
        self._messages = messages
        self._outcomes = outcomes
        self._oversize = oversize

    async def send(self, *, one_by_one: bool) -> None:
        while self._waiting:
            batch = self._producer.create_batch()
            packed: list[int] = []
            while self._waiting and not (one_by_one and packed):
                message = self._messages[self._waiting[0]]
                if (
                    batch.append(
                        timestamp=None,
                        key=message.key.encode(),
                        value=message.value,
                        headers=list(message.headers),
                    )
                    is None
                ):
                    break
                packed.append(self._waiting.popleft())
            batch.close()
            try:
                arrived = await self._producer.send_batch(batch, self._place.topic, partition=self._place.partition)
                await arrived
            except MessageSizeTooLargeError:
                # The topic takes less than we do. The rest of the lane waits: the producer has lost count.
                if len(packed) == 1:
                    self._outcomes[packed[0]] = too_large()
                else:
                    self._oversize.extend([*packed, *self._waiting])
                raise
            for index in packed:
                self._outcomes[index] = None


async def _partitions(producer: AIOKafkaProducer, topic: str) -> list[int]:
    try:
        async with asyncio.timeout(_TOPIC_SECONDS):
            return sorted(await producer.partitions_for(topic))
    except (UnknownTopicOrPartitionError, TimeoutError):
        return []


async def _stop(producer: AIOKafkaProducer) -> None:
    """Not `stop` alone: that first sends all that waits, which has no end while the broker is away."""
    with contextlib.suppress(Exception):
        async with asyncio.timeout(_DROP_SECONDS):
            sender = producer._sender.sender_task
            if sender is not None:
                sender.cancel()
            await producer.client.close()
            producer._message_accumulator.fail_all(ProducerClosed())
            await producer.stop()
