"""How the newest meeting of each dialogue felt, as meetings told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from forkant_shared.database import Session
from forkant_threat_watch.tables.situation import CLIMATES


async def newest(session: Session, dialogue_id: str) -> Any | None:
    """What is known of this dialogue, held until the transaction ends."""
    statement = sa.select(CLIMATES).where(CLIMATES.c.dialogue_id == dialogue_id).with_for_update()
    return (await session.execute(statement)).one_or_none()


async def put(session: Session, row: Mapping[str, Any]) -> None:
    """This is the newest meeting of its dialogue now."""
    if not await session.insert_ignore(CLIMATES, [row]):
        await session.execute(CLIMATES.update().where(CLIMATES.c.dialogue_id == row["dialogue_id"]).values(**row))


async def listed(session: Session, visible: sa.ColumnElement[bool]) -> Sequence[Any]:
    """The dialogues that may be known of, the one with the newest meeting first."""
    statement = sa.select(CLIMATES).where(visible).order_by(CLIMATES.c.held_at.desc(), CLIMATES.c.dialogue_id)
    return (await session.execute(statement)).all()


COLUMNS = CLIMATES.c
