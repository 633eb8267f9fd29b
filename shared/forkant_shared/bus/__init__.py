"""The bus: what every part of Forkant may rely on, whichever broker carries it.

Promised by both implementations (``embedded`` and ``kafka``), and proved by one contract suite:

- **At least once.** A message whose outcome is ``None`` is durable and reaches every group that reads its
  topic. It may reach one twice: after a crash, a rewind, a rebalance, or a publish that was tried again.
  Readers must not mind.
- **Ordered per key.** Messages of one topic and key are delivered in the order they were published, one
  partition for each key. Nothing is promised about the order between keys.
- **One offset a group and partition.** Groups do not see each other. A group that has never committed
  begins at the oldest record kept; afterwards it goes on where it last committed, also after a restart.
- **Members share.** Subscriptions of one group divide the partitions: each is read by one member at a time,
  and a member that goes away leaves its partitions to the others, from the last committed offset.
- **Loud when away.** With the broker out of reach ``publish`` answers ``Unavailable`` within seconds,
  ``healthy`` turns false, and both recover by themselves.

Not promised: exactly once, order between keys or topics, the same partition numbers in both
implementations, that a group which begins later sees messages older than the retention, or that a topic
nobody created can be published to.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

#: Bytes of key, headers and value together that one message may have; the same limit in both
#: implementations, a little under what a Kafka broker takes by default.
LARGEST_MESSAGE = 900_000

DEFAULT_PARTITIONS = 12

Headers = tuple[tuple[str, bytes], ...]


class TopicPartition(NamedTuple):
    topic: str
    partition: int


@dataclass(frozen=True, slots=True)
class Message:
    """What is handed to the bus. The key decides the partition, and with it the order."""

    topic: str
    key: str
    value: bytes
    headers: Headers = ()

    @property
    def size(self) -> int:
        """Bytes of key, headers and value."""
        carried = sum(len(name.encode()) + len(value) for name, value in self.headers)
        return len(self.key.encode()) + carried + len(self.value)


@dataclass(frozen=True, slots=True)
class Record:
    """What the bus hands back: a message with its place in the log. ``timestamp`` is aware, in UTC."""

    topic: str
    partition: int
    offset: int
    key: str
    value: bytes
    headers: Headers
    timestamp: datetime

    @property
    def place(self) -> TopicPartition:
        return TopicPartition(self.topic, self.partition)


class Subscription(Protocol):
    """One member of a group, reading some topics. For one task at a time; ``pause`` and ``resume`` from
    anywhere."""

    async def fetch(self, *, max_records: int = 100, timeout: float = 0.25) -> list[Record]:
        """At most ``max_records`` next records, in offset order within each partition.

        Returns as soon as there is anything, with an empty list after ``timeout`` seconds without. Call it
        also while everything is paused: it is what keeps the membership. Never raises because the broker is
        away; that shows in ``healthy``.
        """
        ...

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Let the group go on from these offsets (that of the next record to read) after a restart.

        Partitions that this member no longer holds are left out without complaint: their new reader begins
        at the last commit and sees the records again. Raises ``Unavailable`` when the broker is away;
        committing later is enough. A commit survives ``kill -9`` of the reader; after a power cut the
        embedded bus may deliver the last records again.
        """
        ...

    async def rewind(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Deliver again from these offsets, after a failure. Partitions no longer held are left out."""
        ...

    def pause(self, partitions: Iterable[TopicPartition]) -> None:
        """Hand out nothing from these partitions until ``resume``. A partition that changes reader is not
        paused."""
        ...

    def resume(self, partitions: Iterable[TopicPartition]) -> None: ...

    @property
    def assigned(self) -> frozenset[TopicPartition]:
        """The partitions this member holds now. Empty for a spare member, and before the first ``fetch``."""
        ...

    @property
    def healthy(self) -> bool:
        """The member has its place in the group and its last reads reached the broker."""
        ...

    async def close(self) -> None:
        """Leave. Commits nothing. Bounded in time even when the broker is away."""
        ...


class Bus(Protocol):
    async def start(self) -> None:
        """Open what is needed to publish. Does not wait for the broker: a bus may start before it."""
        ...

    async def close(self) -> None:
        """Close every subscription and the producer. Bounded in time; may be called twice."""
        ...

    async def publish(self, messages: Sequence[Message]) -> list[Exception | None]:
        """Publish, and say of each message, in the order given, ``None`` (durable) or why not.

        Keys go in parallel; within a topic and key the order is kept: after a message that failed the later
        ones of the same key are not sent and are ``Unavailable``. ``Unavailable``: the broker is away, the
        topic is missing, or an earlier one failed; try again later, it may have arrived all the same.
        ``Invalid``: the broker will never take it (larger than ``LARGEST_MESSAGE``, or than the topic takes).
        Bounded in time.
        """
        ...

    async def subscribe(self, group: str, topics: Sequence[str], *, member: str | None = None) -> Subscription:
        """A new member of the group.

        ``member`` is a name that stays the same over restarts: the group then waits a little for it to come
        back instead of sharing out its partitions. No two members may have one name at the same time.
        """
        ...

    async def create_topics(self, topics: Sequence[str], *, partitions: int = DEFAULT_PARTITIONS) -> None:
        """Make the topics that do not exist; leave the others as they are. ``Unavailable`` when the broker
        is away."""
        ...

    @property
    def healthy(self) -> bool:
        """The last thing tried against the broker worked. True before anything was tried on an embedded
        bus."""
        ...


__all__ = [
    "DEFAULT_PARTITIONS",
    "LARGEST_MESSAGE",
    "Bus",
    "Headers",
    "Message",
    "Record",
    "Subscription",
    "TopicPartition",
]
