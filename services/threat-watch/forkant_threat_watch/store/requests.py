"""Information requests, as rows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from forkant_shared.database import Session
from forkant_shared.errors import Stale
from forkant_threat_watch.domain.requests import Ending, Outcome, Request, Wish
from forkant_threat_watch.tables import REPORTS, REQUESTS


async def add(session: Session, request: Request) -> None:
    """Store a question."""
    wish = request.wish
    await session.execute(
        REQUESTS.insert().values(
            id=request.id,
            threat_id=request.threat,
            came_from=[],
            about=wish.about,
            question=wish.question,
            owner=wish.owner,
            due_at=wish.due_at,
            asked_by=request.asked_by,
            asked_at=request.asked_at,
            version=request.version,
        )
    )


async def save(session: Session, request: Request) -> None:
    """Store how it ended. Raises Stale where somebody else was first."""
    ending = request.ending
    found = await session.execute(
        REQUESTS.update()
        .where(REQUESTS.c.id == request.id, REQUESTS.c.version == request.version - 1)
        .values(
            outcome=ending.outcome.value if ending else None,
            ended_by=ending.by if ending else None,
            ended_at=ending.at if ending else None,
            report_id=ending.report if ending else None,
            note=ending.note if ending else None,
            version=request.version,
        )
    )
    if found.rowcount != 1:
        raise Stale("The request was changed by somebody else.", remedy="Read it again and decide anew.")


async def find(session: Session, request_id: str) -> Request | None:
    """One request."""
    row = (await session.execute(sa.select(REQUESTS).where(REQUESTS.c.id == request_id))).one_or_none()
    return None if row is None else _request(row)


async def of_threat(session: Session, threat_id: str) -> list[Request]:
    """Those of a threat: the unanswered first, the first due first among them, then the others, newest first."""
    found = await session.execute(sa.select(REQUESTS).where(REQUESTS.c.threat_id == threat_id).order_by(REQUESTS.c.id))
    requests = [_request(row) for row in found]
    waiting = sorted((one for one in requests if one.ending is None), key=lambda one: (one.wish.due_at, one.id))
    return waiting + [one for one in reversed(requests) if one.ending is not None]


async def report_named(session: Session, name: str, visible: sa.ColumnElement[bool], sender: str) -> str | None:
    """The id of the report with this id or reference, if it may be known of or was sent by `sender`."""
    named = REPORTS.c.id == name if len(name) == 36 else REPORTS.c.reference == name
    known = sa.or_(visible, REPORTS.c.received_from == sender)
    found = (await session.execute(sa.select(REPORTS.c.id).where(named, known))).scalar_one_or_none()
    return None if found is None else str(found)


async def follow(session: Session, from_id: str, into_id: str) -> None:
    """What was asked under one threat goes on under the other that it was merged into."""
    for row in (await session.execute(sa.select(REQUESTS).where(REQUESTS.c.threat_id == from_id))).all():
        theirs = [*row.came_from, from_id]
        await session.execute(
            REQUESTS.update().where(REQUESTS.c.id == row.id).values(threat_id=into_id, came_from=theirs)
        )


async def come_back(session: Session, from_id: str, into_id: str) -> Collection[str]:
    """What followed a threat into another comes back; the ids."""
    rows = (await session.execute(sa.select(REQUESTS).where(REQUESTS.c.threat_id == into_id))).all()
    back = [row for row in rows if row.came_from and row.came_from[-1] == from_id]
    for row in back:
        await session.execute(
            REQUESTS.update().where(REQUESTS.c.id == row.id).values(threat_id=from_id, came_from=row.came_from[:-1])
        )
    return [row.id for row in back]


async def withdraw_all(session: Session, threat_id: str, by: str, note: str, at: datetime) -> int:
    """Nobody needs the answers any more; how many were still waited for."""
    found = await session.execute(
        REQUESTS.update()
        .where(REQUESTS.c.threat_id == threat_id, REQUESTS.c.ended_at.is_(None))
        .values(outcome=Outcome.WITHDRAWN.value, ended_by=by, ended_at=at, note=note, version=REQUESTS.c.version + 1)
    )
    return int(found.rowcount)


def _request(row: Any) -> Request:
    ending = None
    if row.ended_at is not None:
        ending = Ending(Outcome(row.outcome), row.ended_by, row.ended_at, row.report_id, row.note)
    return Request(
        id=row.id,
        threat=row.threat_id,
        wish=Wish(row.about, row.question, row.owner, row.due_at),
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        ending=ending,
        version=row.version,
    )
