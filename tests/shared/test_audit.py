"""The audit chain: gapless, one for all instances, and any mending in secret is named."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from forkant_shared import audit
from forkant_shared.audit import AUDIT, HEAD, Broken
from forkant_shared.clock import SystemClock
from forkant_shared.database import Database, sqlite_url
from forkant_shared.identity import Principal
from tests.shared.support.tables import make_tables

WHO = Principal("duty.officer", "duty.officer", "PERSON")
ROWS = 6


async def _write(database: Database, action: str = "threat.read", **more: Any) -> int:
    async with database.write() as session:
        return await audit.record(session, WHO, action, ["t-1"], kind="CONSULTATION", **more)


async def _fill(database: Database, rows: int = ROWS) -> None:
    for number in range(rows):
        await _write(database, details={"count": number})


async def _verify(database: Database, batch: int = 1000) -> Broken | None:
    async with database.read() as session:
        return await audit.verify(session, batch=batch)


async def _forge(database: Database, *statements: sa.Executable) -> None:
    async with database.write() as session:
        for statement in statements:
            await session.execute(statement)


@pytest.mark.parametrize("batch", [1, 2, 3, 6, 7, 1000])
async def test_a_chain_nobody_touched_holds(database: Database, batch: int) -> None:
    assert await _verify(database) is None
    await _fill(database)
    assert await _verify(database, batch) is None


CHANGES: dict[str, Any] = {
    "subject": "somebody.else",
    "kind": "DENIED",
    "action": "threat.write",
    "objects": ["t-2"],
    "purpose": "because",
    "details": {"count": 99},
    "correlation_id": "another",
    "hash": "f" * 64,
}


@pytest.mark.parametrize("column", CHANGES)
async def test_a_changed_row_is_named(database: Database, column: str) -> None:
    await _fill(database)
    await _forge(database, AUDIT.update().where(AUDIT.c.seq == 3).values(**{column: CHANGES[column]}))
    assert await _verify(database) == Broken(3, "CHANGED")


async def test_a_row_taken_out_of_the_middle_leaves_a_gap(database: Database) -> None:
    await _fill(database)
    await _forge(database, AUDIT.delete().where(AUDIT.c.seq == 3))
    assert await _verify(database) == Broken(3, "GAP")


async def test_a_row_taken_out_and_the_rest_moved_up_is_named(database: Database) -> None:
    await _fill(database)
    moved = [AUDIT.update().where(AUDIT.c.seq == n).values(seq=n - 1) for n in range(4, ROWS + 1)]
    await _forge(database, AUDIT.delete().where(AUDIT.c.seq == 3), *moved)
    assert await _verify(database) == Broken(3, "UNLINKED")


async def test_a_cut_tail_is_named(database: Database) -> None:
    await _fill(database)
    await _forge(database, AUDIT.delete().where(AUDIT.c.seq > 4))
    assert await _verify(database) == Broken(5, "CUT")


async def test_a_row_put_before_the_first_is_named(database: Database) -> None:
    await _fill(database)
    async with database.write() as session:
        first = (await session.execute(sa.select(AUDIT).where(AUDIT.c.seq == 1))).one()._mapping
        await session.execute(AUDIT.insert().values(**{**first, "seq": -1}))
    assert await _verify(database) == Broken(1, "GAP")


async def test_a_number_no_chain_can_hold_is_named_and_stops_no_verifier(database: Database) -> None:
    await _fill(database)
    await _forge(database, AUDIT.update().where(AUDIT.c.seq == 3).values(details={"count": 10**400}))
    assert await _verify(database) == Broken(3, "CHANGED")


async def test_a_forger_who_mends_one_rows_hash_breaks_the_next_link(database: Database) -> None:
    await _fill(database)
    async with database.read() as session:
        found = dict((await session.execute(sa.select(AUDIT).where(AUDIT.c.seq == 3))).one()._mapping)
    previous = found.pop("prev_hash")
    found.pop("hash")
    found["subject"] = "somebody.else"
    mended = audit._digest(previous, found)
    await _forge(database, AUDIT.update().where(AUDIT.c.seq == 3).values(subject="somebody.else", hash=mended))
    assert await _verify(database) == Broken(4, "UNLINKED")


async def test_appends_at_once_from_two_instances_do_not_fork_the_chain(kit_url: str) -> None:
    databases = [Database(kit_url, clock=SystemClock()) for _ in range(2)]
    numbers = await asyncio.gather(*(_write(databases[n % 2]) for n in range(40)))
    assert sorted(numbers) == list(range(1, 41))
    assert await _verify(databases[0]) is None
    for database in databases:
        await database.close()


async def test_a_command_that_fails_leaves_no_row_and_no_gap(database: Database) -> None:
    await _fill(database, 2)
    with pytest.raises(RuntimeError):
        async with database.write() as session:
            await audit.record(session, WHO, "threat.write", ["t-1"])
            raise RuntimeError
    assert await _write(database) == 3
    assert await _verify(database) is None


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8)
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
CODES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


async def test_any_details_come_back_as_they_were_hashed(kit_url: str) -> None:
    """Numbers and texts change form in a database's JSON; the hash must not notice."""
    seen: list[dict[str, Any]] = []

    @settings(max_examples=60, deadline=None, database=None)
    @given(st.dictionaries(st.text("abcæøå", min_size=1, max_size=4), CODES, max_size=4))
    def gather(details: dict[str, Any]) -> None:
        seen.append(details)

    gather()
    database = Database(kit_url, clock=SystemClock())
    async with database.write() as session:
        for details in seen:
            await audit.record(session, WHO, "threat.read", ["t-1"], details=details)
    assert await _verify(database) is None
    await database.close()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("audit") / "chain.sqlite3"
    url = make_tables(sqlite_url(str(path)))

    async def fill() -> None:
        database = Database(url, clock=SystemClock())
        await _fill(database, 12)
        await database.close()

    asyncio.run(fill())
    return path


TAMPERING = st.one_of(
    st.tuples(st.just("change"), st.integers(1, 12), st.sampled_from(sorted(CHANGES))),
    st.tuples(st.just("delete"), st.integers(1, 12), st.just("")),
    st.tuples(st.just("swap"), st.integers(1, 11), st.just("")),
    st.tuples(st.just("head"), st.integers(0, 11), st.just("")),
)


@settings(max_examples=30, deadline=None)
@given(acts=st.lists(TAMPERING, min_size=1, max_size=3))
def test_no_mending_of_any_rows_goes_unseen(written: Path, acts: list[tuple[str, int, str]]) -> None:
    async def tamper(url: str) -> tuple[bool, Broken | None]:
        database = Database(url, clock=SystemClock())
        async with database.read() as session:
            before = [await _all(session, table) for table in (AUDIT, HEAD)]
        async with database.write() as session:
            for act, seq, column in acts:
                if act == "change":
                    await session.execute(AUDIT.update().where(AUDIT.c.seq == seq).values(**{column: CHANGES[column]}))
                elif act == "delete":
                    await session.execute(AUDIT.delete().where(AUDIT.c.seq == seq))
                elif act == "head":
                    await session.execute(HEAD.update().values(seq=seq))
                else:
                    for old, new in ((seq, 99), (seq + 1, seq), (99, seq + 1)):
                        await session.execute(AUDIT.update().where(AUDIT.c.seq == old).values(seq=new))
        async with database.read() as session:
            after = [await _all(session, table) for table in (AUDIT, HEAD)]
            found = await audit.verify(session, batch=5)
        await database.close()
        return before != after, found

    folder = Path(tempfile.mkdtemp(prefix="forkant-audit-"))
    try:
        shutil.copy(written, folder / "chain.sqlite3")
        changed, found = asyncio.run(tamper(sqlite_url(str(folder / "chain.sqlite3"))))
    finally:
        shutil.rmtree(folder)
    assert (found is not None) == changed


async def _all(session: Any, table: sa.Table) -> list[Any]:
    return list((await session.execute(sa.select(table).order_by(table.c.seq))).all())
