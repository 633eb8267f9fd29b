"""Promises: rows to domain and back, and their counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from forkant_meetings.domain.health import Tally
from forkant_meetings.domain.promise import (
    Acknowledgement,
    Confirmed,
    Fate,
    Judgement,
    Manner,
    Progress,
    Promise,
    Side,
)
from forkant_meetings.tables import DIALOGUES, JUDGEMENTS, PROMISES
from forkant_shared.access import policy
from forkant_shared.database import Session
from forkant_shared.errors import NotFound, Stale
from forkant_shared.identity import Principal


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which promises of a list; None: any. `due_before`: open ones whose day is before this one."""

    dialogue_id: str | None = None
    meeting_id: str | None = None
    threat_id: str | None = None
    side: Side | None = None
    fate: Fate | None = None
    owner: str | None = None
    due_before: date | None = None


async def load(session: Session, promise_id: str, *, lock: bool = False) -> Promise:
    """The promise. Raises NotFound. `lock` as for dialogues."""
    query = sa.select(PROMISES).where(PROMISES.c.id == promise_id)
    row = (await session.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        raise NotFound("There is no such thing.")
    return (await _whole(session, [row]))[0]


async def listed(
    session: Session, who: Principal, action: str, wanted: Wanted, *, after: str | None, limit: int
) -> list[Promise]:
    """Promises that `who` may know of, by id, after the one named."""
    query = _visible(who, action, wanted)
    if after is not None:
        query = query.where(PROMISES.c.id > after)
    return await _whole(session, (await session.execute(query.order_by(PROMISES.c.id).limit(limit))).all())


async def soonest(session: Session, who: Principal, action: str, wanted: Wanted, *, limit: int) -> list[Promise]:
    """Promises that `who` may know of, the police's first, then by day; those without a day last."""
    query = _visible(who, action, wanted).order_by(
        PROMISES.c.side != Side.POLICE.value, PROMISES.c.due_on.is_(None), PROMISES.c.due_on, PROMISES.c.id
    )
    return await _whole(session, (await session.execute(query.limit(limit))).all())


async def tallies(session: Session, dialogue_id: str, today: date) -> dict[Side, Tally]:
    """Each side's promises in one dialogue, counted."""
    overdue = sa.and_(PROMISES.c.fate == Fate.OPEN.value, PROMISES.c.due_on < today)
    last = (
        sa.select(JUDGEMENTS.c.promise_id, sa.func.max(JUDGEMENTS.c.number).label("number"))
        .group_by(JUDGEMENTS.c.promise_id)
        .subquery()
    )
    query = (
        sa.select(
            PROMISES.c.side,
            PROMISES.c.fate,
            sa.func.count().label("n"),
            sa.func.sum(sa.case((overdue, 1), else_=0)).label("overdue"),
            sa.func.sum(sa.case((JUDGEMENTS.c.manner == Manner.EXCUSED.value, 1), else_=0)).label("excused"),
        )
        .outerjoin(last, last.c.promise_id == PROMISES.c.id)
        .outerjoin(
            JUDGEMENTS,
            sa.and_(JUDGEMENTS.c.promise_id == PROMISES.c.id, JUDGEMENTS.c.number == last.c.number),
        )
        .where(PROMISES.c.dialogue_id == dialogue_id)
        .group_by(PROMISES.c.side, PROMISES.c.fate)
    )
    counts: dict[Side, dict[str, int]] = {side: defaultdict(int) for side in Side}
    for row in await session.execute(query):
        of_side = counts[Side(row.side)]
        of_side[row.fate.lower()] += row.n
        of_side["overdue"] += row.overdue
        of_side["excused"] += row.excused
    return {side: Tally(**found) for side, found in counts.items()}


async def add(session: Session, promise: Promise) -> None:
    """A new promise."""
    await session.execute(PROMISES.insert().values(**_row(promise)))


async def save(session: Session, before: Promise, after: Promise) -> None:
    """The changed promise. Raises Stale where somebody changed it since `before` was read."""
    saved = await session.execute(
        PROMISES.update().where(PROMISES.c.id == before.id, PROMISES.c.version == before.version).values(**_row(after))
    )
    if saved.rowcount != 1:
        raise Stale("The promise has been changed.", field="If-Match", remedy="Read it again and repeat the change.")
    rows = [
        {
            "promise_id": after.id,
            "number": number,
            "fate": one.fate.value,
            "manner": one.manner.value if one.manner else None,
            "evidence": one.evidence,
            "by": one.by,
            "at": one.at,
            "happened_at": one.happened_at,
        }
        for number, one in enumerate(after.judgements)
    ]
    await session.insert_ignore(JUDGEMENTS, rows)


def _visible(who: Principal, action: str, wanted: Wanted) -> sa.Select[Any]:
    query = (
        sa.select(PROMISES)
        .join(DIALOGUES, DIALOGUES.c.id == PROMISES.c.dialogue_id)
        .where(policy.visible(who, action, DIALOGUES.c))
    )
    named = {
        PROMISES.c.dialogue_id: wanted.dialogue_id,
        PROMISES.c.meeting_id: wanted.meeting_id,
        PROMISES.c.threat_id: wanted.threat_id,
        PROMISES.c.side: wanted.side.value if wanted.side else None,
        PROMISES.c.fate: wanted.fate.value if wanted.fate else None,
        PROMISES.c.owner: wanted.owner,
    }
    for column, value in named.items():
        if value is not None:
            query = query.where(column == value)
    if wanted.due_before is not None:
        query = query.where(PROMISES.c.fate == Fate.OPEN.value, PROMISES.c.due_on < wanted.due_before)
    return query


def _row(promise: Promise) -> dict[str, Any]:
    confirmed = promise.confirmed
    return {
        "id": promise.id,
        "dialogue_id": promise.dialogue_id,
        "meeting_id": promise.meeting_id,
        "side": promise.by.value,
        "receiver": promise.to,
        "text": promise.text,
        "owner": promise.owner,
        "made_at": promise.made_at,
        "recorded_by": promise.recorded_by,
        "due_on": promise.due_on,
        "threat_id": promise.threat_id,
        "confirmed_how": confirmed.how.value if confirmed else None,
        "confirmed_by": confirmed.recorded_by if confirmed else None,
        "confirmed_at": confirmed.at if confirmed else None,
        "progress": promise.progress.value,
        "fate": promise.fate.value,
        "version": promise.version,
    }


async def _whole(session: Session, rows: Sequence[sa.Row[Any]]) -> list[Promise]:
    judgements: dict[str, list[Judgement]] = defaultdict(list)
    found = await session.execute(
        sa.select(JUDGEMENTS)
        .where(JUDGEMENTS.c.promise_id.in_([row.id for row in rows]))
        .order_by(JUDGEMENTS.c.promise_id, JUDGEMENTS.c.number)
    )
    for one in found:
        manner = Manner(one.manner) if one.manner else None
        judgements[one.promise_id].append(
            Judgement(Fate(one.fate), manner, one.evidence, one.by, one.at, one.happened_at)
        )
    return [
        Promise(
            id=row.id,
            dialogue_id=row.dialogue_id,
            by=Side(row.side),
            to=row.receiver,
            text=row.text,
            owner=row.owner,
            made_at=row.made_at,
            recorded_by=row.recorded_by,
            meeting_id=row.meeting_id,
            due_on=row.due_on,
            threat_id=row.threat_id,
            confirmed=_confirmed(row),
            progress=Progress(row.progress),
            fate=Fate(row.fate),
            judgements=tuple(judgements[row.id]),
            version=row.version,
        )
        for row in rows
    ]


def _confirmed(row: sa.Row[Any]) -> Confirmed | None:
    if row.confirmed_at is None:
        return None
    return Confirmed(Acknowledgement(row.confirmed_how), row.confirmed_by, row.confirmed_at)
