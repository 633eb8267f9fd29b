"""What falls due, and what officers are reminded of."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from forkant_meetings.tables import DUES, REMINDERS
from forkant_shared.clock import new_id
from forkant_shared.database import Session


@dataclass(frozen=True, slots=True)
class DueRow:
    """One thing to be done."""

    id: int
    kind: str
    object_id: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Reminder:
    """One thing an officer is reminded of."""

    id: str
    kind: str
    object_id: str
    at: datetime


async def reschedule(session: Session, object_id: str, dues: Sequence[tuple[str, datetime]]) -> None:
    """These, and nothing else, lie ahead for this thing; what was done already at the same moment is not done again."""
    await session.execute(DUES.delete().where(DUES.c.object_id == object_id, DUES.c.done_at.is_(None)))
    rows = [{"kind": kind, "object_id": object_id, "due_at": at} for kind, at in dues]
    await session.insert_ignore(DUES, rows)


async def due(session: Session, now: datetime, limit: int) -> list[DueRow]:
    """What is due and not done, the oldest first."""
    query = sa.select(DUES).where(DUES.c.done_at.is_(None), DUES.c.due_at <= now).order_by(DUES.c.due_at, DUES.c.id)
    found = await session.execute(query.limit(limit))
    return [DueRow(row.id, row.kind, row.object_id, row.due_at) for row in found]


async def claim(session: Session, due_id: int, now: datetime) -> bool:
    """Take it in this transaction; False where another instance did, or where it is no longer wanted."""
    taken = await session.execute(
        DUES.update().where(DUES.c.id == due_id, DUES.c.done_at.is_(None)).values(done_at=now)
    )
    return taken.rowcount == 1


async def remind(session: Session, kind: str, subjects: Collection[str], object_id: str, now: datetime) -> None:
    """Remind these officers of this thing."""
    rows = [
        {"id": new_id(), "kind": kind, "subject": subject, "object_id": object_id, "at": now}
        for subject in sorted(set(subjects))
    ]
    if rows:
        await session.execute(REMINDERS.insert(), rows)


async def reminders(session: Session, subject: str, *, after: str | None = None, limit: int = 100) -> list[Reminder]:
    """What this officer has not yet seen, the oldest first."""
    query = sa.select(REMINDERS).where(REMINDERS.c.subject == subject, REMINDERS.c.seen_at.is_(None))
    if after is not None:
        query = query.where(REMINDERS.c.id > after)
    found = await session.execute(query.order_by(REMINDERS.c.id).limit(limit))
    return [Reminder(row.id, row.kind, row.object_id, row.at) for row in found]


async def see(session: Session, reminder_id: str, subject: str, now: datetime) -> bool:
    """The officer has seen it; False where there is none of theirs."""
    seen = await session.execute(
        REMINDERS.update()
        .where(REMINDERS.c.id == reminder_id, REMINDERS.c.subject == subject)
        .values(seen_at=sa.func.coalesce(REMINDERS.c.seen_at, sa.literal(now, REMINDERS.c.seen_at.type)))
    )
    return seen.rowcount == 1
