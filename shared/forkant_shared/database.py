"""One database a service, SQLite or PostgreSQL, and one transaction a command.

`write()` commits when the block ends and rolls back when it raises. What must happen only once something is committed,
such as waking the relay, is handed to `Session.after_commit`. What nobody reads in the transaction waits for the commit
and travels with it, because each answer waited for costs as much as several rows; whoever reads it all the same finds
it.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import hashlib
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import visitors

from forkant_shared import outages
from forkant_shared.clock import Clock
from forkant_shared.columns import NAMING as NAMING
from forkant_shared.columns import Id as Id
from forkant_shared.columns import Json as Json
from forkant_shared.columns import Serial as Serial
from forkant_shared.columns import UtcDateTime as UtcDateTime
from forkant_shared.columns import new_metadata as new_metadata
from forkant_shared.errors import Unavailable
from forkant_shared.postgresql import PostgresPool
from forkant_shared.sqlite import SqliteFile

TURN_SECONDS = 10.0

#: For so long after a write found no room the database counts as full: whoever writes now and then keeps it known.
FULL_SECONDS = 60.0


class Session:
    """One transaction, or on PostgreSQL one look without: its SQL, and what happens once it is committed."""

    can_lock = True

    def __init__(
        self, connection: AsyncConnection | sa.Connection, clock: Clock, wake_relay: Callable[[], None]
    ) -> None:
        self.connection = connection
        self.clock = clock
        self.wake_relay = wake_relay
        self._after_commit: list[Callable[[], None]] = []
        self._later: dict[sa.Executable, list[Mapping[str, Any]]] = {}
        self._waiting: set[sa.FromClause] = set()
        self.positions: dict[str, int] = {}
        self.audit_head: tuple[int, str] | None = None

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.connection.dialect.name

    async def execute(
        self, statement: sa.Executable, parameters: Any = None, *, past_waiting: bool = False
    ) -> sa.CursorResult[Any]:
        """Run one statement (or one for each of a list of parameters).

        What waits for the commit in a table that it names is written first; with `past_waiting` it is not, by those
        who know that it is none of what they ask for.
        """
        if self._waiting and not past_waiting and not self._waiting.isdisjoint(_tables_of(statement)):
            await self.flush()
        found = self.connection.execute(statement, parameters)
        return found if isinstance(found, sa.CursorResult) else await found

    async def insert_ignore(self, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> int:
        """Insert what is not there yet; the number of rows that were new."""
        if not rows:
            return 0
        statement = _insert_ignore(table, self.dialect)
        if len(rows) == 1:
            return (await self.execute(statement, dict(rows[0]))).rowcount
        return (await self.execute(statement.values([dict(row) for row in rows]))).rowcount

    def later(self, table: sa.Table, *rows: Mapping[str, Any]) -> None:
        """Insert these rows in the moment before the commit, all rows of a table in one statement."""
        self.run_later(_insert(table), *rows)

    def later_ignore(self, table: sa.Table, rows: Iterable[Mapping[str, Any]]) -> None:
        """Insert what is not there yet, in the moment before the commit."""
        self.run_later(_insert_ignore(table, self.dialect), *rows)

    def run_later(self, statement: sa.Insert | sa.Update, *parameters: Mapping[str, Any]) -> None:
        """Run the statement once for each of these, in the moment before the commit, in the order first named."""
        if parameters:
            self._later.setdefault(statement, []).extend(parameters)
            self._waiting.add(statement.table)

    def waiting(self, table: sa.Table) -> Sequence[Mapping[str, Any]]:
        """The rows of a table that wait for the commit to be inserted."""
        return self._later.get(_insert(table), ())

    @property
    def waits(self) -> bool:
        """Whether any row waits for the commit."""
        return bool(self._later)

    async def flush(self) -> None:
        """Write now what waits for the commit, statement by statement in the order they were first named."""
        self._waiting.clear()
        while self._later:
            statement = next(iter(self._later))
            rows = self._later.pop(statement)
            await self.execute(statement, dict(rows[0]) if len(rows) == 1 else rows)

    async def try_lock(self, name: str) -> bool:
        """Take a lock of this name until the transaction ends; False where another instance holds it.

        On SQLite a writing transaction already stands alone, so the answer is always True.
        """
        assert self.can_lock, "who only looks holds no lock: take it in write() or as guard()"
        if self.dialect != "postgresql":
            return True
        found = await self.execute(sa.select(sa.func.pg_try_advisory_xact_lock(sa.func.hashtextextended(name, 0))))
        return bool(found.scalar_one())

    async def lock(self, names: Iterable[str]) -> None:
        """Wait until nobody else holds any of these locks, and hold them until the transaction ends.

        Taken in one order by everybody, so that two who want the same ones cannot wait for each other.
        """
        assert self.can_lock, "who only looks holds no lock: take it in write() or as guard()"
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
    """A service's own database. `url` as SQLAlchemy writes it: `sqlite:///…` or `postgresql+psycopg://…`."""

    def __init__(self, url: str, *, clock: Clock, pool_size: int = 10) -> None:
        self.url = sa.make_url(url)
        self._clock = clock
        self.relay_wakers: list[Callable[[], None]] = []
        #: Until then (on the monotonic clock) there is no room on its disk, as far as is known.
        self.full_until = 0.0
        self._store: Any
        if self.url.get_backend_name() == "sqlite":
            self._store = SqliteFile(self.url)
        else:
            self._store = PostgresPool(self.url, pool_size)

    @contextlib.asynccontextmanager
    async def write(self) -> AsyncIterator[Session]:
        """A transaction that may change things. Raises Unavailable where the database is away."""
        async with self._session(self._store.begun, self._store.write_turns) as session:
            yield session
            await self._store.commit(session.connection, session.flush if session.waits else None)
        self.full_until = 0.0
        session.committed()

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[Session]:
        """Only look. Raises Unavailable where the database is away.

        On PostgreSQL that is no transaction: a lock taken here is gone with its statement (see `guard`).
        """
        async with self._session(self._store.looking, self._store.read_turns) as session:
            session.can_lock = False
            yield session

    @contextlib.asynccontextmanager
    async def guard(self, name: str) -> AsyncIterator[Session | None]:
        """Look as the only instance that does so under this name; None where another one does.

        PostgreSQL lets go of the name when the instance dies; a SQLite file has one instance. It has a turn of its own,
        so that it does not wait behind the commands.
        """
        async with self._session(self._store.guarding, self._store.guard_turns) as session:
            yield session if await session.try_lock(name) else None
            # Not left to be rolled back: with that psycopg throws away all that the connection has prepared.
            await self._store.commit(session.connection, session.flush if session.waits else None)

    @contextlib.asynccontextmanager
    async def guarded(self, guard: Session) -> AsyncIterator[Session]:
        """Change something under a guard: with its own commit, or in a file, where a guard only looks, beside it."""
        if guard.dialect == "postgresql":
            yield guard
        else:
            async with self.write() as session:
                yield session

    @contextlib.asynccontextmanager
    async def _session(
        self,
        begun: Callable[[], contextlib.AbstractAsyncContextManager[AsyncConnection | sa.Connection]],
        turns: asyncio.Semaphore,
    ) -> AsyncIterator[Session]:
        # Waiting for a connection happens here and not in the pool: the pool's own queue can lose a connection when
        # somebody who waits for it is cancelled, and everybody after that waits until the pool gives up.
        try:
            async with _turn(turns), begun() as connection:
                yield Session(connection, self._clock, self._wake_relay)
        except (DBAPIError, sa.exc.TimeoutError) as error:
            meant = outages.meaning(error)
            if meant is None:
                raise
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                await self._store.forget()
            if meant.detail == outages.NO_ROOM:
                self.full_until = time.monotonic() + FULL_SECONDS
            raise meant from error

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
        await self._store.close()


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


@functools.cache
def _insert(table: sa.Table) -> sa.Insert:
    # Inline: nobody asks for the keys the database made up, and in a pipeline they are not there yet.
    return table.insert().inline()


@functools.cache
def _insert_ignore(table: sa.Table, dialect: str) -> sa.Insert:
    insert = postgresql.insert if dialect == "postgresql" else sqlite_dialect.insert
    # Without the option the count is gone on PostgreSQL, where the cursor is closed before anybody asks.
    return insert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)


def _tables_of(statement: sa.Executable) -> frozenset[sa.Table]:
    """The tables that a statement names, and those that rows it adds refer to; kept for statements made once."""
    known = _TABLES.get(statement)
    if known is None:
        assert isinstance(statement, sa.ClauseElement)
        named = {part for part in visitors.iterate(statement) if isinstance(part, sa.Table)}
        if isinstance(statement, sa.Insert):
            named |= {key.column.table for table in named for key in table.foreign_keys}
        known = _TABLES[statement] = frozenset(named)
    return known


_TABLES: WeakKeyDictionary[sa.Executable, frozenset[sa.Table]] = WeakKeyDictionary()


def sqlite_url(path: str) -> str:
    """The URL of a SQLite file."""
    return f"sqlite:///{path}"
