"""What a list of threats shows beside each line: its parties, its open pages and what is unanswered."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from forkant_shared.database import Session
from forkant_threat_watch.store import standing
from forkant_threat_watch.tables import ESCALATIONS, REPORTS, THREATS


async def standings(session: Session, threat_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """What stands in each threat's document, by id; the fields of a `Threat`."""
    if not threat_ids:
        return {}
    found = await session.execute(
        sa.select(THREATS.c.id, THREATS.c.standing).where(THREATS.c.id.in_(sorted(threat_ids)))
    )
    return {row.id: standing.read(row.standing) for row in found}


async def unanswered_pages(session: Session, visible: sa.ColumnElement[bool], limit: int) -> Sequence[Any]:
    """The escalations whose page nobody has accepted, of threats that may be known of, the oldest first."""
    statement = (
        sa.select(ESCALATIONS)
        .join(THREATS, THREATS.c.id == ESCALATIONS.c.threat_id)
        .where(ESCALATIONS.c.closed_at.is_(None), ESCALATIONS.c.accepted_at.is_(None), visible)
        .order_by(ESCALATIONS.c.raised_at)
        .limit(limit)
    )
    return (await session.execute(statement)).all()


async def ungraded(session: Session, visible: sa.ColumnElement[bool]) -> int:
    """How many reports wait for somebody to grade them."""
    waiting = sa.select(sa.func.count()).select_from(REPORTS).where(REPORTS.c.scale.is_(None), visible)
    return int((await session.execute(waiting)).scalar_one())
