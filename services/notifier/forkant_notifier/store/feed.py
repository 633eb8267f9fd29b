"""The feed of the live desk: the timeline's own sequence, so that a phone that slept gets what it missed."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from forkant_notifier.tables import TIMELINE
from forkant_shared.database import Session

#: A row of a slower transaction may appear behind rows already read: this far back is looked again.
LOOK_BACK = 200


@dataclass(frozen=True, slots=True)
class FeedRow:
    """Something changed; `page_id` None says only that attempts have moved."""

    seq: int
    kind: str
    page_id: str | None


async def since(session: Session, seq: int, limit: int = 500) -> list[FeedRow]:
    """What came after `seq`, in order."""
    found = await session.execute(
        sa.select(TIMELINE.c.seq, TIMELINE.c.kind, TIMELINE.c.page_id)
        .where(TIMELINE.c.seq > seq)
        .order_by(TIMELINE.c.seq)
        .limit(limit)
    )
    return [FeedRow(row.seq, row.kind, row.page_id) for row in found]


async def last(session: Session) -> int:
    """The newest sequence number; 0 where nothing has happened yet."""
    return int((await session.execute(sa.select(sa.func.coalesce(sa.func.max(TIMELINE.c.seq), 0)))).scalar_one())


async def look_again(session: Session) -> None:
    """Attempts have moved: live pages fetch their parts anew."""
    session.later(TIMELINE, {"page_id": None, "at": session.clock.now(), "kind": "ATTEMPTS"})
