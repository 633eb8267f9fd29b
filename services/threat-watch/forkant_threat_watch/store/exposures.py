"""What the keepers of origins have answered: whether a report can be shown, and how many could have known."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from forkant_shared.clock import new_id
from forkant_shared.database import Session
from forkant_threat_watch.domain.exposure import Answer, Exposure, Overlap
from forkant_threat_watch.tables import EXPOSURES, OVERLAPS


async def add_answer(session: Session, answer: Answer) -> None:
    """Store an answer; it holds from now on, and the earlier ones stay."""
    await session.execute(
        EXPOSURES.insert().values(
            id=new_id(),
            report_id=answer.report,
            answer=answer.exposure.value,
            could_know=answer.could_know,
            open_origin=answer.open_origin,
            note=answer.note,
            by=answer.by,
            at=answer.at,
        )
    )


async def answers(session: Session, report_ids: Collection[str]) -> dict[str, Answer]:
    """The answer that holds for each of these reports, where there is one."""
    if not report_ids:
        return {}
    found = await session.execute(
        sa.select(EXPOSURES).where(EXPOSURES.c.report_id.in_(sorted(report_ids))).order_by(EXPOSURES.c.id)
    )
    return {
        row.report_id: Answer(
            report=row.report_id,
            exposure=Exposure(row.answer),
            could_know=row.could_know,
            open_origin=row.open_origin,
            by=row.by,
            at=row.at,
            note=row.note,
        )
        for row in found
    }


async def add_overlap(session: Session, overlap: Overlap) -> None:
    """Store how many could have known both; the newest number holds."""
    one, other = sorted(overlap.reports)
    await session.execute(
        OVERLAPS.insert().values(
            id=new_id(), one=one, other=other, could_know=overlap.could_know, by=overlap.by, at=overlap.at
        )
    )


async def overlaps(session: Session, report_ids: Collection[str]) -> dict[frozenset[str], Overlap]:
    """What has been said of each two of these reports."""
    if len(report_ids) < 2:
        return {}
    ids = sorted(report_ids)
    found = await session.execute(
        sa.select(OVERLAPS).where(OVERLAPS.c.one.in_(ids), OVERLAPS.c.other.in_(ids)).order_by(OVERLAPS.c.id)
    )
    return {
        frozenset((row.one, row.other)): Overlap(frozenset((row.one, row.other)), row.could_know, row.by, row.at)
        for row in found
    }
