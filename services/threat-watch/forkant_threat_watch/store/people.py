"""Who has had to do with a threat, as its timeline says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from forkant_shared.database import Session
from forkant_threat_watch.tables import OFFICERS, TIMELINE

#: Those of them that a page shows.
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Knows:
    """A person who has acted on a threat or answered a page of it: how often, first and last. `name` as they signed in,
    else their subject."""

    subject: str
    name: str
    times: int
    first: datetime
    last: datetime


async def who_know(session: Session, threat_id: str) -> list[Knows]:
    """The persons in a threat's timeline, the last to act first; rules and other services are none."""
    accepted = TIMELINE.c.what == "page-accepted"
    statement = (
        sa.select(
            TIMELINE.c.by,
            sa.func.max(OFFICERS.c.name).label("name"),
            sa.func.count().label("times"),
            sa.func.min(TIMELINE.c.at).label("first"),
            sa.func.max(TIMELINE.c.at).label("last"),
        )
        .select_from(TIMELINE.outerjoin(OFFICERS, OFFICERS.c.subject == TIMELINE.c.by))
        .where(TIMELINE.c.threat_id == threat_id, sa.or_(OFFICERS.c.subject.is_not(None), accepted))
        .group_by(TIMELINE.c.by)
        .order_by(sa.func.max(TIMELINE.c.at).desc(), TIMELINE.c.by)
        .limit(SHOWN)
    )
    found = await session.execute(statement)
    return [Knows(row.by, row.name or row.by, row.times, row.first, row.last) for row in found]
