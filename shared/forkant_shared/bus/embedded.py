"""The bus of the embedded system: a durable log in one SQLite file, and readers in the same process.

Readers are woken the moment a publish has committed and get the newest records from memory. Another process
may publish into the same file, for instance a command that releases dead letters; its records are seen at
the next time-out of ``fetch``. Publishing to a topic that nobody created makes it.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from itertools import islice

from forkant_shared.bus import DEFAULT_PARTITIONS, Message, Record, TopicPartition
from forkant_shared.bus.fitting import sort_out
from forkant_shared.bus.logfile import LogFile
from forkant_shared.clock import Clock, SystemClock
from forkant_shared.errors import Unavailable

#: Records of one partition kept in memory for readers that keep up, and how large one may be to be kept.
_TAIL = 128
_TAIL_RECORD = 16_384

_TRIM_EVERY = 600.0


class EmbeddedBus:
    """``path`` is a file that outlives the process, or ``:memory:``; records are kept for ``retention``."""

    def __init__(
        self, path: str = ":memory:", *, clock: Clock | None = None, retention: timedelta = timedelta(days=30)
    ) -> None:
        self._log = LogFile(path)
        self._clock = clock or SystemClock()
        self._retention = retention
        self._ends: dict[TopicPartition, int] = {}
        self._tails: dict[TopicPartition, deque[Record]] = {}
        self._members: dict[str, list[EmbeddedSubscription]] = {}
        self._trimmer: asyncio.Task[None] | None = None
        self._healthy = True

    @property
    def healthy(self) -> bool:
        return self._healthy

    async def start(self) -> None:
        if not self._log.is_open:
            await self._log.open()
            await self.look_for_others()
            self._trimmer = asyncio.create_task(self._trim_for_ever(), name="bus-trimmer")

    async def close(self) -> None:
        if self._trimmer is not None:
            self._trimmer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._trimmer
            self._trimmer = None
        for member in [member for members in self._members.values() for member in members]:
            await member.close()
        await self._log.close()

    async def create_topics(self, topics: Sequence[str], *, partitions: int = DEFAULT_PARTITIONS) -> None:
        self._found(await self._log.create(topics, partitions))

    async def publish(self, messages: Sequence[Message]) -> list[Exception | None]:
        wanted, outcomes = sort_out(messages)
        if wanted:
            appended = self._log.append([messages[index] for index in wanted], self._clock.now())
            # A callback, because the caller may be cancelled while the log goes on and commits.
            appended.add_done_callback(self._arrived)
            try:
                await asyncio.shield(appended)
            except Unavailable as error:
                for index in wanted:
                    outcomes[index] = error
        return outcomes

    async def subscribe(
        self, group: str, topics: Sequence[str], *, member: str | None = None
    ) -> "EmbeddedSubscription":
        missing = [topic for topic in topics if TopicPartition(topic, 0) not in self._ends]
        if missing:
            await self.create_topics(missing)
        members = self._members.setdefault(group, [])
        for older in [other for other in members if member is not None and other.name == member]:
            await older.close()
        subscription = EmbeddedSubscription(self, group, frozenset(topics), member)
        members.append(subscription)
        self._share_out(members)
        return subscription

    def leave(self, subscription: "EmbeddedSubscription") -> None:
        """Take a member out of its group and share its partitions out."""
        members = self._members.get(subscription.group, [])
        if subscription in members:
            members.remove(subscription)
            subscription.hold(set())
            self._share_out(members)

    def end(self, place: TopicPartition) -> int:
        """The offset that the next record of this partition gets."""
        return self._ends.get(place, 0)

    async def read(self, place: TopicPartition, offset: int, limit: int) -> list[Record]:
        """At most ``limit`` records from ``offset`` on; from memory when they are new, else from the file."""
        tail = self._tails.get(place)
        if tail and tail[0].offset <= offset:
            start = offset - tail[0].offset
            return list(islice(tail, start, start + limit))
        return await self._log.read(place, offset, limit)

    async def offsets(self, group: str) -> dict[TopicPartition, int]:
        return await self._log.offsets(group)

    async def store_offsets(self, group: str, offsets: Mapping[TopicPartition, int]) -> None:
        await self._log.store_offsets(group, offsets)

    async def look_for_others(self) -> None:
        """See what another process has published; costs one pragma when it has not."""
        self._found(await self._log.ends_if_others_wrote())

    async def trim(self) -> int:
        """Delete the records that are older than the retention; how many."""
        return await self._log.trim(self._clock.now() - self._retention)

    def _found(self, ends: Mapping[TopicPartition, int]) -> None:
        known = len(self._ends)
        fresh = {place for place, end in ends.items() if end > self.end(place)}
        for place in ends.keys() - self._ends.keys() | fresh:
            self._ends[place] = ends[place]
            self._tails.pop(place, None)
        self._tell(fresh, topics_are_new=len(self._ends) > known)

    def _arrived(self, appended: "asyncio.Future[list[Record]]") -> None:
        self._healthy = appended.exception() is None
        if not self._healthy:
            return
        known = len(self._ends)
        for record in appended.result():
            self._ends[record.place] = record.offset + 1
            tail = self._tails.setdefault(record.place, deque(maxlen=_TAIL))
            if (tail and tail[-1].offset + 1 != record.offset) or len(record.value) > _TAIL_RECORD:
                tail.clear()
            if len(record.value) <= _TAIL_RECORD:
                tail.append(record)
        fresh = {record.place for record in appended.result()}
        self._tell(fresh, topics_are_new=len(self._ends) > known)

    def _tell(self, fresh: set[TopicPartition], *, topics_are_new: bool) -> None:
        for members in self._members.values():
            if topics_are_new:
                self._share_out(members)
            for member in members:
                member.wake(fresh)

    def _share_out(self, members: "Sequence[EmbeddedSubscription]") -> None:
        """Divide the partitions of each topic among those members of a group that read it."""
        shares: list[set[TopicPartition]] = [set() for _ in members]
        for place in self._ends:
            readers = [index for index, member in enumerate(members) if place.topic in member.topics]
            if readers:
                shares[readers[place.partition % len(readers)]].add(place)
        for member, share in zip(members, shares, strict=True):
            member.hold(share)

    async def _trim_for_ever(self) -> None:
        while True:
            with contextlib.suppress(Unavailable):  # the next publish says so, loudly
                await self.trim()
            await asyncio.sleep(_TRIM_EVERY)


class EmbeddedSubscription:
    """One reader. Lives in the event loop of its bus."""

    def __init__(self, bus: EmbeddedBus, group: str, topics: frozenset[str], name: str | None) -> None:
        self.group = group
        self.topics = topics
        self.name = name
        self._bus = bus
        self._held: list[TopicPartition] = []
        self._positions: dict[TopicPartition, int] = {}
        self._paused: set[TopicPartition] = set()
        self._news = asyncio.Event()
        self._turn = 0
        self._healthy = True
        self._closed = False

    @property
    def assigned(self) -> frozenset[TopicPartition]:
        return frozenset(self._held)

    @property
    def healthy(self) -> bool:
        return self._healthy and not self._closed

    async def fetch(self, *, max_records: int = 100, timeout: float = 0.25) -> list[Record]:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        try:
            while not (records := await self._collect(max_records)):
                try:
                    async with asyncio.timeout_at(deadline):
                        await self._news.wait()
                except TimeoutError:
                    await self._bus.look_for_others()
                    records = await self._collect(max_records)
                    break
            self._healthy = True
        except Unavailable:
            self._healthy = False
            await asyncio.sleep(max(0.0, deadline - loop.time()))
            return []
        return records

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        held = {place: offset for place, offset in offsets.items() if place in self._held}
        if held:
            await self._bus.store_offsets(self.group, held)

    async def rewind(self, offsets: Mapping[TopicPartition, int]) -> None:
        self._positions.update({place: offset for place, offset in offsets.items() if place in self._held})
        self._news.set()

    def pause(self, partitions: Iterable[TopicPartition]) -> None:
        self._paused.update(place for place in partitions if place in self._held)

    def resume(self, partitions: Iterable[TopicPartition]) -> None:
        self._paused.difference_update(partitions)
        self._news.set()

    async def close(self) -> None:
        self._closed = True
        self._bus.leave(self)

    def hold(self, share: set[TopicPartition]) -> None:
        """Take over these partitions and let go of the others."""
        self._held = sorted(share)
        self._positions = {place: at for place, at in self._positions.items() if place in share}
        self._paused &= share
        self._news.set()

    def wake(self, fresh: set[TopicPartition]) -> None:
        """Something new lies in these partitions."""
        if any(place in fresh and place not in self._paused for place in self._held):
            self._news.set()

    async def _collect(self, limit: int) -> list[Record]:
        self._news.clear()
        if len(self._positions) < len(self._held):
            offsets = await self._bus.offsets(self.group)
            for place in self._held:
                self._positions.setdefault(place, offsets.get(place, 0))
        ready = [
            place for place in self._held if self._positions[place] < self._bus.end(place) and place not in self._paused
        ]
        self._turn += 1
        records: list[Record] = []
        for step in range(len(ready)):
            # Begin with another partition each time, so that a long one does not starve the others.
            place = ready[(self._turn + step) % len(ready)]
            if len(records) == limit:
                break
            records += await self._take(place, limit - len(records))
        return records

    async def _take(self, place: TopicPartition, limit: int) -> list[Record]:
        position = self._positions.get(place)
        if position is None:
            return []
        found = await self._bus.read(place, position, limit)
        if self._positions.get(place) != position:  # rewound or taken away while the file was read
            return []
        self._positions[place] = found[-1].offset + 1 if found else self._bus.end(place)
        return found
