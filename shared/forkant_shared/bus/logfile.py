"""The log of the embedded bus: records, partitions and group offsets as rows of one SQLite file."""

import asyncio
import json
import sqlite3
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from forkant_shared.bus import DEFAULT_PARTITIONS, Headers, Message, Record, TopicPartition
from forkant_shared.bus.gathering import Care, GatheringThread

_SCHEMA = """
CREATE TABLE IF NOT EXISTS partitions (
    topic TEXT NOT NULL, partition INTEGER NOT NULL, next_offset INTEGER NOT NULL,
    PRIMARY KEY (topic, partition)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS log (
    position INTEGER PRIMARY KEY,
    topic TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
    key TEXT NOT NULL, headers TEXT NOT NULL, value BLOB NOT NULL, at INTEGER NOT NULL,
    UNIQUE (topic, partition, offset)
);
CREATE TABLE IF NOT EXISTS offsets (
    listeners TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
    PRIMARY KEY (listeners, topic, partition)
) WITHOUT ROWID;
"""

_TRIM_AT_ONCE = 500

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Ends = dict[TopicPartition, int]


class LogFile:
    """``path`` is a file, or ``:memory:`` for a log that ends with ``close``.

    Everything raises ``Unavailable`` when the file is locked, full or broken.
    """

    def __init__(self, path: str) -> None:
        self._thread = GatheringThread(path, _SCHEMA)
        self._seen_version = -1

    @property
    def is_open(self) -> bool:
        return self._thread.is_open

    async def open(self) -> None:
        self._seen_version = -1
        await self._thread.open()

    async def close(self) -> None:
        await self._thread.close()

    async def create(self, topics: Sequence[str], partitions: int) -> Ends:
        """Make the topics that do not exist. The next offset of every partition there is."""

        def create(connection: sqlite3.Connection) -> Ends:
            for topic in topics:
                _create(connection, topic, partitions)
            return _ends(connection)

        return await self._thread.do(Care.SYNC, create)

    def append(self, messages: Sequence[Message], now: datetime) -> asyncio.Future[list[Record]]:
        """Add to the log. The future has the records once they are on the disk; shield it."""
        return self._thread.submit(Care.SYNC, lambda connection: _append(connection, messages, now))

    async def read(self, place: TopicPartition, offset: int, limit: int) -> list[Record]:
        """At most ``limit`` records of one partition, from ``offset`` or the next one that is kept."""

        def read(connection: sqlite3.Connection) -> list[Record]:
            rows = connection.execute(
                "SELECT offset, key, value, headers, at FROM log "
                "WHERE topic = ? AND partition = ? AND offset >= ? ORDER BY offset LIMIT ?",
                (*place, offset, limit),
            )
            return [
                Record(*place, found, key, value, _unpack(headers), _EPOCH + at * _MICROSECOND)
                for found, key, value, headers, at in rows
            ]

        return await self._thread.do(Care.READ, read)

    async def ends_if_others_wrote(self) -> Ends:
        """The next offset of every partition when another process has written since; else nothing."""

        def look(connection: sqlite3.Connection) -> tuple[int, Ends]:
            version: int = connection.execute("PRAGMA data_version").fetchone()[0]
            return version, {} if version == self._seen_version else _ends(connection)

        self._seen_version, ends = await self._thread.do(Care.READ, look)
        return ends

    async def offsets(self, group: str) -> dict[TopicPartition, int]:
        def offsets(connection: sqlite3.Connection) -> dict[TopicPartition, int]:
            rows = connection.execute("SELECT topic, partition, offset FROM offsets WHERE listeners = ?", (group,))
            return {TopicPartition(topic, partition): offset for topic, partition, offset in rows}

        return await self._thread.do(Care.READ, offsets)

    async def store_offsets(self, group: str, offsets: Mapping[TopicPartition, int]) -> None:
        rows = [(group, *place, offset) for place, offset in offsets.items()]

        def store(connection: sqlite3.Connection) -> None:
            connection.executemany(
                "INSERT INTO offsets VALUES (?, ?, ?, ?) "
                "ON CONFLICT (listeners, topic, partition) DO UPDATE SET offset = excluded.offset",
                rows,
            )

        await self._thread.do(Care.WRITE, store)

    async def trim(self, before: datetime) -> int:
        """Delete records older than ``before``, in small batches; how many."""
        oldest = (before - _EPOCH) // _MICROSECOND
        deleted = 0
        while batch := await self._thread.do(Care.WRITE, lambda connection: _trim(connection, oldest)):
            deleted += batch
        return deleted


def _create(connection: sqlite3.Connection, topic: str, partitions: int) -> None:
    if connection.execute("SELECT 1 FROM partitions WHERE topic = ?", (topic,)).fetchone() is None:
        connection.executemany(
            "INSERT INTO partitions VALUES (?, ?, 0)", [(topic, partition) for partition in range(partitions)]
        )


def _ends(connection: sqlite3.Connection) -> Ends:
    rows = connection.execute("SELECT topic, partition, next_offset FROM partitions")
    return {TopicPartition(topic, partition): end for topic, partition, end in rows}


def _append(connection: sqlite3.Connection, messages: Sequence[Message], now: datetime) -> list[Record]:
    counts = {topic: _partitions(connection, topic) for topic in {message.topic for message in messages}}
    ends: Ends = {}
    records = []
    for message in messages:
        # A hash that is the same in every process and for ever: the order of a key hangs on it.
        place = TopicPartition(message.topic, zlib.crc32(message.key.encode()) % counts[message.topic])
        if place not in ends:
            found = connection.execute("SELECT next_offset FROM partitions WHERE topic = ? AND partition = ?", place)
            ends[place] = found.fetchone()[0]
        records.append(Record(*place, ends[place], message.key, message.value, message.headers, now))
        ends[place] += 1
    at = (now - _EPOCH) // _MICROSECOND
    connection.executemany(
        "INSERT INTO log (topic, partition, offset, key, headers, value, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(r.topic, r.partition, r.offset, r.key, _pack(r.headers), r.value, at) for r in records],
    )
    connection.executemany(
        "UPDATE partitions SET next_offset = ? WHERE topic = ? AND partition = ?",
        [(end, *place) for place, end in ends.items()],
    )
    return records


def _partitions(connection: sqlite3.Connection, topic: str) -> int:
    count = "SELECT count(*) FROM partitions WHERE topic = ?"
    found: int = connection.execute(count, (topic,)).fetchone()[0]
    if not found:
        _create(connection, topic, DEFAULT_PARTITIONS)
        return DEFAULT_PARTITIONS
    return found


def _trim(connection: sqlite3.Connection, oldest: int) -> int:
    # Rows lie in the order of time, so that looking at the first few is enough.
    rows = connection.execute("SELECT position, at FROM log ORDER BY position LIMIT ?", (_TRIM_AT_ONCE,))
    old = [position for position, at in rows if at < oldest]
    if old:
        connection.execute("DELETE FROM log WHERE position <= ?", (old[-1],))
    return len(old)


def _pack(headers: Headers) -> str:
    # latin-1 gives every byte one character and takes it back unchanged.
    return json.dumps([[name, value.decode("latin-1")] for name, value in headers])


def _unpack(packed: str) -> Headers:
    return tuple((name, value.encode("latin-1")) for name, value in json.loads(packed))
