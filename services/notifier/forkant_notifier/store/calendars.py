"""The secrets of people's calendars, as digests."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from forkant_notifier.tables import CALENDAR_SECRETS
from forkant_shared.database import Session


async def put(session: Session, user: str, digest: str, made_at: datetime, ends_at: datetime) -> None:
    """The user's one secret; an earlier one opens nothing any more."""
    await forget(session, user)
    values = {"user": user, "digest": digest, "made_at": made_at, "ends_at": ends_at}
    await session.execute(CALENDAR_SECRETS.insert().values(**values))


async def forget(session: Session, user: str) -> int:
    """Take the user's secret away; how many that was."""
    found = await session.execute(CALENDAR_SECRETS.delete().where(CALENDAR_SECRETS.c.user == user))
    return found.rowcount


async def opens(session: Session, user: str, digest: str, now: datetime) -> bool:
    """Whether this digest is the user's, and still good."""
    kept = CALENDAR_SECRETS.c
    query = sa.select(kept.user).where(kept.user == user, kept.digest == digest, kept.ends_at > now)
    return (await session.execute(query)).first() is not None


async def ends_at(session: Session, user: str) -> datetime | None:
    """Until when the user's secret is good; None without one."""
    query = sa.select(CALENDAR_SECRETS.c.ends_at).where(CALENDAR_SECRETS.c.user == user)
    return (await session.execute(query)).scalar_one_or_none()
