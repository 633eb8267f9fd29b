"""Calls on their way to meetings: sealed until meetings has them, then gone from here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from forkant_notifier.tables import CONTACT_JOBS
from forkant_shared.database import Session


@dataclass(frozen=True, slots=True)
class ContactJob:
    """A call meetings has not taken yet. `sealed` cannot be read without the desk's key."""

    id: str
    sealed: bytes
    tries: int


_WAITING = sa.and_(CONTACT_JOBS.c.done_at.is_(None), CONTACT_JOBS.c.refused.is_(None))


async def add(session: Session, job_id: str, call_id: str, sealed: bytes) -> None:
    """Put a call on its way. `job_id` is its idempotency key: sent twice it is taken once."""
    now = session.clock.now()
    row = {"id": job_id, "call_id": call_id, "sealed": sealed, "due_at": now, "tries": 0}
    await session.execute(CONTACT_JOBS.insert().values(**row))


async def due(session: Session, limit: int = 20) -> list[ContactJob]:
    query = sa.select(CONTACT_JOBS).where(_WAITING, CONTACT_JOBS.c.due_at <= session.clock.now())
    rows = await session.execute(query.order_by(CONTACT_JOBS.c.due_at).limit(limit))
    return [ContactJob(row.id, row.sealed, row.tries) for row in rows]


async def done(session: Session, job_id: str) -> None:
    """meetings has it; nothing of it stays here."""
    row = CONTACT_JOBS.update().where(CONTACT_JOBS.c.id == job_id)
    await session.execute(row.values(done_at=session.clock.now(), sealed=None))


async def later(session: Session, job_id: str, due_at: datetime, tries: int) -> None:
    row = CONTACT_JOBS.update().where(CONTACT_JOBS.c.id == job_id)
    await session.execute(row.values(due_at=due_at, tries=tries))


async def refused(session: Session, job_id: str) -> None:
    """meetings will never take it as it is: it stays, sealed, and a person must look."""
    await session.execute(CONTACT_JOBS.update().where(CONTACT_JOBS.c.id == job_id).values(refused="REFUSED"))


async def standing(session: Session) -> tuple[int, int]:
    """How many calls wait, and how many were refused."""
    waiting = sa.func.count().filter(_WAITING)
    gone = sa.func.count().filter(CONTACT_JOBS.c.refused.is_not(None))
    row = (
        await session.execute(sa.select(waiting.label("waiting"), gone.label("gone")).select_from(CONTACT_JOBS))
    ).one()
    return int(row.waiting), int(row.gone)
