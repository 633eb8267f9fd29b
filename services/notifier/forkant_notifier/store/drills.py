"""Drills, over the pages they are."""

from __future__ import annotations

import sqlalchemy as sa

from forkant_notifier.domain.drill import Drill
from forkant_notifier.store import pages
from forkant_notifier.tables import DRILLS, PAGES
from forkant_shared.database import Session
from forkant_shared.errors import NotFound


async def insert(session: Session, drill: Drill) -> None:
    session.later(DRILLS, {"page_id": drill.page.id, "started_by": drill.started_by, "ends_at": drill.ends_at})


async def load(session: Session, drill_id: str, *, for_update: bool = False) -> Drill:
    """One drill, with its page. Raises NotFound, for a real page too."""
    row = (await session.execute(sa.select(DRILLS).where(DRILLS.c.page_id == drill_id))).one_or_none()
    if row is None:
        raise NotFound("There is no such drill.")
    return Drill(await pages.load(session, drill_id, for_update=for_update), row.started_by, row.ends_at)


async def recent(session: Session, limit: int) -> list[Drill]:
    """The latest, newest first."""
    query = (
        sa.select(DRILLS.c.started_by, DRILLS.c.ends_at, *PAGES.c)
        .join(PAGES, PAGES.c.id == DRILLS.c.page_id)
        .order_by(DRILLS.c.page_id.desc())
        .limit(limit)
    )
    return [
        Drill(pages.page_of(row, past={"started_by", "ends_at"}), row.started_by, row.ends_at)
        for row in await session.execute(query)
    ]


async def running(session: Session) -> Drill | None:
    """The one that runs. There is never a second, so only the newest is looked at."""
    newest = await recent(session, 1)
    return newest[0] if newest and newest[0].running else None


async def real_page_runs(session: Session) -> bool:
    """Whether a page in the LIFE lane that is no drill is not over."""
    query = sa.select(PAGES.c.id).where(
        # Said as the partial index says it, so that only running pages are looked at.
        PAGES.c.state != sa.literal_column("'CLOSED'"),
        PAGES.c.lane == "LIFE",
        PAGES.c.origin != "DRILL",
    )
    return (await session.execute(query.limit(1))).first() is not None
