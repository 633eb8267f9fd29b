"""One SQLite file, whose statements run where they are asked for: on the event loop's own thread.

A statement takes some tens of microseconds and a hop to another thread and back takes more, above all while the loop
is busy; so nothing hops. Writers take the write lock at once (`BEGIN IMMEDIATE`: a deferred one loses updates when two
read and then write) and wait for another process without holding the loop up. Readers have connections of their own,
so that reading never takes the lock and sees one moment.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from forkant_shared.columns import JSON_OPTIONS

READERS = 4
LOCK_SECONDS = 5.0
LOOK_SECONDS = 0.005


class SqliteFile:
    """Transactions on the file that `url` names."""

    def __init__(self, url: sa.URL) -> None:
        self._writer = _engine(url, "BEGIN IMMEDIATE", 1)
        self._reader = _engine(url, "BEGIN", READERS)
        self.write_turns = asyncio.Semaphore(1)
        self.read_turns = self.guard_turns = asyncio.Semaphore(READERS)

    @contextlib.asynccontextmanager
    async def begun(self) -> AsyncIterator[sa.Connection]:
        """A transaction that stands alone, rolled back unless `commit` was called.

        Raises sqlalchemy's OperationalError where another process never lets go.
        """
        with self._writer.connect() as connection:
            await _begin(connection)
            try:
                yield connection
            finally:
                connection.rollback()

    @contextlib.asynccontextmanager
    async def looking(self) -> AsyncIterator[sa.Connection]:
        """A transaction that sees what was committed when it first looked."""
        with self._reader.connect() as connection:
            try:
                yield connection
            finally:
                connection.rollback()

    guarding = looking

    async def commit(self, connection: sa.Connection, flush: Callable[[], Awaitable[None]] | None) -> None:
        """Write what `flush` writes, and commit."""
        if flush is not None:
            await flush()
        connection.commit()

    async def forget(self) -> None:
        """A file does not restart."""

    async def close(self) -> None:
        self._writer.dispose()
        self._reader.dispose()


async def _begin(connection: sa.Connection) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + LOCK_SECONDS
    while True:
        try:
            connection.begin()
            return
        except sa.exc.OperationalError as error:
            if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY or loop.time() > until:
                raise
        await asyncio.sleep(LOOK_SECONDS)


class _Cursor(sqlite3.Cursor):
    """Has all rows at once: a statement that is still being stepped through would see later writes, or hold them up."""

    _rows: deque[Any]

    def execute(self, *given: Any) -> _Cursor:
        super().execute(*given)
        self._rows = deque(super().fetchall()) if self.description else deque()
        return self

    def fetchone(self) -> Any:
        return self._rows.popleft() if self._rows else None

    def fetchmany(self, size: int | None = None) -> list[Any]:
        return [self._rows.popleft() for _ in range(min(size or self.arraysize, len(self._rows)))]

    def fetchall(self) -> list[Any]:
        rows, self._rows = list(self._rows), deque()
        return rows


class _Connection(sqlite3.Connection):
    def cursor(self, *_: Any) -> _Cursor:  # type: ignore[override]  # ours, whatever is asked for
        return super().cursor(_Cursor)


def migrating_engine(url: sa.URL) -> sa.Engine:
    """An engine whose changes of the shape of tables hold all together or not at all.

    Foreign keys are not looked at meanwhile: a table that is made anew is dropped first, and must take no rows along.
    """
    return _engine(url, "BEGIN IMMEDIATE", 1, foreign_keys="OFF", timeout=LOCK_SECONDS)


def _engine(url: sa.URL, begin: str, pool_size: int, *, foreign_keys: str = "ON", timeout: float = 0) -> sa.Engine:
    engine = sa.create_engine(
        url,
        poolclass=sa.QueuePool,
        pool_size=pool_size,
        max_overflow=0,
        pool_reset_on_return=None,  # a transaction ends before its connection goes back
        **JSON_OPTIONS,
        connect_args={"factory": _Connection, "check_same_thread": False, "timeout": timeout},
    )

    @event.listens_for(engine, "connect")
    def _strict(connection: sqlite3.Connection, _: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", f"foreign_keys={foreign_keys}", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        # Straight to the driver: what SQLAlchemy does around a statement takes three times as long as this one.
        driver: Any = connection.connection.driver_connection
        try:
            driver.execute(begin)
        except sqlite3.OperationalError as error:
            raise sa.exc.OperationalError(begin, None, error) from error

    return engine
