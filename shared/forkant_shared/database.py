"""One database a service, SQLite or PostgreSQL, and one transaction a command.

`write()` takes the write lock at once on SQLite (`BEGIN IMMEDIATE`: a deferred one loses updates when two read and then
write), commits when the block ends and rolls back when it raises. What must happen only once something is committed,
such as waking the relay, is handed to `Session.after_commit`.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from threading import Thread
from typing import Any, TypeVar

import aiosqlite
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from forkant_shared.clock import Clock
from forkant_shared.columns import NAMING as NAMING
from forkant_shared.columns import Id as Id
from forkant_shared.columns import Json as Json
from forkant_shared.columns import Serial as Serial
from forkant_shared.columns import UtcDateTime as UtcDateTime
from forkant_shared.columns import new_metadata as new_metadata
from forkant_shared.errors import Conflict, Unavailable

T = TypeVar("T")

LAST_STATEMENT_SECONDS = 1.0
TURN_SECONDS = 10.0
SQLITE_READERS = 4

#: SQLSTATE of two transactions that waited for each other, or could not be put in an order.
CROSSED = frozenset({"40P01", "40001"})


class Session:
    """One transaction: its SQL, and what happens once it is committed."""

    def __init__(self, connection: AsyncConnection, clock: Clock, wake_relay: Callable[[], None]) -> None:
        self._connection = connection
        self.clock = clock
        self.wake_relay = wake_relay
        self._after_commit: list[Callable[[], None]] = []
        self.positions: dict[str, int] = {}

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._connection.dialect.name

    async def execute(self, statement: sa.Executable, parameters: Any = None) -> sa.CursorResult[Any]:
        """Run one statement (or one for each of a list of parameters)."""
        return await self._connection.execute(statement, parameters)

    async def insert_ignore(self, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> int:
        """Insert what is not there yet; the number of rows that were new."""
        if not rows:
            return 0
        insert = postgresql.insert if self.dialect == "postgresql" else sqlite_dialect.insert
        statement = insert(table).values([dict(row) for row in rows]).on_conflict_do_nothing()
        # Without the option the count is gone on PostgreSQL, where the cursor is closed before anybody asks.
        counted = statement.execution_options(preserve_rowcount=True)
        return (await self._connection.execute(counted)).rowcount

    async def try_lock(self, name: str) -> bool:
        """Take a lock of this name until the transaction ends; False where another instance holds it.

        On SQLite a writing transaction already stands alone, so the answer is always True.
        """
        if self.dialect != "postgresql":
            return True
        found = await self.execute(sa.select(sa.func.pg_try_advisory_xact_lock(sa.func.hashtextextended(name, 0))))
        return bool(found.scalar_one())

    async def lock(self, names: Iterable[str]) -> None:
        """Wait until nobody else holds any of these locks, and hold them until the transaction ends.

        Taken in one order by everybody, so that two who want the same ones cannot wait for each other.
        """
        if self.dialect != "postgresql":
            return
        numbers = sorted({int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True) for name in names})
        each = sa.func.unnest(sa.literal(numbers, postgresql.ARRAY(sa.BigInteger))).column_valued("number")
        await self.execute(sa.select(sa.func.pg_advisory_xact_lock(each)))

    def after_commit(self, action: Callable[[], None]) -> None:
        """Call this once the transaction is committed; never if it is not. The same action is called once."""
        if action not in self._after_commit:
            self._after_commit.append(action)

    def committed(self) -> None:
        for action in self._after_commit:
            action()


class Database:
    """A service's own database. `url` as SQLAlchemy writes it: `sqlite+aiosqlite:///…` or `postgresql+psycopg://…`."""

    def __init__(self, url: str, *, clock: Clock, pool_size: int = 10) -> None:
        self.url = sa.make_url(url)
        self._clock = clock
        self.relay_wakers: list[Callable[[], None]] = []
        self._threads: list[Thread] = []
        if self.url.get_backend_name() == "sqlite":
            # A plain engine for readers, so that reading never takes the write lock.
            self._writer = _sqlite_engine(self.url, "BEGIN IMMEDIATE", 1, self._threads)
            self._reader = _sqlite_engine(self.url, "BEGIN", SQLITE_READERS, self._threads)
            self._write_turns = asyncio.Semaphore(1)
            self._read_turns = asyncio.Semaphore(SQLITE_READERS)
        else:
            self._write_turns = self._read_turns = asyncio.Semaphore(2 * pool_size)
            self._writer = self._reader = create_async_engine(
                self.url, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=False, pool_timeout=10
            )

    @contextlib.asynccontextmanager
    async def write(self) -> AsyncIterator[Session]:
        """A transaction that may change things. Raises Unavailable where the database is away."""
        async with self._transaction(self._writer, self._write_turns) as session:
            yield session
        session.committed()

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[Session]:
        """A transaction that only looks. Raises Unavailable where the database is away."""
        async with self._transaction(self._reader, self._read_turns) as session:
            yield session

    @contextlib.asynccontextmanager
    async def _transaction(self, engine: AsyncEngine, turns: asyncio.Semaphore) -> AsyncIterator[Session]:
        # Waiting for a connection happens here and not in the pool: the pool's own queue can lose a connection when
        # somebody who waits for it is cancelled, and everybody after that waits until the pool gives up.
        try:
            async with _turn(turns), _begun(engine) as connection:
                yield Session(connection, self._clock, self._wake_relay)
        except (OperationalError, InterfaceError, sa.exc.TimeoutError) as error:
            if _is_a_bug(error):
                raise
            if str(getattr(error.orig if isinstance(error, DBAPIError) else None, "sqlstate", "")) in CROSSED:
                raise Conflict(
                    "Somebody else changed the same things at the same moment.", remedy="Try again."
                ) from error
            await self._forget(engine, error)
            raise Unavailable("The database does not answer just now.") from error
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            await self._forget(engine, error)
            raise Unavailable("The database does not answer just now.") from error

    async def _forget(self, engine: AsyncEngine, error: Exception) -> None:
        # After a restart of the server every pooled connection is dead; the next call gets a new one.
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            await engine.dispose(close=False)

    async def answers(self) -> bool:
        """Whether the database can be asked anything just now."""
        try:
            async with self.read() as session:
                await session.execute(sa.select(1))
        except Unavailable:
            return False
        return True

    def _wake_relay(self) -> None:
        for wake in self.relay_wakers:
            wake()

    async def close(self) -> None:
        await self._writer.dispose()
        if self._reader is not self._writer:
            await self._reader.dispose()
        # A statement whose caller was cancelled still runs on its thread, and must not outlive the event loop.
        for thread in [thread for thread in self._threads if thread.is_alive()]:
            await asyncio.to_thread(thread.join, LAST_STATEMENT_SECONDS)
        self._threads.clear()


@contextlib.asynccontextmanager
async def _turn(turns: asyncio.Semaphore) -> AsyncIterator[None]:
    """One's turn to have a connection. Raises Unavailable where it does not come."""
    try:
        async with asyncio.timeout(TURN_SECONDS):
            await turns.acquire()
    except TimeoutError as error:
        raise Unavailable("The database is busy just now.") from error
    try:
        yield
    finally:
        turns.release()


@contextlib.asynccontextmanager
async def _begun(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction on a connection of its own, ended in every case.

    On SQLite a transaction that nobody ends keeps everybody else from writing; so being cancelled in the middle of
    beginning, of a statement or of ending waits for the driver's thread, and then lets go.
    """
    if engine.dialect.name != "sqlite":
        async with engine.begin() as connection:
            yield connection
        return
    connection = engine.connect()
    driver: aiosqlite.Connection | None = None
    try:
        await _to_the_end(connection.start())
        driver = (await connection.get_raw_connection()).driver_connection
        await _to_the_end(connection.begin().start())
        yield connection
        await _to_the_end(connection.commit())
    except BaseException as error:
        if driver is not None and not isinstance(error, Exception):
            # Cancelled: SQLAlchemy throws the connection away, and only its own close ends what it had begun.
            await _to_the_end(driver.close())
            await _to_the_end(connection.invalidate())
        raise
    finally:
        # Also one whose start was cancelled: it was started all the same.
        if connection.sync_connection is not None:
            await _to_the_end(connection.close())


async def _to_the_end(work: Awaitable[T]) -> T:
    """Wait for this to its end, also where the one who waits is cancelled; the cancellation comes after it."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def _is_a_bug(error: Exception) -> bool:
    """Drivers also call a wrong statement and a broken limit operational; waiting mends neither."""
    orig = getattr(error, "orig", None)
    beyond_a_limit = str(getattr(orig, "sqlstate", "")).startswith("54")
    return beyond_a_limit or getattr(orig, "sqlite_errorname", "") == "SQLITE_ERROR"


def _sqlite_engine(url: sa.URL, begin: str, pool_size: int, threads: list[Thread]) -> AsyncEngine:
    def connect(*args: Any, **named: Any) -> aiosqlite.Connection:
        connection = aiosqlite.connect(*args, **named)
        connection._thread.daemon = True
        threads[:] = [thread for thread in threads if thread.ident is None or thread.is_alive()]
        threads.append(connection._thread)
        return connection

    engine = create_async_engine(
        url,
        poolclass=sa.AsyncAdaptedQueuePool,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=30,
        connect_args={"async_creator_fn": connect},
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _strict(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "busy_timeout=5000",
            "foreign_keys=ON",
            "temp_store=MEMORY",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def sqlite_url(path: str) -> str:
    """The URL of a SQLite file."""
    return f"sqlite+aiosqlite:///{path}"
