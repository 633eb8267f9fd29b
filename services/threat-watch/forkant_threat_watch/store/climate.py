"""How meetings felt, as the meetings service told, and as approved corrections say since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from forkant_shared.database import Session
from forkant_threat_watch.tables.situation import CLIMATES


async def put(session: Session, row: Mapping[str, Any]) -> None:
    """The climate of a meeting as told with this correction; one that is older than what is known changes nothing."""
    if not await session.insert_ignore(CLIMATES, [row]):
        older = sa.and_(CLIMATES.c.meeting_id == row["meeting_id"], CLIMATES.c.correction < row["correction"])
        await session.execute(CLIMATES.update().where(older).values(**row))


async def listed(session: Session, visible: sa.ColumnElement[bool]) -> Sequence[Any]:
    """The meetings that may be known of and of which somebody said something, the newest first."""
    said = sa.or_(CLIMATES.c.ours.is_not(None), CLIMATES.c.theirs.is_not(None))
    statement = sa.select(CLIMATES).where(visible, said)
    newest = (CLIMATES.c.held_at.desc(), CLIMATES.c.meeting_id.desc())
    ranked = statement.add_columns(
        sa.func.row_number().over(partition_by=CLIMATES.c.group_id, order_by=newest).label("place")
    ).subquery()
    found = sa.select(ranked).where(ranked.c.place == 1).order_by(ranked.c.held_at.desc(), ranked.c.meeting_id.desc())
    return (await session.execute(found)).all()


COLUMNS = CLIMATES.c
