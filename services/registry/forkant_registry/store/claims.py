"""Claims, by whom they are about and by whom they point at."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from forkant_registry.domain.claims import Claim
from forkant_registry.domain.predicates import GROUND
from forkant_registry.domain.reference import Reference
from forkant_registry.store import names
from forkant_registry.store.rows import READ, claim_of, row_of, visible
from forkant_registry.tables import ACTORS, CLAIMS
from forkant_shared.database import Session
from forkant_shared.identity import Principal

SUBJECT = ACTORS.alias("subject")
OBJECT = ACTORS.alias("object")
# More than any card shows at once; an actor with more is read page by page.
MOST_ON_A_CARD = 5000


async def add(session: Session, claims: Sequence[Claim], reference: Reference) -> None:
    """New claims; the names among them can be searched for from now on."""
    await session.execute(CLAIMS.insert(), [row_of(claim) for claim in claims])
    name_kinds = reference.catalogue.name_kinds()
    for claim in claims:
        kind = name_kinds.get(claim.predicate)
        if kind is not None and claim.value is not None:
            await names.add(session, claim.id, claim.actor_id, kind, claim.value, reference.spelling)


async def mark_superseded(session: Session, claim: Claim) -> None:
    """The marks of a correction on a claim; a name that no longer stands is no longer found."""
    await session.execute(
        CLAIMS.update()
        .where(CLAIMS.c.id == claim.id)
        .values(
            superseded_at=claim.superseded_at,
            superseded_by=claim.superseded_by,
            superseded_reason=claim.superseded_reason,
        )
    )
    await names.remove(session, claim.id)


async def load(session: Session, who: Principal, claim_id: str, action: str) -> Claim | None:
    """The claim; None where there is none, or `who` may not know of it or of one of its ends when doing `action`."""
    row = (await session.execute(_readable(who, action).where(CLAIMS.c.id == claim_id))).one_or_none()
    return claim_of(row) if row else None


async def about(
    session: Session,
    who: Principal,
    actor_ids: Collection[str],
    *,
    after: str | None = None,
    limit: int = MOST_ON_A_CARD,
) -> list[Claim]:
    """Claims about these actors, superseded ones too, in the order they were recorded, from above `after` on."""
    statement = _readable(who).where(CLAIMS.c.actor_id.in_(list(actor_ids)))
    if after is not None:
        statement = statement.where(CLAIMS.c.id > after)
    return [claim_of(row) for row in await session.execute(statement.order_by(CLAIMS.c.id).limit(limit))]


async def pointing(session: Session, who: Principal, actor_ids: Collection[str]) -> list[Claim]:
    """Claims about others that point at one of these actors."""
    statement = _readable(who).where(CLAIMS.c.object_id.in_(list(actor_ids)))
    return [claim_of(row) for row in await session.execute(statement.order_by(CLAIMS.c.id).limit(MOST_ON_A_CARD))]


async def facts(
    session: Session, who: Principal, actor_ids: Collection[str], predicates: Collection[str]
) -> list[Claim]:
    """What stands of these sorts about these actors, as far as `who` may know it."""
    found: list[Claim] = []
    ids = sorted(actor_ids)
    for start in range(0, len(ids), 500):
        statement = _readable(who).where(
            CLAIMS.c.actor_id.in_(ids[start : start + 500]),
            CLAIMS.c.predicate.in_(list(predicates)),
            CLAIMS.c.superseded_at.is_(None),
        )
        found += [claim_of(row) for row in await session.execute(statement)]
    return found


async def all_readable(session: Session, who: Principal, actor_ids: Collection[str]) -> bool:
    """Whether `who` may know every standing claim about these actors."""
    standing = sa.and_(CLAIMS.c.actor_id.in_(list(actor_ids)), CLAIMS.c.superseded_at.is_(None))
    every = sa.select(sa.func.count()).select_from(CLAIMS).where(standing)
    readable = sa.select(sa.func.count()).select_from(_readable(who).where(standing).subquery())
    return bool((await session.execute(sa.select(every.scalar_subquery() == readable.scalar_subquery()))).scalar_one())


async def grounds(session: Session, who: Principal, actor_ids: Collection[str]) -> dict[str, list[Claim]]:
    """The registration grounds of these persons, as far as `who` may know them."""
    found: dict[str, list[Claim]] = {}
    ids = list(actor_ids)
    for start in range(0, len(ids), 500):
        statement = _readable(who).where(CLAIMS.c.actor_id.in_(ids[start : start + 500]), CLAIMS.c.predicate == GROUND)
        for row in await session.execute(statement):
            found.setdefault(row.actor_id, []).append(claim_of(row))
    return found


async def standing_of(session: Session, actor_id: str, predicate: str) -> list[Claim]:
    """All standing claims of a predicate about an actor, for a decision of the registry itself."""
    found = await session.execute(
        sa.select(CLAIMS).where(
            CLAIMS.c.actor_id == actor_id, CLAIMS.c.predicate == predicate, CLAIMS.c.superseded_at.is_(None)
        )
    )
    return [claim_of(row) for row in found]


def _readable(who: Principal, action: str = READ) -> sa.Select[Any]:
    """Claims `who` may know of: a link is as restricted as its strictest end."""
    return (
        sa.select(CLAIMS)
        .join(SUBJECT, SUBJECT.c.id == CLAIMS.c.actor_id)
        .outerjoin(OBJECT, OBJECT.c.id == CLAIMS.c.object_id)
        .where(
            visible(who, CLAIMS, SUBJECT, action=action),
            sa.or_(CLAIMS.c.object_id.is_(None), visible(who, OBJECT, action=action)),
        )
    )
