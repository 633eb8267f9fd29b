"""What a transaction promises, on both databases."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from forkant_full.postgres_server import PostgresServer
from forkant_full.processes import CannotRun
from forkant_shared.clock import SystemClock
from forkant_shared.database import Database, UtcDateTime, sqlite_url
from forkant_shared.errors import Unavailable
from tests.shared.support.tables import CHILDREN, COUNTERS, MOMENTS, PARENTS, make_tables


async def _value(database: Database) -> int:
    async with database.read() as session:
        return int((await session.execute(sa.select(COUNTERS.c.value))).scalar_one())


async def _begin(database: Database) -> None:
    async with database.write() as session:
        await session.execute(COUNTERS.insert().values(name="n", value=0))


async def _increment(database: Database) -> None:
    async with database.write() as session:
        found = await session.execute(sa.select(COUNTERS.c.value).with_for_update())
        value = found.scalar_one()
        await asyncio.sleep(0)
        await session.execute(COUNTERS.update().values(value=value + 1))


async def test_sixty_commands_that_read_and_then_write_lose_no_update(database: Database) -> None:
    await _begin(database)
    await asyncio.gather(*(_increment(database) for _ in range(60)))
    assert await _value(database) == 60


async def test_two_processes_on_one_database_lose_no_update_either(kit_url: str) -> None:
    """On SQLite a writer takes the lock before it reads: one that takes it later would have read what is old."""
    databases = [Database(kit_url, clock=SystemClock()) for _ in range(2)]
    await _begin(databases[0])
    await asyncio.gather(*(_increment(databases[n % 2]) for n in range(40)))
    assert await _value(databases[0]) == 40
    for database in databases:
        await database.close()


async def test_a_command_that_raises_changes_nothing(database: Database) -> None:
    await _begin(database)
    with pytest.raises(RuntimeError):
        async with database.write() as session:
            await session.execute(COUNTERS.update().values(value=7))
            raise RuntimeError
    assert await _value(database) == 0


async def test_what_waits_for_the_commit_is_called_once_after_it(database: Database) -> None:
    await _begin(database)
    seen: list[str] = []

    def told() -> None:
        seen.append("told")

    async with database.write() as session:
        session.after_commit(told)
        session.after_commit(told)
        await session.execute(COUNTERS.update().values(value=1))
        assert seen == []
    assert seen == ["told"]


async def test_what_waits_for_the_commit_is_not_called_after_a_rollback(database: Database) -> None:
    seen: list[str] = []
    with pytest.raises(RuntimeError):
        async with database.write() as session:
            session.after_commit(lambda: seen.append("told"))
            raise RuntimeError
    assert seen == []


async def test_a_commit_that_fails_tells_nobody(database: Database) -> None:
    """A constraint that is checked at commit fails after the last statement of the command."""
    seen: list[str] = []
    async with database.write() as session:
        await session.execute(PARENTS.insert().values(id=2))
        await session.execute(CHILDREN.insert().values(id=2))
    with pytest.raises(sa.exc.IntegrityError):
        async with database.write() as session:
            session.after_commit(lambda: seen.append("told"))
            await session.execute(CHILDREN.insert().values(id=1))
    assert seen == []


async def test_readers_do_not_wait_for_a_writer_and_see_what_is_committed(database: Database) -> None:
    await _begin(database)
    async with database.write() as session:
        await session.execute(COUNTERS.update().values(value=5))
        assert await asyncio.wait_for(_value(database), 2) == 0
    assert await _value(database) == 5


async def test_insert_ignore_counts_only_what_is_new(database: Database) -> None:
    rows = [{"name": name, "value": 1} for name in "abc"]
    async with database.write() as session:
        assert await session.insert_ignore(COUNTERS, rows[:2]) == 2
        assert await session.insert_ignore(COUNTERS, rows) == 1
        assert await session.insert_ignore(COUNTERS, []) == 0


async def test_a_wrong_statement_is_a_bug_and_not_an_outage(database: Database) -> None:
    with pytest.raises(sa.exc.DBAPIError):
        async with database.write() as session:
            await session.execute(sa.text("SELECT * FROM nowhere"))


async def test_a_moment_comes_back_in_utc_to_the_microsecond(database: Database) -> None:
    moments = [
        datetime(2026, 11, 20, 21, 15, 0, 123456, tzinfo=timezone(timedelta(hours=1))),
        datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
        datetime(1, 1, 2, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ]
    async with database.write() as session:
        await session.execute(MOMENTS.insert(), [{"id": n, "at": at} for n, at in enumerate(moments)])
        await session.execute(MOMENTS.insert().values(id=9, at=None))
        found = (await session.execute(sa.select(MOMENTS.c.at).order_by(MOMENTS.c.id))).scalars().all()
        assert list(found) == [*moments, None]
        assert all(at.tzinfo is UTC or at.utcoffset() == timedelta(0) for at in found if at)
        before = sa.select(sa.func.count()).where(MOMENTS.c.at < datetime(2026, 11, 20, 20, 15, 1, tzinfo=UTC))
        assert (await session.execute(before)).scalar_one() == 3


async def test_a_moment_without_zone_is_refused(database: Database) -> None:
    with pytest.raises(sa.exc.StatementError, match="without a time zone"):
        async with database.write() as session:
            await session.execute(MOMENTS.insert().values(id=1, at=datetime(2026, 1, 1)))


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_on_sqlite_the_text_of_moments_sorts_as_the_moments_do(one: datetime, other: datetime) -> None:
    kind, dialect = UtcDateTime(), sqlite.dialect()
    first, second = (kind.process_bind_param(at, dialect) for at in (one, other))
    assert (first < second) == (one < other)
    assert kind.process_result_value(first, dialect) == one
    assert len(first) == 27


async def test_only_one_instance_holds_a_named_lock_until_its_transaction_ends(database: Database) -> None:
    other = Database(database.url.render_as_string(hide_password=False), clock=SystemClock())
    on_postgresql = database.url.get_backend_name() == "postgresql"
    try:
        async with database.guard("relay/x") as mine:
            assert mine is not None
            if on_postgresql:  # a file has one instance
                async with other.guard("relay/x") as theirs:
                    assert theirs is None
                async with other.write() as theirs:
                    assert not await theirs.try_lock("relay/x")
                    assert await theirs.try_lock("relay/y")
        async with other.guard("relay/x") as theirs:
            assert theirs is not None
    finally:
        await other.close()


async def test_who_only_looks_is_told_that_no_lock_would_hold(database: Database) -> None:
    async with database.read() as session:
        with pytest.raises(AssertionError, match="guard"):
            await session.try_lock("relay/x")
        with pytest.raises(AssertionError, match="guard"):
            await session.lock(["relay/x"])


async def test_a_database_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    database = Database(sqlite_url(str(tmp_path / "missing" / "x.sqlite3")), clock=SystemClock())
    assert not await database.answers()
    with pytest.raises(Unavailable):
        async with database.write():
            pass
    await database.close()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[PostgresServer]:
    """A PostgreSQL to stop and to kill."""
    server = PostgresServer(tmp_path / "postgres", durable=False)
    try:
        server.start()
    except CannotRun as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"with CI=true nothing may be skipped: {error}")
        pytest.skip(f"not possible on this machine: {error}")
    yield server
    server.stop()


@pytest.mark.connected
async def test_a_stopped_postgresql_is_unavailable_and_answers_again_once_started(own_server: PostgresServer) -> None:
    database = Database(make_tables(own_server.url), clock=SystemClock())
    await _begin(database)
    own_server.stop()
    for _ in range(2):
        with pytest.raises(Unavailable):
            await _increment(database)
    assert not await database.answers()
    own_server.start()
    await database.answers()  # may find a connection of before; the next one is fresh
    await _increment(database)
    assert await _value(database) == 1
    own_server.kill()
    with pytest.raises(Unavailable):
        async with asyncio.timeout(10):
            while True:  # its children answer until they have noticed
                await _increment(database)
    await database.close()


@pytest.mark.connected
async def test_who_is_writing_when_postgresql_falls_hears_that_it_is_unavailable_and_nothing_else(
    own_server: PostgresServer,
) -> None:
    """In every state of a transaction: where a pipeline is full the driver is left unable even to roll back."""
    database = Database(make_tables(own_server.url), clock=SystemClock())
    numbers, refused, falling = itertools.count(), 0, True

    async def writer() -> None:
        nonlocal refused
        while falling:
            number = next(numbers)
            try:
                async with database.write() as session:
                    await session.execute(sa.select(COUNTERS.c.value))
                    session.later(COUNTERS, {"name": str(number), "value": number})
                    session.later(MOMENTS, {"id": number})
            except Unavailable:
                refused += 1
                await asyncio.sleep(0.02)

    async with asyncio.TaskGroup() as writing:
        for _ in range(6):
            writing.create_task(writer())
        for stroke in (own_server.kill, own_server.stop) * 4:
            await asyncio.sleep(0.3)
            await asyncio.to_thread(stroke)
            await asyncio.to_thread(own_server.start)
        falling = False
    await database.close()
    assert refused


@pytest.mark.parametrize("kit_url", [pytest.param("postgres", marks=pytest.mark.connected)], indirect=True)
@pytest.mark.parametrize("waits", [True, False], ids=["in the pipeline of a commit", "in a statement"])
async def test_a_connection_that_is_cut_is_unavailable_wherever_it_happens(database: Database, waits: bool) -> None:
    """As when the server falls just then. In a pipeline the driver does not notice until it wants to roll back."""
    cut = sa.func.pg_terminate_backend(sa.func.pg_backend_pid())
    with pytest.raises(Unavailable):
        async with database.write() as session:
            session.run_later(COUNTERS.insert().values(name="n", value=sa.cast(cut, sa.Integer)), {})
            session.run_later(MOMENTS.insert(), {"id": 1})
            if not waits:
                await session.flush()
    async with database.read() as session:
        assert (await session.execute(sa.select(COUNTERS))).all() == []


async def test_a_lock_is_held_until_the_transaction_ends(database_url: str) -> None:
    database = Database(database_url, clock=SystemClock())
    order: list[str] = []
    taken = asyncio.Event()

    async def first() -> None:
        async with database.write() as session:
            await session.lock(["b", "a"])
            taken.set()
            await asyncio.sleep(0.1)
            order.append("first")

    async def second() -> None:
        await taken.wait()
        async with database.write() as session:
            await session.lock(["a", "c"])
            order.append("second")

    await asyncio.gather(first(), second())
    await database.close()
    assert order == ["first", "second"]


async def test_who_gives_up_waiting_takes_no_connection_along(database_url: str) -> None:
    database = Database(database_url, clock=SystemClock(), pool_size=1)

    async def use() -> None:
        async with database.write() as session:
            await session.execute(sa.select(1))

    for number in range(60):
        users = [asyncio.create_task(use()) for _ in range(4)]
        # A different moment each time: before, while and after a connection changes hands.
        for _ in range(number % 12):
            await asyncio.sleep(0)
        for user in users[::2]:
            user.cancel()
        await asyncio.wait(users)
    async with asyncio.timeout(5):
        await use()
    await database.close()


async def test_who_reads_what_waits_for_the_commit_finds_it_and_who_knows_better_does_not_wait(
    database: Database,
) -> None:
    async with database.write() as session:
        session.later(COUNTERS, {"name": "n", "value": 1})
        asked = sa.select(sa.func.count()).select_from(COUNTERS)
        assert (await session.execute(asked, past_waiting=True)).scalar_one() == 0
        assert session.waiting(COUNTERS)
        assert (await session.execute(asked)).scalar_one() == 1
        assert not session.waits


async def test_what_refers_to_a_row_that_waits_comes_after_it(database: Database) -> None:
    async with database.write() as session:
        session.later(PARENTS, {"id": 1})
        await session.execute(CHILDREN.insert().values(id=1))
        assert not session.waits
    async with database.read() as session:
        assert (await session.execute(sa.select(CHILDREN.c.id))).scalar_one() == 1


async def test_a_change_that_waits_is_made_after_what_was_named_before_it(database: Database) -> None:
    raised = COUNTERS.update().values(value=COUNTERS.c.value + sa.bindparam("more"))
    async with database.write() as session:
        session.later_ignore(COUNTERS, [{"name": "n", "value": 1}])
        session.run_later(raised, {"more": 2}, {"more": 3})
        session.later_ignore(COUNTERS, [{"name": "n", "value": 9}])
    assert await _value(database) == 6
    async with database.write() as session:
        session.later_ignore(COUNTERS, [{"name": "n", "value": 9}])
    assert await _value(database) == 6


async def test_what_waits_is_gone_with_a_command_that_raises(database: Database) -> None:
    with pytest.raises(RuntimeError):
        async with database.write() as session:
            session.later(COUNTERS, {"name": "n", "value": 1})
            raise RuntimeError
    async with database.read() as session:
        assert (await session.execute(sa.select(COUNTERS))).all() == []
