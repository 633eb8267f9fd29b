"""Actors and what they are called."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from forkant_registry.domain.actors import Actor
from forkant_registry.domain.matching import KnownName
from forkant_registry.store.rows import READ, actor_of, visible
from forkant_registry.tables import ACTORS, CLAIMS, NAMES
from forkant_shared.database import Session
from forkant_shared.errors import Conflict
from forkant_shared.identity import Principal


@dataclass(frozen=True, slots=True)
class Labelled:
    """An actor with the name to call it by, and all the names the reader may know."""

    id: str
    kind: str
    label: str
    names: tuple[KnownName, ...] = ()


async def add(session: Session, actor: Actor) -> None:
    """A new actor."""
    await session.execute(
        ACTORS.insert().values(
            id=actor.id,
            kind=actor.kind,
            handling=actor.marks.handling,
            compartment=actor.marks.compartment,
            registered_at=actor.registered_at,
            registered_by=actor.registered_by,
            version=actor.version,
        )
    )


async def save(session: Session, actor: Actor, expected: int) -> None:
    """The actor's next version. Raises Conflict where somebody else was first."""
    changed = await session.execute(
        ACTORS.update().where(ACTORS.c.id == actor.id, ACTORS.c.version == expected).values(version=actor.version)
    )
    if changed.rowcount != 1:
        raise Conflict("The actor was changed by somebody else just now.", remedy="Try again.")


async def load(session: Session, who: Principal, actor_id: str) -> Actor | None:
    """The actor; None where there is none or `who` may not know of it."""
    row = (await session.execute(sa.select(ACTORS).where(ACTORS.c.id == actor_id, visible(who, ACTORS)))).one_or_none()
    return actor_of(row) if row else None


async def hold(session: Session, who: Principal, actor_id: str, action: str) -> Actor | None:
    """The actor to be changed by `action`, its row held until the commit; None as for `load`."""
    statement = sa.select(ACTORS).where(ACTORS.c.id == actor_id, visible(who, ACTORS, action=action))
    row = (await session.execute(statement.with_for_update())).one_or_none()
    return actor_of(row) if row else None


async def kinds(session: Session, who: Principal, ids: Collection[str], action: str = READ) -> dict[str, str]:
    """PERSON or GROUP for each of these that `who` may know of when doing `action`."""
    if not ids:
        return {}
    found = await session.execute(
        sa.select(ACTORS.c.id, ACTORS.c.kind).where(ACTORS.c.id.in_(list(ids)), visible(who, ACTORS, action=action))
    )
    return {row.id: row.kind for row in found}


async def page(
    session: Session, who: Principal, *, kind: str | None, after: str | None, limit: int
) -> list[tuple[str, str]]:
    """Id and kind of actors, the newest first, from below `after` on."""
    statement = sa.select(ACTORS.c.id, ACTORS.c.kind).where(visible(who, ACTORS))
    if kind is not None:
        statement = statement.where(ACTORS.c.kind == kind)
    if after is not None:
        statement = statement.where(ACTORS.c.id < after)
    found = await session.execute(statement.order_by(ACTORS.c.id.desc()).limit(limit))
    return [(row.id, row.kind) for row in found]


async def labelled(session: Session, who: Principal, ids: Collection[str]) -> dict[str, Labelled]:
    """Those of the actors that `who` may know of, with their names, the one to call them by first."""
    if not ids:
        return {}
    # Join by join: SQLite would work out a nested one for the whole register first.
    known = sa.and_(CLAIMS.c.id == NAMES.c.claim_id, visible(who, CLAIMS))
    found = await session.execute(
        sa.select(
            ACTORS.c.id,
            ACTORS.c.kind,
            NAMES.c.kind.label("name_kind"),
            NAMES.c.value,
            NAMES.c.weak,
            CLAIMS.c.id.label("claim_id"),
        )
        .select_from(ACTORS.outerjoin(NAMES, NAMES.c.actor_id == ACTORS.c.id).outerjoin(CLAIMS, known))
        .where(ACTORS.c.id.in_(list(ids)), visible(who, ACTORS))
        .order_by(NAMES.c.rank, NAMES.c.claim_id.desc())
    )
    present: dict[str, str] = {}
    names: dict[str, list[KnownName]] = {}
    for row in found:
        present[row.id] = row.kind
        if row.claim_id is not None:
            names.setdefault(row.id, []).append(KnownName(row.name_kind, row.value, row.weak))
    return {id: _labelled(id, kind, names.get(id, ())) for id, kind in present.items()}


def _labelled(actor_id: str, kind: str, names: Sequence[KnownName]) -> Labelled:
    # Where every name is hidden from this reader, the end of the id tells two cards apart and says nothing.
    return Labelled(actor_id, kind, names[0].value if names else f"#{actor_id[-6:]}", tuple(names))
