"""Conflicts between groups and how they stood."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from forkant_registry.domain.conflicts import Conflict, Standing
from forkant_registry.store.rows import graded, grading_of, marks_of, visible
from forkant_registry.tables import ACTORS, CONFLICTS, STANDINGS
from forkant_shared.database import Session
from forkant_shared.errors import Conflict as VersionConflict
from forkant_shared.identity import Principal

ONE = ACTORS.alias("one")
OTHER = ACTORS.alias("other")


async def open_pair(session: Session, conflict_id: str, group_a: str, group_b: str) -> Conflict:
    """The pair's conflict with its whole history, made under this id where there is none; held until the commit."""
    row = {"id": conflict_id, "group_a": group_a, "group_b": group_b, "version": 0}
    await session.insert_ignore(CONFLICTS, [row])
    pair = sa.and_(CONFLICTS.c.group_a == group_a, CONFLICTS.c.group_b == group_b)
    found = (await session.execute(sa.select(CONFLICTS).where(pair).with_for_update())).one()
    [conflict] = await _with_history(session, [found], sa.true())
    return conflict


async def add_standing(session: Session, conflict: Conflict, standing: Standing) -> None:
    """The new standing and the conflict's next version."""
    await session.execute(
        STANDINGS.insert().values(
            id=standing.id,
            conflict_id=conflict.id,
            status=standing.status,
            since=standing.since,
            kind=standing.kind,
            verified=standing.verified,
            **graded(standing.grading, standing.origin, standing.marks),
            note=standing.note,
            recorded_at=standing.recorded_at,
            recorded_by=standing.recorded_by,
        )
    )
    changed = await session.execute(
        CONFLICTS.update()
        .where(CONFLICTS.c.id == conflict.id, CONFLICTS.c.version == conflict.version - 1)
        .values(version=conflict.version)
    )
    if changed.rowcount != 1:
        raise VersionConflict("The conflict was changed by somebody else just now.", remedy="Try again.")


async def load(session: Session, who: Principal, conflict_id: str) -> Conflict | None:
    """The conflict with what `who` may know of its history; None where that is nothing."""
    found = await _page(session, who, CONFLICTS.c.id == conflict_id, 1)
    return found[0] if found else None


async def page(
    session: Session, who: Principal, *, group_ids: Collection[str] | None, after: str | None, limit: int
) -> list[Conflict]:
    """Conflicts in the order of their ids, of some groups or of all, each with its history."""
    conditions: list[sa.ColumnElement[bool]] = [sa.true()]
    if group_ids is not None:
        conditions.append(sa.or_(CONFLICTS.c.group_a.in_(list(group_ids)), CONFLICTS.c.group_b.in_(list(group_ids))))
    if after is not None:
        conditions.append(CONFLICTS.c.id > after)
    return await _page(session, who, sa.and_(*conditions), limit)


async def _page(session: Session, who: Principal, condition: sa.ColumnElement[bool], limit: int) -> list[Conflict]:
    readable = visible(who, STANDINGS)
    statement = (
        sa.select(CONFLICTS)
        .join(ONE, ONE.c.id == CONFLICTS.c.group_a)
        .join(OTHER, OTHER.c.id == CONFLICTS.c.group_b)
        .where(
            condition,
            visible(who, ONE, OTHER),
            sa.exists().where(STANDINGS.c.conflict_id == CONFLICTS.c.id, readable),
        )
        .order_by(CONFLICTS.c.id)
        .limit(limit)
    )
    return await _with_history(session, (await session.execute(statement)).all(), readable)


async def _with_history(session: Session, rows: Sequence[Any], readable: sa.ColumnElement[bool]) -> list[Conflict]:
    found = await session.execute(
        sa.select(STANDINGS)
        .where(STANDINGS.c.conflict_id.in_([row.id for row in rows]), readable)
        .order_by(STANDINGS.c.since, STANDINGS.c.recorded_at, STANDINGS.c.id)
    )
    history: dict[str, list[Standing]] = {}
    for row in found:
        history.setdefault(row.conflict_id, []).append(_standing(row))
    return [Conflict(r.id, r.group_a, r.group_b, r.version, tuple(history.get(r.id, ()))) for r in rows]


def _standing(row: Any) -> Standing:
    return Standing(
        id=row.id,
        status=row.status,
        since=row.since,
        kind=row.kind,
        verified=row.verified,
        grading=grading_of(row),
        origin=row.origin,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        note=row.note,
        marks=marks_of(row),
    )
