"""Who has been here, by their own token: whom a measure or a question can be given to."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from forkant_shared.database import Session
from forkant_shared.identity import Principal
from forkant_threat_watch.tables import OFFICERS


@dataclass(frozen=True, slots=True)
class Officer:
    """A person as they signed in. `actor_id` is who they are in the registry, if there."""

    subject: str
    name: str
    actor_id: str | None


async def remember(session: Session, who: Principal) -> None:
    """Keep who this person is; machines and our own parts own nothing."""
    if who.kind != "PERSON":
        return
    row = {"subject": who.subject, "name": who.name[:200], "actor_id": who.actor_id}
    if not await session.insert_ignore(OFFICERS, [row]):
        other = sa.or_(OFFICERS.c.name != row["name"], OFFICERS.c.actor_id.is_distinct_from(who.actor_id))
        await session.execute(OFFICERS.update().where(OFFICERS.c.subject == who.subject, other).values(**row))


async def find(session: Session, subject: str) -> Officer | None:
    """One of them."""
    row = (await session.execute(sa.select(OFFICERS).where(OFFICERS.c.subject == subject))).one_or_none()
    return None if row is None else Officer(row.subject, row.name, row.actor_id)


async def known(session: Session, limit: int = 500) -> list[Officer]:
    """Those there are, by name."""
    found = await session.execute(sa.select(OFFICERS).order_by(OFFICERS.c.name, OFFICERS.c.subject).limit(limit))
    return [Officer(row.subject, row.name, row.actor_id) for row in found]
