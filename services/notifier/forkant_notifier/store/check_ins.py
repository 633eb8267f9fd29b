"""Check-ins: a round trip over two channels before a shift."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from forkant_notifier.domain.check_in import CheckIn, CheckStep
from forkant_notifier.domain.lanes import Channel
from forkant_notifier.tables import CHECK_INS
from forkant_shared.database import Session


def _steps(check_in: CheckIn) -> list[dict[str, Any]]:
    return [
        {
            "channel": step.channel.value,
            "code": step.code,
            "answered_at": step.answered_at.isoformat() if step.answered_at else None,
        }
        for step in check_in.steps
    ]


def _check_in(row: Any) -> CheckIn:
    steps = tuple(
        CheckStep(
            Channel(step["channel"]),
            step["code"],
            datetime.fromisoformat(step["answered_at"]) if step["answered_at"] else None,
        )
        for step in row.steps
    )
    return CheckIn(row.id, row.user, row.begun_at, row.ends_at, steps, row.tries, row.done_at)


async def insert(session: Session, check_in: CheckIn) -> None:
    await session.execute(
        CHECK_INS.insert().values(
            id=check_in.id,
            user=check_in.user,
            begun_at=check_in.begun_at,
            ends_at=check_in.ends_at,
            done_at=check_in.done_at,
            tries=check_in.tries,
            steps=_steps(check_in),
        )
    )


async def save(session: Session, check_in: CheckIn) -> None:
    values = {name: getattr(check_in, name) for name in ("done_at", "ends_at", "tries")} | {"steps": _steps(check_in)}
    await session.execute(CHECK_INS.update().where(CHECK_INS.c.id == check_in.id).values(**values))


async def latest(session: Session, user: str, *, for_update: bool = False) -> CheckIn | None:
    """The last check-in this user began."""
    query = sa.select(CHECK_INS).where(CHECK_INS.c.user == user).order_by(CHECK_INS.c.begun_at.desc()).limit(1)
    row = (await session.execute(query.with_for_update() if for_update else query)).first()
    return _check_in(row) if row else None


async def taken_codes(session: Session, candidates: Collection[str], now: datetime) -> set[str]:
    """Which of these codes a check-in waits for."""
    running = sa.select(CHECK_INS.c.steps).where(CHECK_INS.c.ends_at > now, CHECK_INS.c.done_at.is_(None))
    found = {step["code"] for row in await session.execute(running) for step in row.steps}
    return found & set(candidates)


async def latest_done(session: Session, since: datetime) -> dict[str, datetime]:
    """When each user last checked in, of those who did after `since`."""
    query = (
        sa.select(CHECK_INS.c.user, sa.func.max(CHECK_INS.c.done_at).label("at"))
        .where(CHECK_INS.c.done_at > since)
        .group_by(CHECK_INS.c.user)
    )
    return {row.user: row.at for row in await session.execute(query)}
