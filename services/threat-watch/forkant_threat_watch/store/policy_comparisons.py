"""Comparisons as jobs: asked for by a person, taken by an instance, taken over where that one has gone silent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from forkant_shared.database import Session
from forkant_threat_watch.tables import POLICY_COMPARISONS

COLUMNS = POLICY_COMPARISONS.c
WAITING, RUNNING, DONE, FAILED = "WAITING", "RUNNING", "DONE", "FAILED"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One job. `done` of `total` is how far it is; `problem` a code where it failed."""

    id: str
    draft_id: str
    revision: int
    against: str
    source: str
    since: datetime
    until: datetime
    asked_by: str
    asked_at: datetime
    state: str
    done: int
    total: int
    tries: int
    taken_by: str | None
    alive_at: datetime | None
    finished_at: datetime | None
    problem: str | None
    result: Mapping[str, Any] | None

    @property
    def finished(self) -> bool:
        return self.finished_at is not None


async def add(session: Session, row: Mapping[str, Any]) -> None:
    """Ask for one."""
    await session.execute(POLICY_COMPARISONS.insert(), {"state": WAITING, "done": 0, "total": 0, "tries": 0, **row})


async def find(session: Session, comparison_id: str) -> Comparison | None:
    """One comparison."""
    row = (await session.execute(sa.select(POLICY_COMPARISONS).where(COLUMNS.id == comparison_id))).one_or_none()
    return None if row is None else Comparison(**row._mapping)


async def of_draft(session: Session, draft_id: str, limit: int = 10) -> list[Comparison]:
    """The comparisons of a draft, the newest first."""
    statement = sa.select(POLICY_COMPARISONS).where(COLUMNS.draft_id == draft_id)
    found = await session.execute(statement.order_by(COLUMNS.asked_at.desc(), COLUMNS.id.desc()).limit(limit))
    return [Comparison(**row._mapping) for row in found]


async def unfinished(session: Session) -> int:
    """How many wait or run."""
    found = await session.execute(sa.select(sa.func.count()).where(COLUMNS.finished_at.is_(None)))
    return int(found.scalar_one())


async def same_unfinished(
    session: Session, draft_id: str, revision: int, source: str, since: datetime | None
) -> str | None:
    """The one that waits or runs on the same; `since` None is any beginning of history."""
    same = [COLUMNS.draft_id == draft_id, COLUMNS.revision == revision, COLUMNS.source == source]
    same += [] if since is None else [COLUMNS.since == since]
    statement = sa.select(COLUMNS.id).where(COLUMNS.finished_at.is_(None), *same)
    return (await session.execute(statement.order_by(COLUMNS.asked_at).limit(1))).scalar_one_or_none()


async def waits(session: Session, silent_since: datetime) -> bool:
    """Whether there is one to take, and none runs."""
    found = await session.execute(sa.select(COLUMNS.state, COLUMNS.alive_at).where(COLUMNS.finished_at.is_(None)))
    rows = found.all()
    return bool(rows) and not any(row.state == RUNNING and row.alive_at > silent_since for row in rows)


async def take(session: Session, by: str, now: datetime, silent_since: datetime) -> Comparison | None:
    """The longest waiting one, or one whose instance has been silent since; None while another runs.

    One at a time: two would take the database and both cores from those who wait for a page.
    """
    await session.lock(["policy-comparison"])
    if not await waits(session, silent_since):
        return None
    statement = sa.select(COLUMNS.id).where(COLUMNS.finished_at.is_(None)).order_by(COLUMNS.asked_at, COLUMNS.id)
    comparison_id = (await session.execute(statement.limit(1))).scalar_one()
    values = {"state": RUNNING, "taken_by": by, "alive_at": now, "tries": COLUMNS.tries + 1, "done": 0}
    await session.execute(POLICY_COMPARISONS.update().where(COLUMNS.id == comparison_id).values(values))
    return await find(session, comparison_id)


async def progress(session: Session, job: Comparison, done: int, total: int, now: datetime) -> bool:
    """Say how far it is; False where another instance has taken it over."""
    values = {"done": done, "total": total, "alive_at": now}
    found = await session.execute(POLICY_COMPARISONS.update().where(_mine(job)).values(values))
    return found.rowcount == 1


async def finish(
    session: Session, job: Comparison, now: datetime, result: Mapping[str, Any] | None, problem: str | None
) -> bool:
    """It is over, with a result or a problem; False where another instance has taken it over."""
    values: dict[str, Any] = {"state": FAILED if problem else DONE, "finished_at": now, "problem": problem}
    if result is not None:
        values["result"] = dict(result)
    found = await session.execute(POLICY_COMPARISONS.update().where(_mine(job)).values(values))
    return found.rowcount == 1


def _mine(job: Comparison) -> sa.ColumnElement[bool]:
    return sa.and_(COLUMNS.id == job.id, COLUMNS.taken_by == job.taken_by, COLUMNS.tries == job.tries)
