"""What was said of a threat over time: assessments, escalations, reviews, the timeline, the checklist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from forkant_shared.clock import new_id
from forkant_shared.database import Session
from forkant_shared.errors import NotFound
from forkant_threat_watch.domain.outcomes import Assessed, Paged, ReviewAsked
from forkant_threat_watch.tables import ANSWERS, ASKED, ASSESSMENTS, ESCALATIONS, REVIEWS, THREATS, TIMELINE


async def add_assessment(
    session: Session, assessed: Assessed, policy_version: str, explanation: Mapping[str, Any]
) -> str:
    """Store an assessment with its explanation; its id."""
    assessment_id = new_id()
    session.later(
        ASSESSMENTS,
        {
            "id": assessment_id,
            "threat_id": assessed.threat,
            "at": assessed.at,
            "level": assessed.level.value,
            "automatic": assessed.automatic.value,
            "index": assessed.reading.index,
            "cause": assessed.cause,
            "policy_version": policy_version,
            "explanation": dict(explanation),
        },
    )
    return assessment_id


async def last_assessment(session: Session, threat_id: str, as_of: datetime | None = None) -> Any | None:
    """The newest assessment of a threat, or the one that held at `as_of`."""
    statement = sa.select(ASSESSMENTS).where(ASSESSMENTS.c.threat_id == threat_id)
    if as_of is not None:
        statement = statement.where(ASSESSMENTS.c.at <= as_of)
    return (await session.execute(statement.order_by(ASSESSMENTS.c.id.desc()).limit(1))).one_or_none()


async def assessments(
    session: Session, threat_id: str, *, after: str | None = None, limit: int = 50, until: datetime | None = None
) -> Sequence[Any]:
    """The assessments of a threat until a moment, newest first."""
    statement = sa.select(ASSESSMENTS).where(ASSESSMENTS.c.threat_id == threat_id)
    if after is not None:
        statement = statement.where(ASSESSMENTS.c.id < after)
    if until is not None:
        statement = statement.where(ASSESSMENTS.c.at <= until)
    return (await session.execute(statement.order_by(ASSESSMENTS.c.id.desc()).limit(limit))).all()


async def indices(
    session: Session, threat_id: str, *, limit: int, until: datetime | None = None
) -> Sequence[tuple[datetime, float]]:
    """The moments a threat was weighed until then, newest first, and the index each time."""
    statement = sa.select(ASSESSMENTS.c.at, ASSESSMENTS.c.index).where(ASSESSMENTS.c.threat_id == threat_id)
    if until is not None:
        statement = statement.where(ASSESSMENTS.c.at <= until)
    rows: Sequence[Any] = (await session.execute(statement.order_by(ASSESSMENTS.c.id.desc()).limit(limit))).all()
    return [(row.at, row.index) for row in rows]


async def add_escalation(session: Session, paged: Paged) -> None:
    """Somebody must be woken; what it replaces is over."""
    session.later(
        ESCALATIONS,
        {
            "id": paged.id,
            "threat_id": paged.threat,
            "lane": paged.lane.name,
            "rules": list(paged.rules),
            "reason": paged.reason,
            "leader": paged.leader,
            "raised_at": paged.at,
            "replaces": paged.replaces,
        },
    )
    if paged.replaces is not None:
        await session.execute(ESCALATIONS.update().where(ESCALATIONS.c.id == paged.replaces).values(closed_at=paged.at))


async def answer_escalation(session: Session, escalation_id: str, by: str, at: datetime) -> None:
    """A person accepted its page."""
    await session.execute(
        ESCALATIONS.update().where(ESCALATIONS.c.id == escalation_id).values(accepted_by=by, accepted_at=at)
    )


async def close_escalations(session: Session, escalation_ids: Sequence[str], at: datetime) -> None:
    """Their pages are over."""
    if escalation_ids:
        await session.execute(
            ESCALATIONS.update().where(ESCALATIONS.c.id.in_(list(escalation_ids))).values(closed_at=at)
        )


async def escalations(session: Session, threat_id: str) -> Sequence[Any]:
    """What a threat has rung for, newest first; the last hundred."""
    statement = sa.select(ESCALATIONS).where(ESCALATIONS.c.threat_id == threat_id)
    return (await session.execute(statement.order_by(ESCALATIONS.c.raised_at.desc()).limit(100))).all()


async def add_review(session: Session, asked: ReviewAsked) -> None:
    """A person is asked to look."""
    session.later(
        REVIEWS,
        {
            "id": asked.id,
            "threat_id": asked.threat,
            "cause": asked.cause,
            "asked_at": asked.at,
            "due_at": asked.due_at,
            "subjects": list(asked.subjects),
            "proposed": None if asked.proposed is None else asked.proposed.value,
        },
    )


async def mark_overdue(session: Session, review_id: str, at: datetime) -> None:
    """Nobody answered the review in time."""
    await session.execute(REVIEWS.update().where(REVIEWS.c.id == review_id).values(overdue_at=at))


async def answer_review(session: Session, review_id: str, by: str, note: str | None, at: datetime) -> None:
    """A person has looked. Raises NotFound where no such review is open."""
    found = await session.execute(
        REVIEWS.update()
        .where(REVIEWS.c.id == review_id, REVIEWS.c.answered_at.is_(None))
        .values(answered_at=at, answered_by=by, note=note)
    )
    if not found.rowcount:
        raise NotFound("There is no such open review.")


async def end_reviews(session: Session, threat_id: str, kept: Sequence[str], by: str, at: datetime) -> None:
    """The open reviews of a threat that it no longer has were answered by what was done."""
    await session.execute(
        REVIEWS.update()
        .where(REVIEWS.c.threat_id == threat_id, REVIEWS.c.answered_at.is_(None), REVIEWS.c.id.not_in(list(kept)))
        .values(answered_at=at, answered_by=by)
    )


async def open_reviews(
    session: Session,
    visible: sa.ColumnElement[bool],
    *,
    threat_id: str | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> Sequence[Any]:
    """The reviews nobody has answered, the most urgent first: of threats that are `visible`, and of none at all."""
    statement = (
        sa.select(REVIEWS, THREATS.c.reference, THREATS.c.level)
        .outerjoin(THREATS, THREATS.c.id == REVIEWS.c.threat_id)
        .where(REVIEWS.c.answered_at.is_(None), sa.or_(REVIEWS.c.threat_id.is_(None), visible))
    )
    if threat_id is not None:
        statement = statement.where(REVIEWS.c.threat_id == threat_id)
    if after is not None:
        due_at, review_id = after
        same = sa.and_(REVIEWS.c.due_at == due_at, REVIEWS.c.id > review_id)
        statement = statement.where(sa.or_(REVIEWS.c.due_at > due_at, same))
    return (await session.execute(statement.order_by(REVIEWS.c.due_at, REVIEWS.c.id).limit(limit))).all()


async def review(session: Session, review_id: str) -> Any | None:
    """One review."""
    return (await session.execute(sa.select(REVIEWS).where(REVIEWS.c.id == review_id))).one_or_none()


async def tell(
    session: Session,
    threat_id: str,
    at: datetime,
    what: str,
    by: str,
    codes: Mapping[str, Any],
    note: str | None = None,
) -> None:
    """A line in the threat's timeline: what happened in codes, what people wrote in the note."""
    line = {"threat_id": threat_id, "at": at, "what": what, "by": by, "codes": dict(codes), "note": note}
    session.later(TIMELINE, line)


async def timeline(
    session: Session, threat_id: str, *, after: int | None = None, limit: int = 100, until: datetime | None = None
) -> Sequence[Any]:
    """What happened to a threat until a moment, newest first."""
    statement = sa.select(TIMELINE).where(TIMELINE.c.threat_id == threat_id)
    if after is not None:
        statement = statement.where(TIMELINE.c.seq < after)
    if until is not None:
        statement = statement.where(TIMELINE.c.at <= until)
    return (await session.execute(statement.order_by(TIMELINE.c.seq.desc()).limit(limit))).all()


async def answer_point(
    session: Session, threat_id: str, point: int, answer: str, note: str | None, by: str, at: datetime
) -> None:
    """An answer to a point of the checklist; the newest one holds, the others stay."""
    await session.execute(
        ANSWERS.insert().values(id=new_id(), threat_id=threat_id, point=point, answer=answer, note=note, by=by, at=at)
    )


async def answers(session: Session, threat_id: str) -> dict[int, Any]:
    """The newest answer to each point."""
    found = await session.execute(sa.select(ANSWERS).where(ANSWERS.c.threat_id == threat_id).order_by(ANSWERS.c.id))
    return {row.point: row for row in found}


async def asked_once(session: Session, keys: Sequence[str]) -> list[str]:
    """Which of these rules and origins have spoken for all before."""
    if not keys:
        return []
    return list((await session.execute(sa.select(ASKED.c.key).where(ASKED.c.key.in_(list(keys))))).scalars())


async def remember_asked(session: Session, keys: Sequence[str]) -> None:
    """These have spoken."""
    await session.insert_ignore(ASKED, [{"key": key[:300]} for key in keys])
