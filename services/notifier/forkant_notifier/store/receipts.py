"""What carriers reported, and receipts that came before the message they are about."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from forkant_notifier.tables import ATTEMPTS, RECEIPTS
from forkant_shared.clock import new_id
from forkant_shared.database import Session


async def add(session: Session, route: str, provider_id: str, delivered: bool, cause: str | None) -> None:
    """One that told something new of a message."""
    await _insert(session, route, provider_id, delivered, cause, applied=True)


async def keep_early(session: Session, route: str, provider_id: str, delivered: bool, cause: str | None) -> None:
    """One of a message we do not know yet; kept once however often it comes."""
    kept = sa.select(RECEIPTS.c.id).where(
        RECEIPTS.c.route == route,
        RECEIPTS.c.provider_id == provider_id,
        RECEIPTS.c.delivered == delivered,
        RECEIPTS.c.applied.is_(False),
    )
    if (await session.execute(kept.limit(1))).first() is None:
        await _insert(session, route, provider_id, delivered, cause, applied=False)


async def _insert(
    session: Session, route: str, provider_id: str, delivered: bool, cause: str | None, *, applied: bool
) -> None:
    await session.execute(
        RECEIPTS.insert().values(
            id=new_id(),
            route=route,
            provider_id=provider_id,
            delivered=delivered,
            cause=cause,
            at=session.clock.now(),
            applied=applied,
        )
    )


async def early(session: Session, route: str, provider_ids: Collection[str]) -> list[tuple[str, bool, str | None]]:
    """Receipts that came before we had stored the carrier's answer: provider id, delivered, cause. Now taken."""
    if not provider_ids:
        return []
    which = sa.and_(
        RECEIPTS.c.route == route, RECEIPTS.c.provider_id.in_(list(provider_ids)), RECEIPTS.c.applied.is_(False)
    )
    rows = (await session.execute(sa.select(RECEIPTS).where(which).order_by(RECEIPTS.c.id))).all()
    if rows:
        await session.execute(RECEIPTS.update().where(which).values(applied=True))
    return [(row.provider_id, row.delivered, row.cause) for row in rows]


async def crossed(session: Session, limit: int = 100) -> list[tuple[str, str]]:
    """Route and provider id of receipts nobody has taken though their attempt is stored by now."""
    found = await session.execute(
        sa.select(RECEIPTS.c.route, RECEIPTS.c.provider_id)
        .join(ATTEMPTS, sa.and_(ATTEMPTS.c.provider_id == RECEIPTS.c.provider_id, ATTEMPTS.c.route == RECEIPTS.c.route))
        .where(RECEIPTS.c.applied.is_(False))
        .limit(limit)
    )
    return [(row.route, row.provider_id) for row in found]


async def any_early_before(session: Session, at: datetime) -> bool:
    """Whether one has waited since before then: a look that takes no lock."""
    query = sa.select(RECEIPTS.c.id).where(RECEIPTS.c.applied.is_(False), RECEIPTS.c.at < at).limit(1)
    return (await session.execute(query)).first() is not None


async def forget_early(session: Session, at: datetime) -> int:
    """Take away those that have waited since before then; how many."""
    found = await session.execute(RECEIPTS.delete().where(RECEIPTS.c.applied.is_(False), RECEIPTS.c.at < at))
    return found.rowcount
