"""Requests to change shifts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from forkant_notifier.domain.shift import Shift
from forkant_notifier.domain.swap import Swap, SwapState
from forkant_notifier.tables import SWAPS
from forkant_shared.database import Session
from forkant_shared.errors import NotFound


def _swap(row: Any) -> Swap:
    theirs = None
    if row.other is not None:
        theirs = Shift(row.other_tier, (row.other,), row.other_since, row.other_until)
    return Swap(
        id=row.id,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        own=Shift(row.tier, (row.asked_by,), row.since, row.until),
        theirs=theirs,
        state=SwapState(row.state),
        answered_by=row.answered_by,
        answered_at=row.answered_at,
    )


async def insert(session: Session, swap: Swap) -> None:
    theirs = swap.theirs
    await session.execute(
        SWAPS.insert().values(
            id=swap.id,
            asked_by=swap.asked_by,
            asked_at=swap.asked_at,
            tier=swap.own.tier,
            since=swap.own.since,
            until=swap.own.until,
            other=theirs.users[0] if theirs else None,
            other_tier=theirs.tier if theirs else None,
            other_since=theirs.since if theirs else None,
            other_until=theirs.until if theirs else None,
            state=swap.state.value,
        )
    )


async def load(session: Session, swap_id: str) -> Swap:
    """One request, held until the transaction ends. Raises NotFound."""
    row = (await session.execute(sa.select(SWAPS).where(SWAPS.c.id == swap_id).with_for_update())).first()
    if row is None:
        raise NotFound("There is no such request.", field="id")
    return _swap(row)


async def save(session: Session, swap: Swap) -> None:
    values = {"state": swap.state.value, "answered_by": swap.answered_by, "answered_at": swap.answered_at}
    await session.execute(SWAPS.update().where(SWAPS.c.id == swap.id).values(**values))


async def open_ones(session: Session, now: datetime, limit: int = 100) -> list[Swap]:
    """Requests that can still be answered, the nearest shift first."""
    query = sa.select(SWAPS).where(SWAPS.c.state == "OPEN", SWAPS.c.until > now).order_by(SWAPS.c.since).limit(limit)
    return [swap for swap in map(_swap, await session.execute(query)) if swap.ends() > now]
