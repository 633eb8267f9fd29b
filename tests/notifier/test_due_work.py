"""What is due is found by index, not by scan, however much lies behind: asked of both databases themselves."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

import forkant_notifier
from bench.paging_idle import attempts_of, page_of_long_ago, receipt_of_long_ago, timeline_of
from forkant_notifier.domain.attempts import Lease
from forkant_notifier.domain.horizon import horizon
from forkant_notifier.store import attempts, calls, looks, pages, receipts
from forkant_notifier.tables import ATTEMPTS, PAGES, RECEIPTS, TIMELINE
from forkant_shared.clock import new_id
from forkant_shared.database import Database, Session
from forkant_shared.migrations import migrate
from forkant_shared.testing import FixedClock
from tests.notifier.support.people import MONDAY, policy

OLD = 6000
TABLES = ("pages", "attempts", "receipts", "timeline")


@pytest.fixture
async def behind(database_url: str) -> Any:
    """A notifier's database with thousands of pages that are over."""
    await asyncio.to_thread(migrate, forkant_notifier, sa.make_url(database_url))
    database = Database(database_url, clock=FixedClock(MONDAY))
    for begin in range(0, OLD, 1000):
        ids = [new_id() for _ in range(1000)]
        async with database.write() as session:
            await session.execute(
                PAGES.insert(), [page_of_long_ago(one, begin + n, MONDAY) for n, one in enumerate(ids)]
            )
            await session.execute(ATTEMPTS.insert(), [row for one in ids for row in attempts_of(one, MONDAY)])
            await session.execute(RECEIPTS.insert(), [receipt_of_long_ago(MONDAY) for _ in ids])
            await session.execute(TIMELINE.insert(), [row for one in ids for row in timeline_of(one, MONDAY)])
    async with database.write() as session:
        await session.execute(sa.text("ANALYZE"))
    yield database
    await database.close()


class Explained(Session):
    """Keeps how the database would go about each statement before it is run."""

    plans: list[str]

    async def execute(self, statement: sa.Executable, parameters: Any = None, *, past_waiting: bool = False) -> Any:
        compiled = statement.compile(dialect=self.connection.dialect, compile_kwargs={"render_postcompile": True})  # type: ignore[attr-defined]
        shown = "EXPLAIN QUERY PLAN" if self.dialect == "sqlite" else "EXPLAIN (FORMAT JSON)"
        given = compiled.params | (parameters or {})
        processors = compiled._bind_processors
        given = {name: processors[name](value) if name in processors else value for name, value in given.items()}
        if self.dialect == "sqlite":
            ordered = tuple(given[name] for name in compiled.positiontup)
            found = self.connection.exec_driver_sql(f"{shown} {compiled}", ordered)
            self.plans += [str(row[3]) for row in found]
        else:
            found = await self.connection.exec_driver_sql(f"{shown} {compiled}", given)
            self.plans += _nodes(found.scalar_one())
        return await super().execute(statement, parameters, past_waiting=past_waiting)


def _nodes(plan: Any) -> list[str]:
    """One line for each node that reads a table, as SQLite would say it."""
    plan = json.loads(plan) if isinstance(plan, str) else plan
    lines, todo = [], [plan[0]["Plan"]]
    while todo:
        node = todo.pop()
        todo += node.get("Plans", [])
        name = node.get("Relation Name")
        if node["Node Type"] == "Seq Scan":
            lines.append(f"SCAN {name}")
        elif "Index Name" in node:
            lines.append(f"SEARCH {name} USING INDEX {node['Index Name']}")
    return lines


async def test_every_look_for_due_work_goes_by_an_index(behind: Database) -> None:
    ahead, lease = horizon(MONDAY, [policy()]), Lease(new_id(), "1", MONDAY + timedelta(seconds=5))
    async with behind.write() as plain:
        session = Explained(plain.connection, plain.clock, plain.wake_relay)
        session.plans = []
        found = await looks.look(session, ahead)
        assert not any((found.leases, found.ahead, found.steps, found.receipts, found.drill))
        assert await attempts.any_due(session, MONDAY) is False
        assert await attempts.lease_due(session, lease, MONDAY, 500) == []
        assert await attempts.free_expired(session, ahead) == 0
        assert await attempts.bring_forward(session, ahead) == 0
        assert await pages.due_ids(session, ahead, 100) == []
        assert await receipts.crossed(session) == []
        assert await attempts.without_receipt(session, "sms", MONDAY, 100) == []
        assert await calls.due_jobs(session) == []
    scanned = [line for line in session.plans if re.match(r"SCAN (\w+)", line) and not _by_index(line)]
    assert len(session.plans) > 8
    assert [line for line in scanned if line.split()[1] in TABLES] == [], session.plans


def _by_index(line: str) -> bool:
    """SQLite calls it a scan too where it goes through the whole of a small partial index."""
    return "USING" in line and "INDEX ix_" in line
