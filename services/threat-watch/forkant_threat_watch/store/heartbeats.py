"""The count of heartbeats, so that one that is missing can be told."""

from __future__ import annotations

from datetime import datetime

from forkant_shared.database import Session
from forkant_threat_watch.tables import HEARTBEAT


async def next_beat(session: Session, watch_id: str, now: datetime) -> int:
    """The number of this beat."""
    await session.insert_ignore(HEARTBEAT, [{"watch_id": watch_id, "sequence": 0, "beat_at": now}])
    found = await session.execute(
        HEARTBEAT.update()
        .where(HEARTBEAT.c.watch_id == watch_id)
        .values(sequence=HEARTBEAT.c.sequence + 1, beat_at=now)
        .returning(HEARTBEAT.c.sequence)
    )
    return int(found.scalar_one())
