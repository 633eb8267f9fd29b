"""What times are taken from: real pages since a moment, the newest first, never more than so many rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from forkant_notifier.tables import ATTEMPTS, PAGES, TIMELINE
from forkant_shared.database import Session


async def tries(session: Session, since: datetime, limit: int) -> Sequence[Any]:
    """Attempts a carrier has had, of pages opened since then."""
    return (await session.execute(tries_query(since, limit))).all()


def tries_query(since: datetime, limit: int) -> sa.Select[Any]:
    columns = [ATTEMPTS.c[name] for name in ("lane", "route", "state", "due_at", "submitted_at", "receipt_at")]
    return (
        sa.select(*columns, PAGES.c.opened_at, PAGES.c.excluded)
        .join(ATTEMPTS, ATTEMPTS.c.page_id == PAGES.c.id)
        .where(PAGES.c.opened_at >= since, PAGES.c.origin != "DRILL", ATTEMPTS.c.submitted_at.is_not(None))
        .order_by(PAGES.c.opened_at.desc())
        .limit(limit)
    )


async def acceptances(session: Session, since: datetime, limit: int) -> Sequence[Any]:
    """Pages opened since then that somebody has accepted, and when that was first."""
    return (await session.execute(acceptances_query(since, limit))).all()


def acceptances_query(since: datetime, limit: int) -> sa.Select[Any]:
    first = (
        sa.select(sa.func.min(TIMELINE.c.at))
        .where(TIMELINE.c.page_id == PAGES.c.id, TIMELINE.c.kind == "ACCEPTED")
        .scalar_subquery()
        .label("accepted")
    )
    return (
        sa.select(PAGES.c.lane, PAGES.c.opened_at, PAGES.c.excluded, first)
        .where(PAGES.c.opened_at >= since, PAGES.c.origin != "DRILL")
        .order_by(PAGES.c.opened_at.desc())
        .limit(limit)
    )
