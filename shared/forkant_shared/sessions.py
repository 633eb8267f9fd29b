"""A session that ended at the desk is over everywhere: each service remembers it for as long as a token could live."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from forkant_shared.database import Database, Session, UtcDateTime, new_metadata
from forkant_shared.envelope import Envelope
from forkant_shared.events.notifier import SessionEnded

TOKEN_LIFETIME = timedelta(minutes=10)
KEEP = timedelta(hours=1)

METADATA = new_metadata()
ENDED = sa.Table(
    "ended_sessions",
    METADATA,
    sa.Column("session_id", sa.String(64), primary_key=True),
    sa.Column("ended_at", UtcDateTime, nullable=False, index=True),
)


async def on_session_ended(_: Any, session: Session, event: SessionEnded, envelope: Envelope) -> None:
    """Remember that it is over; forget those whose tokens have run out anyway."""
    await session.insert_ignore(ENDED, [{"session_id": event.session_id, "ended_at": envelope.time}])
    await session.execute(ENDED.delete().where(ENDED.c.ended_at < session.clock.now() - KEEP))


async def is_ended(database: Database, session_id: str) -> bool:
    """Whether a token of this session must no longer be believed."""
    async with database.read() as session:
        found = await session.execute(sa.select(ENDED.c.session_id).where(ENDED.c.session_id == session_id))
        return found.first() is not None
