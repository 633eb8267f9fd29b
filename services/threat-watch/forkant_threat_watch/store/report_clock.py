"""The clock of reports: which are due, what was decided, and what destroying one takes along."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from forkant_shared.database import Session
from forkant_threat_watch.store.explanations import without_report
from forkant_threat_watch.tables import ASSESSMENTS, COUNTED, DESTROYED, REPORTS, SIGNALS, THREATS

ASSESSMENTS_AT_ONCE = 200
_WAITS = REPORTS.c.relevance_checked_at.is_(None)


async def due(
    session: Session,
    visible: sa.ColumnElement[bool],
    before: datetime,
    *,
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> list[Any]:
    """Reports nobody has checked that are due before a moment, the first to run out first."""
    statement = sa.select(REPORTS).where(_WAITS, REPORTS.c.relevance_due_at < before, visible)
    if after is not None:
        at, report_id = after
        same = sa.and_(REPORTS.c.relevance_due_at == at, REPORTS.c.id > report_id)
        statement = statement.where(sa.or_(REPORTS.c.relevance_due_at > at, same))
    return list(
        (await session.execute(statement.order_by(REPORTS.c.relevance_due_at, REPORTS.c.id).limit(limit))).all()
    )


async def due_count(session: Session, visible: sa.ColumnElement[bool], before: datetime) -> int:
    """How many of them there are."""
    waiting = sa.select(sa.func.count()).select_from(REPORTS)
    found = await session.execute(waiting.where(_WAITS, REPORTS.c.relevance_due_at < before, visible))
    return int(found.scalar_one())


async def ripe(session: Session, now: datetime, limit: int) -> list[str]:
    """The reports whose time ran out without a check, the longest first."""
    found = await session.execute(
        sa.select(REPORTS.c.id)
        .where(_WAITS, REPORTS.c.relevance_due_at <= now)
        .order_by(REPORTS.c.relevance_due_at)
        .limit(limit)
    )
    return list(found.scalars())


async def hold(session: Session, report_id: str) -> Any | None:
    """The report, held until the transaction ends; None where it is gone."""
    return (await session.execute(sa.select(REPORTS).where(REPORTS.c.id == report_id).with_for_update())).one_or_none()


async def keep(session: Session, report_id: str, by: str, reason: str, at: datetime) -> None:
    """A person found the report necessary and relevant: its clock has stopped."""
    await session.execute(
        REPORTS.update()
        .where(REPORTS.c.id == report_id)
        .values(relevance_checked_at=at, relevance_checked_by=by, relevance_reason=reason)
    )


async def threats_with(session: Session, report_id: str) -> tuple[list[str], list[str]]:
    """The threats that have signals of this report: those that are open, and those that are over."""
    found = await session.execute(
        sa.select(THREATS.c.id, THREATS.c.state)
        .join(COUNTED, COUNTED.c.threat_id == THREATS.c.id)
        .join(SIGNALS, SIGNALS.c.id == COUNTED.c.signal_id)
        .where(SIGNALS.c.report == report_id)
        .distinct()
        .order_by(THREATS.c.id)
    )
    rows = found.all()
    over = [row.id for row in rows if row.state in ("CLOSED", "MERGED")]
    return [row.id for row in rows if row.id not in over], over


async def destroy(session: Session, row: Any, threat_ids: Sequence[str], by: str, cause: str, at: datetime) -> None:
    """Take the report away with its signals and every reference to it; a receipt without content is left."""
    for threat_id in threat_ids:
        await _forget_in_assessments(session, threat_id, row.id)
    await session.execute(SIGNALS.delete().where(SIGNALS.c.report == row.id))
    await session.execute(REPORTS.delete().where(REPORTS.c.id == row.id))
    receipt = {"id": row.id, "reference": row.reference, "received_at": row.received_at}
    await session.execute(DESTROYED.insert(), receipt | {"destroyed_at": at, "by": by, "cause": cause})


async def _forget_in_assessments(session: Session, threat_id: str, report_id: str) -> None:
    """Assessments keep their numbers and lose the reference."""
    last = "00000000-0000-0000-0000-000000000000"
    while True:
        found = await session.execute(
            sa.select(ASSESSMENTS.c.id, ASSESSMENTS.c.explanation)
            .where(ASSESSMENTS.c.threat_id == threat_id, ASSESSMENTS.c.id > last)
            .order_by(ASSESSMENTS.c.id)
            .limit(ASSESSMENTS_AT_ONCE)
        )
        rows = found.all()
        for row in rows:
            without = without_report(row.explanation, report_id)
            if without != row.explanation:
                await session.execute(
                    ASSESSMENTS.update().where(ASSESSMENTS.c.id == row.id).values(explanation=without)
                )
        if len(rows) < ASSESSMENTS_AT_ONCE:
            return
        last = rows[-1].id


async def receipt(session: Session, report_id: str) -> Any | None:
    """What is left of a destroyed report."""
    return (await session.execute(sa.select(DESTROYED).where(DESTROYED.c.id == report_id))).one_or_none()
