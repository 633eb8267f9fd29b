"""Disclosure plans, their lines and signatures, and the clearances that came of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from forkant_shared.clock import new_id
from forkant_shared.database import Session
from forkant_threat_watch.domain.disclosure import Line, Part, Plan, Signature
from forkant_threat_watch.tables import CLEARANCES, LINE_REPORTS, PLAN_LINES, PLANS, REPORTS, SIGNATURES, THREATS


async def load(session: Session, threat_id: str) -> Plan:
    """The plan of a threat as it stands: version 0 and empty where nobody has begun."""
    version = (
        await session.execute(sa.select(PLANS.c.version).where(PLANS.c.threat_id == threat_id))
    ).scalar_one_or_none() or 0
    lines = PLAN_LINES.c
    rows = (
        await session.execute(
            sa.select(PLAN_LINES).where(lines.threat_id == threat_id, lines.removed_at.is_(None)).order_by(lines.id)
        )
    ).all()
    rests_on = await _rests_on(session, [row.id for row in rows])
    signed = SIGNATURES.c
    signatures = await session.execute(
        sa.select(SIGNATURES)
        .where(signed.threat_id == threat_id, signed.plan_version == version, signed.clearance_id.is_(None))
        .order_by(signed.id)
    )
    return Plan(
        threat=threat_id,
        version=version,
        lines=tuple(_line(row, rests_on.get(row.id, ())) for row in rows),
        signatures=tuple(Signature(one.id, Part(one.part), one.by, one.at, one.because) for one in signatures),
    )


async def _rests_on(session: Session, line_ids: Collection[str]) -> dict[str, list[str]]:
    if not line_ids:
        return {}
    found = await session.execute(
        sa.select(LINE_REPORTS).where(LINE_REPORTS.c.line_id.in_(list(line_ids))).order_by(LINE_REPORTS.c.report_id)
    )
    reports: dict[str, list[str]] = {}
    for row in found:
        reports.setdefault(row.line_id, []).append(row.report_id)
    return reports


def _line(row: Any, reports: Sequence[str]) -> Line:
    return Line(
        id=row.id,
        text=row.text,
        reports=tuple(reports),
        written_by=row.written_by,
        written_at=row.written_at,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
    )


async def next_version(session: Session, threat_id: str) -> int:
    """Make another version of the plan, which no signature is on; its number."""
    await session.insert_ignore(PLANS, [{"threat_id": threat_id, "version": 0}])
    found = await session.execute(
        PLANS.update()
        .where(PLANS.c.threat_id == threat_id)
        .values(version=PLANS.c.version + 1)
        .returning(PLANS.c.version)
    )
    return int(found.scalar_one())


async def add_line(session: Session, threat_id: str, line: Line) -> None:
    """Store a line that somebody wrote."""
    await session.execute(
        PLAN_LINES.insert().values(
            id=line.id, threat_id=threat_id, text=line.text, written_by=line.written_by, written_at=line.written_at
        )
    )
    if line.reports:
        rows = [{"line_id": line.id, "report_id": report} for report in line.reports]
        await session.execute(LINE_REPORTS.insert(), rows)


async def approve_line(session: Session, line_id: str, by: str, at: datetime) -> None:
    """Another person has approved it."""
    await session.execute(PLAN_LINES.update().where(PLAN_LINES.c.id == line_id).values(approved_by=by, approved_at=at))


async def remove_line(session: Session, line_id: str, by: str, at: datetime) -> None:
    """It is no longer to be said; it stays on record."""
    await session.execute(PLAN_LINES.update().where(PLAN_LINES.c.id == line_id).values(removed_by=by, removed_at=at))


async def sign(session: Session, plan: Plan, signature: Signature) -> None:
    """Store a signature of the version that stands."""
    await session.execute(
        SIGNATURES.insert().values(
            id=signature.id,
            threat_id=plan.threat,
            plan_version=plan.version,
            part=signature.part.value,
            by=signature.by,
            at=signature.at,
            because=signature.because,
        )
    )


async def clear(
    session: Session, plan: Plan, signatures: Collection[Signature], at: datetime, valid_until: datetime, *, alone: bool
) -> str:
    """Store a clearance made by these signatures, which are used up by it; its id."""
    clearance_id = new_id()
    await session.execute(
        CLEARANCES.insert().values(
            id=clearance_id,
            threat_id=plan.threat,
            plan_version=plan.version,
            cleared_at=at,
            valid_until=valid_until,
            alone=alone,
        )
    )
    used = [signature.id for signature in signatures]
    await session.execute(SIGNATURES.update().where(SIGNATURES.c.id.in_(used)).values(clearance_id=clearance_id))
    return clearance_id


async def end_clearance(session: Session, clearance_id: str, by: str, cause: str, at: datetime) -> None:
    """The clearance no longer holds."""
    await session.execute(
        CLEARANCES.update()
        .where(CLEARANCES.c.id == clearance_id, CLEARANCES.c.ended_at.is_(None))
        .values(ended_at=at, ended_by=by, cause=cause)
    )


async def clearances(session: Session, threat_id: str, limit: int = 20) -> list[tuple[Any, list[Signature]]]:
    """The clearances of a threat, newest first, each with who signed it."""
    rows = (
        await session.execute(
            sa.select(CLEARANCES)
            .where(CLEARANCES.c.threat_id == threat_id)
            .order_by(CLEARANCES.c.id.desc())
            .limit(limit)
        )
    ).all()
    signed = await session.execute(
        sa.select(SIGNATURES).where(SIGNATURES.c.clearance_id.in_([row.id for row in rows])).order_by(SIGNATURES.c.id)
    )
    by_clearance: dict[str, list[Signature]] = {}
    for one in signed:
        signature = Signature(one.id, Part(one.part), one.by, one.at, one.because)
        by_clearance.setdefault(one.clearance_id, []).append(signature)
    return [(row, by_clearance.get(row.id, [])) for row in rows]


async def resting_on(session: Session, report_id: str) -> list[str]:
    """The open threats whose plan rests on this report."""
    found = await session.execute(
        sa.select(PLAN_LINES.c.threat_id)
        .join(LINE_REPORTS, LINE_REPORTS.c.line_id == PLAN_LINES.c.id)
        .join(THREATS, THREATS.c.id == PLAN_LINES.c.threat_id)
        .where(
            LINE_REPORTS.c.report_id == report_id,
            PLAN_LINES.c.removed_at.is_(None),
            THREATS.c.state.not_in(("CLOSED", "MERGED")),
        )
        .distinct()
        .order_by(PLAN_LINES.c.threat_id)
    )
    return list(found.scalars())


async def cleared_threats(session: Session) -> list[str]:
    """The threats about which a dialogue is cleared."""
    found = await session.execute(
        sa.select(CLEARANCES.c.threat_id).where(CLEARANCES.c.ended_at.is_(None)).order_by(CLEARANCES.c.threat_id)
    )
    return list(dict.fromkeys(found.scalars()))


async def look_again(session: Session, now: datetime) -> None:
    """Let time speak soon for every threat that is cleared: who it is aimed at may have become known."""
    cleared = sa.select(CLEARANCES.c.threat_id).where(CLEARANCES.c.ended_at.is_(None))
    await session.execute(
        THREATS.update()
        .where(THREATS.c.id.in_(cleared), sa.or_(THREATS.c.due_at.is_(None), THREATS.c.due_at > now))
        .values(due_at=now)
    )


async def channels(session: Session, report_ids: Collection[str]) -> list[str]:
    """The ways these reports came in."""
    if not report_ids:
        return []
    found = await session.execute(sa.select(REPORTS.c.channel).where(REPORTS.c.id.in_(sorted(report_ids))).distinct())
    return list(found.scalars())


async def texts(session: Session, report_ids: Collection[str]) -> dict[str, str]:
    """The text of each of these reports that has one, whoever may read it: only to be compared with."""
    if not report_ids:
        return {}
    found = await session.execute(
        sa.select(REPORTS.c.id, REPORTS.c.text).where(REPORTS.c.id.in_(sorted(report_ids)), REPORTS.c.text.is_not(None))
    )
    return {row.id: row.text for row in found}
