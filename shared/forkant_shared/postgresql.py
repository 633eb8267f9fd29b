"""A pool of connections to one PostgreSQL database."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from forkant_shared.columns import JSON_OPTIONS


class PostgresPool:
    """Transactions on the database that `url` names, at most `size` at a time; as many looks, and a guard, beside."""

    def __init__(self, url: sa.URL, size: int) -> None:
        self._engine = _engine(url, size + 1)
        self._looking = _engine(url, size, isolation_level="AUTOCOMMIT", skip_autocommit_rollback=True)
        self.write_turns, self.read_turns = asyncio.Semaphore(size), asyncio.Semaphore(size)
        self.guard_turns = asyncio.Semaphore(1)

    @contextlib.asynccontextmanager
    async def begun(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that is rolled back unless `commit` was called."""
        async with self._engine.connect() as connection:
            await connection.begin()
            yield connection

    guarding = begun

    @contextlib.asynccontextmanager
    async def looking(self) -> AsyncIterator[AsyncConnection]:
        """No transaction: at PostgreSQL's isolation each statement sees its own moment all the same, and beginning and
        ending one are two messages more."""
        async with self._looking.connect() as connection:
            yield connection

    async def commit(self, connection: AsyncConnection, flush: Callable[[], Awaitable[None]] | None) -> None:
        """Commit. What `flush` writes travels with it in one message: each answer waited for costs as much as a row."""
        if flush is None:
            await connection.commit()
            return
        driver = (await connection.get_raw_connection()).driver_connection
        assert isinstance(driver, psycopg.AsyncConnection)
        try:
            async with driver.pipeline():
                await flush()
                await connection.commit()
        except Exception as error:
            lost = not await _rolled_back(driver)
            if lost:
                await connection.invalidate(error)
            if not isinstance(error, psycopg.Error):
                raise
            # Answers come after SQLAlchemy has stopped listening, so the error is dressed here as it would have been.
            raise DBAPIError.instance(
                None, None, error, psycopg.Error, connection_invalidated=lost, dialect=connection.dialect
            ) from error

    async def forget(self) -> None:
        """After a restart of the server every connection of the pool is dead; the next call gets a new one."""
        for engine in (self._engine, self._looking):
            await engine.dispose(close=False)

    async def close(self) -> None:
        for engine in (self._engine, self._looking):
            await engine.dispose()


def _engine(url: sa.URL, size: int, **options: Any) -> AsyncEngine:
    # The connection used last comes first: it has prepared what is asked most, as each must for itself.
    options |= {"pool_size": size, "max_overflow": 0, "pool_use_lifo": True, "pool_timeout": 10, **JSON_OPTIONS}
    return create_async_engine(url, **options)


async def _rolled_back(driver: psycopg.AsyncConnection) -> bool:
    """Whether the connection can be used again: what SQLAlchemy rolled back in a pipeline has not reached the server.

    Where the server fell while the pipeline was full, the driver still calls the connection open but cannot send.
    """
    try:
        await driver.rollback()
    except psycopg.Error:
        return False
    return True
