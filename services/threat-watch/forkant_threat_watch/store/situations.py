"""What the situation picture is drawn from, and the pictures partners have been given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any

import sqlalchemy as sa

from forkant_shared.database import Session
from forkant_threat_watch.domain.situation import Opened, SituationRules, Standing
from forkant_threat_watch.domain.situation_document import situation_of
from forkant_threat_watch.domain.words import Level, Source
from forkant_threat_watch.store import overview
from forkant_threat_watch.store.yaml_files import read_document
from forkant_threat_watch.tables import ASSESSMENTS, COUNTED, PICTURES, REVIEWS, SIGNALS, THREATS

CURRENT = "situation-2026-1.yaml"
SHOWN = 50
_OVER = ("CLOSED", "MERGED")


@cache
def rules() -> SituationRules:
    """The rules in use."""
    with resources.as_file(resources.files("forkant_threat_watch") / "policies" / CURRENT) as path:
        return situation_of(read_document(path))


async def standings(session: Session, visible: sa.ColumnElement[bool], before: datetime) -> list[Standing]:
    """The threats that may be known of and are open, or were open at `before`."""
    wanted = sa.and_(visible, sa.or_(THREATS.c.state.not_in(_OVER), THREATS.c.updated_at > before))
    found = await session.execute(
        sa.select(THREATS.c.id, THREATS.c.state, THREATS.c.level, THREATS.c.opened_at).where(wanted)
    )
    rows = found.all()
    ids = sa.select(THREATS.c.id).where(wanted).scalar_subquery()
    then, where = await _levels_at(session, ids, before), await _districts(session, ids)
    return [
        Standing(
            district=where.get(row.id),
            now=None if row.state in _OVER else Level(row.level),
            before=then.get(row.id) if row.opened_at <= before else None,
        )
        for row in rows
    ]


async def _levels_at(session: Session, ids: sa.ScalarSelect[Any], at: datetime) -> dict[str, Level]:
    """The level of each of these threats at a moment, as it was then assessed."""
    last = (
        sa.select(ASSESSMENTS.c.threat_id, sa.func.max(ASSESSMENTS.c.at).label("at"))
        .where(ASSESSMENTS.c.threat_id.in_(ids), ASSESSMENTS.c.at <= at)
        .group_by(ASSESSMENTS.c.threat_id)
        .subquery()
    )
    found = await session.execute(
        sa.select(ASSESSMENTS.c.threat_id, ASSESSMENTS.c.level)
        .join(last, sa.and_(last.c.threat_id == ASSESSMENTS.c.threat_id, last.c.at == ASSESSMENTS.c.at))
        .order_by(ASSESSMENTS.c.id)
    )
    return {row.threat_id: Level(row.level) for row in found}


async def _districts(session: Session, ids: sa.ScalarSelect[Any]) -> dict[str, str]:
    """The district that most signals of each of these threats name."""
    found = await session.execute(
        sa.select(COUNTED.c.threat_id, SIGNALS.c.place)
        .join(SIGNALS, SIGNALS.c.id == COUNTED.c.signal_id)
        .where(SIGNALS.c.place.is_not(None), COUNTED.c.suggested.is_(False), COUNTED.c.threat_id.in_(ids))
        .group_by(COUNTED.c.threat_id, SIGNALS.c.place)
        .order_by(sa.func.count(), SIGNALS.c.place.desc())
    )
    return {row.threat_id: row.place for row in found}


async def conflicts(session: Session) -> Sequence[Any]:
    """The signals of how groups stand to each other just now, the strongest first."""
    statement = sa.select(SIGNALS).where(SIGNALS.c.source == Source.CONFLICT.value, SIGNALS.c.flat_until.is_(None))
    return (await session.execute(statement.order_by(SIGNALS.c.strength.desc(), SIGNALS.c.id).limit(SHOWN))).all()


async def coming(session: Session, since: datetime, until: datetime) -> Sequence[Any]:
    """The signals of days that matter between two moments, the next first; one for each party."""
    statement = sa.select(SIGNALS).where(
        SIGNALS.c.source == Source.CALENDAR.value,
        SIGNALS.c.event_at >= since,
        SIGNALS.c.event_at < until,
        # One that was called off ended before it came.
        SIGNALS.c.flat_until >= SIGNALS.c.event_at,
    )
    return (await session.execute(statement.order_by(SIGNALS.c.event_at, SIGNALS.c.id).limit(4 * SHOWN))).all()


async def overdue_reviews(session: Session, visible: sa.ColumnElement[bool], now: datetime) -> int:
    """How many reviews nobody answered in time, of threats that may be known of, and of none at all."""
    late = (
        sa.select(sa.func.count())
        .select_from(REVIEWS.outerjoin(THREATS, THREATS.c.id == REVIEWS.c.threat_id))
        .where(REVIEWS.c.answered_at.is_(None), REVIEWS.c.due_at < now)
        .where(sa.or_(REVIEWS.c.threat_id.is_(None), visible))
    )
    return int((await session.execute(late)).scalar_one())


async def opened_between(session: Session, since: datetime, until: datetime) -> list[Opened]:
    """The threats opened between two moments that may be counted for partners: none that is kept for few."""
    wanted = sa.and_(
        THREATS.c.opened_at >= since,
        THREATS.c.opened_at < until,
        THREATS.c.state != "MERGED",
        THREATS.c.handling != "SECRET",
        THREATS.c.compartment.is_(None),
    )
    rows = (await session.execute(sa.select(THREATS.c.id, THREATS.c.opened_at).where(wanted))).all()
    where = await _districts(session, sa.select(THREATS.c.id).where(wanted).scalar_subquery())
    documents = await overview.standings(session, [row.id for row in rows])
    return [
        Opened(row.opened_at, where.get(row.id), documents[row.id]["aggressors"], documents[row.id]["targets"])
        for row in rows
    ]


async def first_opened(session: Session) -> datetime | None:
    """When the first threat of all was opened."""
    found: datetime | None = (await session.execute(sa.select(sa.func.min(THREATS.c.opened_at)))).scalar_one()
    return found


async def published(session: Session, limit: int) -> Sequence[Any]:
    """What partners have been shown, the newest period first."""
    return (await session.execute(sa.select(PICTURES).order_by(PICTURES.c.begins.desc()).limit(limit))).all()


async def publish(
    session: Session, begins: date, ends: date, at: datetime, version: str, cells: Mapping[str, int | None]
) -> bool:
    """Keep a picture for good; False where another instance did so first."""
    row = {"begins": begins, "ends": ends, "published_at": at, "rules_version": version, "cells": dict(cells)}
    return await session.insert_ignore(PICTURES, [row]) == 1
