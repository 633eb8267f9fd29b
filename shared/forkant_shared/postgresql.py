"""A pool of connections to one PostgreSQL database."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import psycopg
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine


class PostgresPool:
    """Transactions on the database that `url` names; at most twice `size` at a time."""

    def __init__(self, url: sa.URL, size: int) -> None:
        self._engine = create_async_engine(url, pool_size=size, max_overflow=size, pool_pre_ping=False, pool_timeout=10)
        self.write_turns = self.read_turns = asyncio.Semaphore(2 * size)

    @contextlib.asynccontextmanager
    async def begun(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that is rolled back unless `commit` was called."""
        async with self._engine.connect() as connection:
            await connection.begin()
            yield connection

    writing = reading = begun

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
        await self._engine.dispose(close=False)

    async def close(self) -> None:
        await self._engine.dispose()


async def _rolled_back(driver: psycopg.AsyncConnection) -> bool:
    """Whether the connection can be used again: what SQLAlchemy rolled back in a pipeline has not reached the server.

    Where the server fell while the pipeline was full, the driver still calls the connection open but cannot send.
    """
    try:
        await driver.rollback()
    except psycopg.Error:
        return False
    return True
