"""Judgements of who is who; one is as restricted as its own marks and as the stricter of the two it is about."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from forkant_registry.domain.claims import Marks
from forkant_registry.domain.identity import Identities, Judgement, canonical
from forkant_registry.store.rows import READ, visible
from forkant_registry.tables import ACTORS, JUDGEMENTS
from forkant_shared.database import Session
from forkant_shared.errors import Conflict
from forkant_shared.identity import Principal

ONE = ACTORS.alias("one")
OTHER = ACTORS.alias("other")
_WAITS = sa.and_(JUDGEMENTS.c.needs_approval, JUDGEMENTS.c.approved_at.is_(None), JUDGEMENTS.c.revoked_at.is_(None))
# So many ids go into one question; both databases take more, none likes many more.
AT_ONCE = 500


async def add(session: Session, judgement: Judgement) -> None:
    """A new judgement."""
    await session.execute(JUDGEMENTS.insert().values(_row_of(judgement)))


async def mark(session: Session, before: Judgement, after: Judgement) -> None:
    """Who approved or revoked it. Raises Conflict where somebody else was first."""
    marks = ("approved_at", "approved_by", "revoked_at", "revoked_by", "revoked_because")
    changed = await session.execute(
        JUDGEMENTS.update()
        .where(
            JUDGEMENTS.c.id == before.id,
            JUDGEMENTS.c.revoked_at.is_(None),
            JUDGEMENTS.c.approved_at.is_(None) if before.approved_at is None else sa.true(),
        )
        .values({name: getattr(after, name) for name in marks})
    )
    if changed.rowcount != 1:
        raise Conflict("The judgement was changed by somebody else just now.", remedy="Read it again.")


async def load(session: Session, who: Principal, judgement_id: str, action: str) -> Judgement | None:
    """The judgement; None where there is none, or `who` may not know of it when doing `action`."""
    row = (await session.execute(_readable(who, action).where(JUDGEMENTS.c.id == judgement_id))).one_or_none()
    return _judgement_of(row) if row else None


async def page(
    session: Session, who: Principal, *, actor_ids: Collection[str] | None, waiting: bool, after: str | None, limit: int
) -> list[Judgement]:
    """Judgements in the order they were made, above `after`: about some actors or all, those that wait or all."""
    statement = _readable(who)
    if actor_ids is not None:
        statement = statement.where(_about(actor_ids))
    if waiting:
        statement = statement.where(_WAITS)
    if after is not None:
        statement = statement.where(JUDGEMENTS.c.id > after)
    return [_judgement_of(row) for row in await session.execute(statement.order_by(JUDGEMENTS.c.id).limit(limit))]


async def around(
    session: Session, who: Principal, actor_ids: Iterable[str], *, at: datetime | None = None
) -> list[Judgement]:
    """What `who` may know of the judgements about these actors and all who are tied to them, step by step.

    Without `at` all that are not revoked, also those that wait; with it those that stood at that moment.
    """
    found: dict[str, Judgement] = {}
    met: set[str] = set()
    fresh = set(actor_ids)
    while fresh:
        met |= fresh
        reached: set[str] = set()
        for part in _parts(fresh):
            statement = _readable(who).where(_about(part))
            if at is None:
                statement = statement.where(JUDGEMENTS.c.revoked_at.is_(None))
            for row in await session.execute(statement):
                judgement = _judgement_of(row)
                if at is not None and not judgement.stood(at):
                    continue
                found[judgement.id] = judgement
                if judgement.verdict == "POSITIVE" and (at is not None or judgement.state == "STANDS"):
                    reached |= set(judgement.pair)
        fresh = reached - met
    return [found[id] for id in sorted(found)]


async def identities(
    session: Session, who: Principal, actor_ids: Iterable[str], *, at: datetime | None = None
) -> Identities:
    """Who stands for whom around these actors, now or as it stood at a moment, as far as `who` may know."""
    found = await around(session, who, actor_ids, at=at)
    standing = found if at is not None else [judgement for judgement in found if judgement.state == "STANDS"]
    return Identities(canonical(standing))


def _parts(ids: Collection[str]) -> list[list[str]]:
    ordered = sorted(ids)
    return [ordered[start : start + AT_ONCE] for start in range(0, len(ordered), AT_ONCE)]


def _about(actor_ids: Collection[str]) -> sa.ColumnElement[bool]:
    ids = list(actor_ids)
    return sa.or_(JUDGEMENTS.c.one_id.in_(ids), JUDGEMENTS.c.other_id.in_(ids))


def _readable(who: Principal, action: str = READ) -> sa.Select[Any]:
    return (
        sa.select(JUDGEMENTS)
        .join(ONE, ONE.c.id == JUDGEMENTS.c.one_id)
        .join(OTHER, OTHER.c.id == JUDGEMENTS.c.other_id)
        .where(visible(who, JUDGEMENTS, ONE, OTHER, action=action))
    )


_SAME = (
    *("id", "kind", "verdict", "reason", "score", "needs_approval", "judged_at", "judged_by"),
    *("approved_at", "approved_by", "revoked_at", "revoked_by", "revoked_because"),
)


def _judgement_of(row: Any) -> Judgement:
    values = {name: getattr(row, name) for name in _SAME}
    return Judgement(one=row.one_id, other=row.other_id, marks=Marks(row.handling, row.compartment), **values)


def _row_of(judgement: Judgement) -> dict[str, Any]:
    return {
        "one_id": judgement.one,
        "other_id": judgement.other,
        "handling": judgement.marks.handling,
        "compartment": judgement.marks.compartment,
        **{name: getattr(judgement, name) for name in _SAME},
    }
