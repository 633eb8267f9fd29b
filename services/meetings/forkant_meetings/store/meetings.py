"""Meetings and their minutes: domain to rows, and what is asked of many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from forkant_meetings.domain.meeting import Meeting, State
from forkant_meetings.domain.minutes import Minutes
from forkant_meetings.store.meeting_rows import row_of, whole
from forkant_meetings.tables import (
    ATTENDING,
    CORRECTIONS,
    DIALOGUES,
    MEETINGS,
    MINUTES,
    OVERRIDES,
    REPRESENTATIVES,
    THIRD_PARTIES,
)
from forkant_shared.access import policy
from forkant_shared.database import Session
from forkant_shared.errors import NotFound, Stale
from forkant_shared.identity import Principal


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which meetings of a list; None: any. `states` empty: any."""

    dialogue_id: str | None = None
    threat_id: str | None = None
    states: tuple[State, ...] = ()
    starts_from: datetime | None = None


async def load(session: Session, meeting_id: str, *, lock: bool = False) -> Meeting:
    """The meeting with all that belongs to it. Raises NotFound. `lock` as for dialogues."""
    query = sa.select(MEETINGS).where(MEETINGS.c.id == meeting_id)
    row = (await session.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        raise NotFound("There is no such thing.")
    return (await whole(session, [row]))[0]


async def of_dialogue(session: Session, dialogue_id: str, meeting_id: str) -> Meeting | None:
    """The meeting, where it is one of this dialogue."""
    query = sa.select(MEETINGS).where(MEETINGS.c.id == meeting_id, MEETINGS.c.dialogue_id == dialogue_id)
    found = await whole(session, (await session.execute(query)).all())
    return found[0] if found else None


async def listed(
    session: Session, who: Principal, action: str, wanted: Wanted, *, after: str | None, limit: int
) -> list[Meeting]:
    """Meetings that `who` may know of, by id, after the one named."""
    query = _visible(who, action, wanted)
    if after is not None:
        query = query.where(MEETINGS.c.id > after)
    return await whole(session, (await session.execute(query.order_by(MEETINGS.c.id).limit(limit))).all())


async def coming(session: Session, who: Principal, action: str, wanted: Wanted, *, limit: int) -> list[Meeting]:
    """Meetings that `who` may know of, the next first; those without a time last."""
    query = _visible(who, action, wanted).order_by(MEETINGS.c.starts_at.is_(None), MEETINGS.c.starts_at, MEETINGS.c.id)
    return await whole(session, (await session.execute(query.limit(limit))).all())


async def latest(session: Session, who: Principal, action: str, dialogue_id: str, *, limit: int) -> list[Meeting]:
    """Meetings of a dialogue that `who` may know of, the newest first."""
    query = _visible(who, action, Wanted(dialogue_id=dialogue_id)).order_by(MEETINGS.c.id.desc()).limit(limit)
    return await whole(session, (await session.execute(query)).all())


async def confirmed_about(session: Session, threat_id: str | None) -> list[Meeting]:
    """Confirmed threat dialogues about this threat, or about any, locked."""
    query = sa.select(MEETINGS).where(MEETINGS.c.state == State.CONFIRMED.value, MEETINGS.c.threat_id.is_not(None))
    if threat_id is not None:
        query = query.where(MEETINGS.c.threat_id == threat_id)
    rows = (await session.execute(query.order_by(MEETINGS.c.id).with_for_update())).all()
    return await whole(session, rows)


async def override_counts(session: Session, who: Principal, action: str, since: datetime) -> dict[str, int]:
    """Check → how often somebody let it pass since then, in meetings that `who` may know of."""
    query = (
        sa.select(OVERRIDES.c.check, sa.func.count().label("count"))
        .join(MEETINGS, MEETINGS.c.id == OVERRIDES.c.meeting_id)
        .join(DIALOGUES, DIALOGUES.c.id == MEETINGS.c.dialogue_id)
        .where(OVERRIDES.c.at >= since, policy.visible(who, action, DIALOGUES.c))
        .group_by(OVERRIDES.c.check)
        .order_by(OVERRIDES.c.check)
    )
    return {row.check: row._mapping["count"] for row in await session.execute(query)}


async def add(session: Session, meeting: Meeting) -> None:
    """A new meeting."""
    await session.execute(MEETINGS.insert().values(**row_of(meeting)))
    await _save_parts(session, meeting)


async def save(session: Session, before: Meeting, after: Meeting) -> None:
    """The changed meeting. Raises Stale where somebody changed it since `before` was read."""
    saved = await session.execute(
        MEETINGS.update()
        .where(MEETINGS.c.id == before.id, MEETINGS.c.version == before.version)
        .values(**row_of(after))
    )
    if saved.rowcount != 1:
        raise Stale("The meeting has been changed.", field="If-Match", remedy="Read it again and repeat the change.")
    if before.plan != after.plan:
        for table in (REPRESENTATIVES, ATTENDING, THIRD_PARTIES):
            await session.execute(table.delete().where(table.c.meeting_id == after.id))
    await _save_parts(session, after)


def _visible(who: Principal, action: str, wanted: Wanted) -> sa.Select[Any]:
    query = (
        sa.select(MEETINGS)
        .join(DIALOGUES, DIALOGUES.c.id == MEETINGS.c.dialogue_id)
        .where(policy.visible(who, action, DIALOGUES.c))
    )
    if wanted.dialogue_id is not None:
        query = query.where(MEETINGS.c.dialogue_id == wanted.dialogue_id)
    if wanted.threat_id is not None:
        query = query.where(MEETINGS.c.threat_id == wanted.threat_id)
    if wanted.states:
        query = query.where(MEETINGS.c.state.in_([state.value for state in wanted.states]))
    if wanted.starts_from is not None:
        query = query.where(MEETINGS.c.starts_at >= wanted.starts_from)
    return query


async def _save_parts(session: Session, meeting: Meeting) -> None:
    """Insert what is not there yet; only a changed plan takes rows away first."""
    plan = meeting.plan
    key = {"meeting_id": meeting.id}
    parts: list[tuple[sa.Table, list[dict[str, Any]]]] = [
        (
            REPRESENTATIVES,
            [
                {"subject": one.subject, "name": one.name, "experienced_leader": one.experienced_leader}
                for one in plan.representatives
            ],
        ),
        (ATTENDING, [{"person_id": person_id} for person_id in plan.counterparts]),
        (THIRD_PARTIES, [{"role": one.role, "name": one.name} for one in plan.third_parties]),
        (
            OVERRIDES,
            [{"check": one.check.value, "reason": one.reason, "by": one.by, "at": one.at} for one in meeting.overrides],
        ),
    ]
    for table, rows in parts:
        numbered = [{**key, "position": position, **row} for position, row in enumerate(rows)]
        await session.insert_ignore(table, numbered)
    if meeting.minutes is not None:
        await _save_minutes(session, meeting.id, meeting.minutes)


async def _save_minutes(session: Session, meeting_id: str, minutes: Minutes) -> None:
    text = {
        "meeting_id": meeting_id,
        "text": minutes.text,
        "author": minutes.author,
        "written_at": minutes.written_at,
        "approve_by": minutes.approve_by,
        "climate_ours": minutes.climate.ours,
        "climate_theirs": minutes.climate.theirs,
    }
    await session.insert_ignore(MINUTES, [text])
    if minutes.approval is not None:
        await session.execute(
            MINUTES.update()
            .where(MINUTES.c.meeting_id == meeting_id, MINUTES.c.approved_at.is_(None))
            .values(approved_by=minutes.approval.by, approved_at=minutes.approval.at)
        )
    corrections: Sequence[dict[str, Any]] = [
        {
            "meeting_id": meeting_id,
            "number": one.number,
            "text": one.text,
            "by": one.by,
            "at": one.at,
            "of_climate": one.climate is not None,
            "climate_ours": one.climate.ours if one.climate else None,
            "climate_theirs": one.climate.theirs if one.climate else None,
        }
        for one in minutes.corrections
    ]
    await session.insert_ignore(CORRECTIONS, corrections)
    for one in minutes.corrections:
        if one.approval is not None:
            await session.execute(
                CORRECTIONS.update()
                .where(
                    CORRECTIONS.c.meeting_id == meeting_id,
                    CORRECTIONS.c.number == one.number,
                    CORRECTIONS.c.approved_at.is_(None),
                )
                .values(approved_by=one.approval.by, approved_at=one.approval.at)
            )
