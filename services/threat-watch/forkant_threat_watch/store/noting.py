"""Notes from meetings and observations of the registry: which are here as reports, and which were taken back."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from forkant_shared.database import Session
from forkant_threat_watch.tables import DESTROYED, REPORTS, WITHDRAWN_NOTES


async def settled(session: Session, note_id: str) -> bool:
    """Whether nothing is to be taken in of it: it is here, was here, or was taken back before it came."""
    ids = (REPORTS.c.id, DESTROYED.c.id, WITHDRAWN_NOTES.c.note_id)
    found = sa.union_all(*(sa.select(column).where(column == note_id) for column in ids))
    return (await session.execute(found)).first() is not None


async def take_back(session: Session, note_id: str, cause: str, at: datetime) -> bool:
    """The note does not count, now or when it comes; False where that was known."""
    row = {"note_id": note_id, "cause": cause, "withdrawn_at": at}
    return await session.insert_ignore(WITHDRAWN_NOTES, [row]) == 1
