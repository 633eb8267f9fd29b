"""Reports as they came in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from forkant_shared.database import Session
from forkant_threat_watch.tables import COUNTED, REPORTS, SIGNALS, THREATS

COLUMNS = REPORTS.c


async def add(session: Session, row: Mapping[str, Any]) -> None:
    """Store a report, at the end of this transaction."""
    session.later(REPORTS, row)


async def find(session: Session, report_id: str, visible: sa.ColumnElement[bool]) -> Any | None:
    """A report, if it may be known of."""
    return (await session.execute(sa.select(REPORTS).where(REPORTS.c.id == report_id, visible))).one_or_none()


async def threats_of(session: Session, report_id: str) -> list[tuple[str, str]]:
    """The threats that its signals count in or are suggested to: id and reference, oldest first."""
    found = await session.execute(
        sa.select(THREATS.c.id, THREATS.c.reference)
        .join(COUNTED, COUNTED.c.threat_id == THREATS.c.id)
        .join(SIGNALS, SIGNALS.c.id == COUNTED.c.signal_id)
        .where(SIGNALS.c.report == report_id)
        .distinct()
        .order_by(THREATS.c.id)
    )
    return [(row.id, row.reference) for row in found]


async def listed(
    session: Session,
    visible: sa.ColumnElement[bool],
    *,
    ungraded: bool = False,
    after: str | None = None,
    limit: int = 50,
) -> list[Any]:
    """Reports, newest first; only those nobody has graded where `ungraded`."""
    statement = sa.select(REPORTS).where(visible)
    if ungraded:
        statement = statement.where(REPORTS.c.scale.is_(None))
    if after is not None:
        statement = statement.where(REPORTS.c.id < after)
    return list((await session.execute(statement.order_by(REPORTS.c.id.desc()).limit(limit))).all())


async def told(session: Session, report_ids: Collection[str], visible: sa.ColumnElement[bool]) -> dict[str, Any]:
    """The reports of these ids that may be known of, by id."""
    if not report_ids:
        return {}
    found = await session.execute(sa.select(REPORTS).where(REPORTS.c.id.in_(sorted(report_ids)), visible))
    return {row.id: row for row in found}


async def origins(session: Session, report_ids: Collection[str]) -> dict[str, str]:
    """Who first knew what each of these reports says, by report id."""
    found = await session.execute(sa.select(REPORTS.c.id, REPORTS.c.origin).where(REPORTS.c.id.in_(sorted(report_ids))))
    return {row.id: row.origin for row in found}
