"""How the last attempts to reach people's phones ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from forkant_notifier.domain.lanes import Channel
from forkant_notifier.tables import ATTEMPTS, PEOPLE
from forkant_shared.database import Session


async def endings(
    session: Session, users: Collection[str], since: datetime, most: int
) -> dict[str, dict[tuple[Channel, str], list[bool]]]:
    """By user and address at most so many attempts that came to an end, newest first; true for a delivered one."""
    of = ATTEMPTS.c
    place = sa.func.row_number().over(
        partition_by=(of.user, of.channel, of.address), order_by=(of.due_at.desc(), of.id.desc())
    )
    ended = (
        sa.select(of.user, of.channel, of.address, of.state, place.label("place"))
        .where(of.user.in_(sorted(users)), of.due_at >= since, of.state.in_(("DELIVERED", "FAILED")))
        .subquery()
    )
    found: dict[str, dict[tuple[Channel, str], list[bool]]] = defaultdict(lambda: defaultdict(list))
    for row in await session.execute(sa.select(ended).where(ended.c.place <= most).order_by(ended.c.place)):
        found[row.user][Channel(row.channel), row.address].append(row.state == "DELIVERED")
    return found


async def note_push(session: Session, user: str, lost_at: datetime | None) -> None:
    """The last browser of this person is gone by itself; None: they have one again, or turned it off."""
    await session.execute(PEOPLE.update().where(PEOPLE.c.user == user).values(push_lost_at=lost_at))
