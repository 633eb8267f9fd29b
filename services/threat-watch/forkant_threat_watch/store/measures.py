"""Measures, as rows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from forkant_shared.database import Session
from forkant_shared.errors import Stale
from forkant_threat_watch.domain.followup import MeasureKind
from forkant_threat_watch.domain.measures import Ending, Measure, Service, Wish
from forkant_threat_watch.domain.words import Level
from forkant_threat_watch.tables import MEASURES, THREATS


async def add(session: Session, measure: Measure) -> None:
    """Store a measure that begins."""
    wish = measure.wish
    await session.execute(
        MEASURES.insert().values(
            id=measure.id,
            threat_id=measure.threat,
            came_from=[],
            kind=wish.kind.value,
            what=wish.what,
            toward=wish.toward,
            owner=wish.owner,
            starts_at=wish.starts_at,
            expires_at=wish.expires_at,
            because=wish.because,
            made_by=measure.made_by,
            made_at=measure.made_at,
            level=measure.level.value,
            table_version=measure.table_version,
            outside=measure.outside,
            version=measure.version,
        )
    )


async def save(session: Session, measure: Measure) -> None:
    """Store what was said of it. Raises Stale where somebody else was first."""
    service, ending = measure.service, measure.ending
    found = await session.execute(
        MEASURES.update()
        .where(MEASURES.c.id == measure.id, MEASURES.c.version == measure.version - 1)
        .values(
            served=service.served if service else None,
            served_by=service.by if service else None,
            served_at=service.at if service else None,
            not_served_because=service.not_because if service else None,
            ended_by=ending.by if ending else None,
            ended_at=ending.at if ending else None,
            ended_because=ending.because if ending else None,
            version=measure.version,
        )
    )
    if found.rowcount != 1:
        raise Stale("The measure was changed by somebody else.", remedy="Read it again and decide anew.")


async def find(session: Session, measure_id: str) -> Measure | None:
    """One measure."""
    row = (await session.execute(sa.select(MEASURES).where(MEASURES.c.id == measure_id))).one_or_none()
    return None if row is None else _measure(row)


async def of_threat(session: Session, threat_id: str) -> list[Measure]:
    """Those of a threat, newest first."""
    found = await session.execute(
        sa.select(MEASURES).where(MEASURES.c.threat_id == threat_id).order_by(MEASURES.c.id.desc())
    )
    return [_measure(row) for row in found]


async def not_ended(session: Session, visible: sa.ColumnElement[bool], limit: int) -> list[tuple[Measure, str, Level]]:
    """Those nobody has ended, of threats that may be known of, the first to run out first; with the threat's reference
    and its level now."""
    found = await session.execute(
        sa.select(MEASURES, THREATS.c.reference, THREATS.c.level.label("level_now"))
        .join(THREATS, THREATS.c.id == MEASURES.c.threat_id)
        .where(MEASURES.c.ended_at.is_(None), visible)
        .order_by(MEASURES.c.expires_at, MEASURES.c.id)
        .limit(limit)
    )
    return [(_measure(row), row.reference, Level(row.level_now)) for row in found]


async def counted_outside(session: Session, visible: sa.ColumnElement[bool], since: datetime) -> tuple[int, int]:
    """How many measures were made since then outside the table of proportion, and how many in all."""
    found = await session.execute(
        sa.select(MEASURES.c.outside, sa.func.count().label("number"))
        .join(THREATS, THREATS.c.id == MEASURES.c.threat_id)
        .where(MEASURES.c.made_at >= since, visible)
        .group_by(MEASURES.c.outside)
    )
    counts = {bool(row.outside): int(row.number) for row in found}
    return counts.get(True, 0), sum(counts.values())


async def follow(session: Session, from_id: str, into_id: str) -> None:
    """What was made under one threat goes on under the other that it was merged into."""
    for row in (await session.execute(sa.select(MEASURES).where(MEASURES.c.threat_id == from_id))).all():
        theirs = [*row.came_from, from_id]
        await session.execute(
            MEASURES.update().where(MEASURES.c.id == row.id).values(threat_id=into_id, came_from=theirs)
        )


async def come_back(session: Session, from_id: str, into_id: str) -> Collection[str]:
    """What followed a threat into another comes back; the ids."""
    rows = (await session.execute(sa.select(MEASURES).where(MEASURES.c.threat_id == into_id))).all()
    back = [row for row in rows if row.came_from and row.came_from[-1] == from_id]
    for row in back:
        await session.execute(
            MEASURES.update().where(MEASURES.c.id == row.id).values(threat_id=from_id, came_from=row.came_from[:-1])
        )
    return [row.id for row in back]


def _measure(row: Any) -> Measure:
    wish = Wish(
        kind=MeasureKind(row.kind),
        what=row.what,
        owner=row.owner,
        starts_at=row.starts_at,
        expires_at=row.expires_at,
        toward=row.toward,
        because=row.because,
    )
    service = Service(row.served, row.served_by, row.served_at, row.not_served_because)
    ending = Ending(row.ended_by, row.ended_at, row.ended_because)
    return Measure(
        id=row.id,
        threat=row.threat_id,
        wish=wish,
        made_by=row.made_by,
        made_at=row.made_at,
        level=Level(row.level),
        table_version=row.table_version,
        outside=row.outside,
        service=None if row.served is None else service,
        ending=None if row.ended_at is None else ending,
        version=row.version,
    )
