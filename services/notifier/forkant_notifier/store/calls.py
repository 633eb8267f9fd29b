"""The call log, and reports on their way to threat-watch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from forkant_notifier.tables import CALLS, CONTACT_JOBS, REPORT_JOBS
from forkant_shared.database import Session


@dataclass(frozen=True, slots=True)
class Call:
    """A call to the duty phone. `caller` is KNOWN or UNKNOWN: who it was, and what was said, is kept elsewhere.

    `handed` says whether meetings has it: DONE, WAITING, REFUSED, or NONE for a call from before.
    """

    id: str
    called_at: datetime
    entered_at: datetime
    entered_by: str
    caller: str
    what: str
    urgency: str
    violence: bool
    page_id: str | None
    handed: str = "WAITING"


@dataclass(frozen=True, slots=True)
class ReportJob:
    """A report threat-watch has not taken yet."""

    id: str
    body: Mapping[str, Any]
    tries: int


async def insert(session: Session, call: Call) -> bool:
    """Keep a call; False where a call of this id is there already."""
    row = {
        "id": call.id,
        "called_at": call.called_at,
        "entered_at": call.entered_at,
        "entered_by": call.entered_by,
        "caller": call.caller,
        "what": call.what,
        "urgency": call.urgency,
        "violence": call.violence,
        "page_id": call.page_id,
    }
    return bool(await session.insert_ignore(CALLS, [row]))


async def recent(session: Session, limit: int = 20) -> list[Call]:
    """The latest calls, newest first."""
    handed = sa.case(
        (CONTACT_JOBS.c.id.is_(None), "NONE"),
        (CONTACT_JOBS.c.done_at.is_not(None), "DONE"),
        (CONTACT_JOBS.c.refused.is_not(None), "REFUSED"),
        else_="WAITING",
    )
    query = sa.select(CALLS, handed.label("handed")).outerjoin(CONTACT_JOBS, CONTACT_JOBS.c.call_id == CALLS.c.id)
    rows = await session.execute(query.order_by(CALLS.c.called_at.desc(), CALLS.c.id.desc()).limit(limit))
    return [Call(**row._mapping) for row in rows]


async def add_job(session: Session, job_id: str, call_id: str, body: Mapping[str, Any]) -> None:
    """Put a report on its way. `job_id` is its idempotency key: sent twice it is taken once."""
    await session.execute(
        REPORT_JOBS.insert().values(id=job_id, call_id=call_id, body=dict(body), due_at=session.clock.now(), tries=0)
    )


async def due_jobs(session: Session, limit: int = 20) -> list[ReportJob]:
    rows = await session.execute(
        sa.select(REPORT_JOBS)
        .where(
            REPORT_JOBS.c.done_at.is_(None),
            REPORT_JOBS.c.refused.is_(None),
            REPORT_JOBS.c.due_at <= session.clock.now(),
        )
        .order_by(REPORT_JOBS.c.due_at)
        .limit(limit)
    )
    return [ReportJob(row.id, row.body, row.tries) for row in rows]


async def job_done(session: Session, job_id: str, report_id: str | None) -> None:
    """threat-watch has it; our copy of the words is not kept twice."""
    await session.execute(
        REPORT_JOBS.update()
        .where(REPORT_JOBS.c.id == job_id)
        .values(done_at=session.clock.now(), report_id=report_id, body={})
    )


async def job_later(session: Session, job_id: str, due_at: datetime, tries: int) -> None:
    await session.execute(REPORT_JOBS.update().where(REPORT_JOBS.c.id == job_id).values(due_at=due_at, tries=tries))


async def job_refused(session: Session, job_id: str, cause: str) -> None:
    """threat-watch will never take it as it is: a person must look."""
    await session.execute(REPORT_JOBS.update().where(REPORT_JOBS.c.id == job_id).values(refused=cause))


async def jobs_waiting(session: Session) -> tuple[int, int]:
    """How many reports wait, and how many were refused."""
    waiting = sa.func.count().filter(REPORT_JOBS.c.done_at.is_(None), REPORT_JOBS.c.refused.is_(None))
    refused = sa.func.count().filter(REPORT_JOBS.c.refused.is_not(None))
    query = sa.select(waiting.label("waiting"), refused.label("refused")).select_from(REPORT_JOBS)
    row = (await session.execute(query)).one()
    return int(row.waiting), int(row.refused)
