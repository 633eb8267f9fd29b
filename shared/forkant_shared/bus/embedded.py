"""The bus of the embedded system: log, partitions and group offsets in one SQLite file.

Readers are woken the moment a publish has committed and get the newest records from memory. Another process
may publish into the same file, for instance a command that releases dead letters; its records are seen at
the next time-out of ``fetch``. Publishing to a topic that nobody created makes it.
"""

import asyncio
import contextlib
import json
import sqlite3
import zlib
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice

from forkant_shared.bus import (
    DEFAULT_PARTITIONS,
    LARGEST_MESSAGE,
    Headers,
    Message,
    Record,
    TopicPartition,
)
from forkant_shared.bus.logfile import Care, LogFile
from forkant_shared.clock import Clock, SystemClock
from forkant_shared.errors import Invalid, Unavailable

#: Records of one partition kept in memory for readers that keep up, and how large one may be to be kept.
_TAIL = 128
_TAIL_RECORD = 16_384

_TRIM_EVERY = 600.0
_TRIM_AT_ONCE = 500

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class EmbeddedBus:
    """``path`` is a file that outlives the process, or ``:memory:``; records are kept for ``retention``."""

    def __init__(
        self,
        path: str = ":memory:",
        *,
        clock: Clock | None = None,
        retention: timedelta = timedelta(days=30),
    ) -> None:
        self._log = LogFile(str(path))
        self._clock = clock or SystemClock()
        self._retention = retention
        self._ends: dict[TopicPartition, int] = {}
        self._tails: dict[TopicPartition, deque[Record]] = {}
        self._members: dict[str, list[EmbeddedSubscription]] = {}
        self._seen_version = -1
        self._trimmer: asyncio.Task[None] | None = None
        self._healthy = True

    @property
    def healthy(self) -> bool:
        return self._healthy

    async def start(self) -> None:
        if self._log.is_open:
            return
        await self._log.open()
        await self._look_for_others()
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
        def create(connection: sqlite3.Connection) -> dict[TopicPartition, int]:
            for topic in topics:
                _create(connection, topic, partitions)
            return _ends(connection)

        self._ends.update(await asyncio.shield(self._log.submit(Care.SYNC, create)))
        self._share_out()

    async def publish(self, messages: Sequence[Message]) -> list[Exception | None]:
        outcomes: dict[int, Exception | None] = {}
        spoilt: dict[tuple[str, str], Exception] = {}
        wanted: list[Message] = []
        for index, message in enumerate(messages):
            line = (message.topic, message.key)
            if message.size > LARGEST_MESSAGE and line not in spoilt:
                spoilt[line] = Invalid(
                    "The message is larger than the bus takes.", remedy=f"At most {LARGEST_MESSAGE} bytes."
                )
            if line in spoilt:
                outcomes[index] = spoilt[line]
            else:
                wanted.append(message)
        failure: Exception | None = None
        if wanted:
            try:
                await self._append(wanted)
            except Unavailable as error:
                failure = error
        return [outcomes.get(index, failure) for index in range(len(messages))]

    async def subscribe(
        self, group: str, topics: Sequence[str], *, member: str | None = None
    ) -> "EmbeddedSubscription":
        await self.create_topics([topic for topic in topics if TopicPartition(topic, 0) not in self._ends])
        subscription = EmbeddedSubscription(self, group, tuple(topics), member)
        members = self._members.setdefault(group, [])
        for older in [other for other in members if member is not None and other.name == member]:
            await older.close()
        members.append(subscription)
        self._share_out()
        return subscription

    async def _append(self, messages: Sequence[Message]) -> None:
        now = self._clock.now()

        def append(connection: sqlite3.Connection) -> list[Record]:
            return _append(connection, messages, now)

        appended = self._log.submit(Care.SYNC, append)
        # A callback, because the caller may be cancelled while the log goes on and commits.
        appended.add_done_callback(self._arrived)
        await asyncio.shield(appended)

    def _arrived(self, appended: "asyncio.Future[list[Record]]") -> None:
        self._healthy = appended.exception() is None
        if not self._healthy:
            return
        fresh = set()
        topics_before = len(self._ends)
        for record in appended.result():
            place = record.place
            fresh.add(place)
            self._ends[place] = record.offset + 1
            tail = self._tails.setdefault(place, deque(maxlen=_TAIL))
            if tail and tail[-1].offset + 1 != record.offset:
                tail.clear()
            if len(record.value) <= _TAIL_RECORD:
                tail.append(record)
            else:
                tail.clear()
        if len(self._ends) > topics_before:
            self._share_out()
        self._wake(fresh)

    def _wake(self, fresh: set[TopicPartition]) -> None:
        for members in self._members.values():
            for member in members:
                member.wake(fresh)

    def _share_out(self) -> None:
        """Divide the partitions of each topic among the members of each group that read it."""
        for members in self._members.values():
            shares: dict[int, set[TopicPartition]] = {id(member): set() for member in members}
            for place in sorted(self._ends):
                readers = [member for member in members if place.topic in member.topics]
                if readers:
                    shares[id(readers[place.partition % len(readers)])].add(place)
            for member in members:
                member.hold(shares[id(member)])

    def leave(self, subscription: "EmbeddedSubscription") -> None:
        members = self._members.get(subscription.group, [])
        if subscription in members:
            members.remove(subscription)
            subscription.hold(set())
            self._share_out()

    async def committed(self, group: str, places: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """Where the group goes on in each of these partitions: 0 where it has never committed."""

        def read(connection: sqlite3.Connection) -> dict[TopicPartition, int]:
            rows = connection.execute(
                "SELECT topic, partition, offset FROM offsets WHERE listeners = ?", (group,)
            )
            known = {TopicPartition(topic, partition): offset for topic, partition, offset in rows}
            return {place: known.get(place, 0) for place in places}

        return await asyncio.shield(self._log.submit(Care.READ, read))

    async def store_offsets(self, group: str, offsets: Mapping[TopicPartition, int]) -> None:
        rows = [(group, place.topic, place.partition, offset) for place, offset in offsets.items()]

        def store(connection: sqlite3.Connection) -> None:
            connection.executemany(
                "INSERT INTO offsets VALUES (?, ?, ?, ?) "
                "ON CONFLICT (listeners, topic, partition) DO UPDATE SET offset = excluded.offset",
                rows,
            )

        await asyncio.shield(self._log.submit(Care.WRITE, store))

    def end(self, place: TopicPartition) -> int:
        return self._ends.get(place, 0)

    async def read(self, place: TopicPartition, offset: int, limit: int) -> list[Record]:
        """At most ``limit`` records from ``offset`` on; from memory when they are new, else from the file."""
        tail = self._tails.get(place)
        if tail and tail[0].offset <= offset:
            start = offset - tail[0].offset
            return list(islice(tail, start, start + limit))

        def read(connection: sqlite3.Connection) -> list[Record]:
            rows = connection.execute(
                "SELECT offset, key, value, headers, at FROM log "
                "WHERE topic = ? AND partition = ? AND offset >= ? ORDER BY offset LIMIT ?",
                (*place, offset, limit),
            )
            return [
                Record(*place, at_offset, key, value, _unpack(headers), _EPOCH + at * _MICROSECOND)
                for at_offset, key, value, headers, at in rows
            ]

        return await asyncio.shield(self._log.submit(Care.READ, read))

    async def _look_for_others(self) -> None:
        """See what another process has published; costs one pragma when it has not."""

        def look(connection: sqlite3.Connection) -> tuple[int, dict[TopicPartition, int]]:
            version = connection.execute("PRAGMA data_version").fetchone()[0]
            return version, {} if version == self._seen_version else _ends(connection)

        self._seen_version, ends = await asyncio.shield(self._log.submit(Care.READ, look))
        fresh = {place for place, end in ends.items() if end > self.end(place)}
        known = len(self._ends)
        for place in fresh | (ends.keys() - self._ends.keys()):
            self._ends[place] = ends[place]
            self._tails.pop(place, None)
        if len(self._ends) > known:
            self._share_out()
        self._wake(fresh)

    async def look_for_others(self) -> None:
        with contextlib.suppress(Unavailable):  # the next publish or commit will say so
            await self._look_for_others()

    async def trim(self) -> int:
        """Delete records older than the retention; how many."""
        oldest = (self._clock.now() - self._retention - _EPOCH) // _MICROSECOND
        deleted = 0
        while batch := await asyncio.shield(self._log.submit(Care.WRITE, lambda c: _trim(c, oldest))):
            deleted += batch
        return deleted

    async def _trim_for_ever(self) -> None:
        while True:
            with contextlib.suppress(Unavailable):
                await self.trim()
            await asyncio.sleep(_TRIM_EVERY)
