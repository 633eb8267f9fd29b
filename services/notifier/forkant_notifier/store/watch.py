"""The last heartbeat that came the whole way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from forkant_notifier.tables import WATCH
from forkant_shared.database import Session


@dataclass(frozen=True, slots=True)
class Beat:
    """When threat-watch last said it was alive, and the page its silence has opened, if any."""

    beat_at: datetime
    sequence: int
    page_id: str | None


async def last(session: Session, *, for_update: bool = False) -> Beat | None:
    """None before the first heartbeat ever."""
    query = sa.select(WATCH).where(WATCH.c.id == 1)
    row = (await session.execute(query.with_for_update() if for_update else query)).one_or_none()
    return None if row is None else Beat(row.beat_at, row.sequence, row.page_id)


async def put(session: Session, beat: Beat) -> None:
    values = {"beat_at": beat.beat_at, "sequence": beat.sequence, "page_id": beat.page_id}
    if not await session.insert_ignore(WATCH, [{"id": 1, **values}]):
        await session.execute(WATCH.update().where(WATCH.c.id == 1).values(values))
