"""Observations and whom they name. What somebody may not know of is not in the lists, the counts or the figures."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from forkant_registry.domain.observations import Control, Near, Observation
from forkant_registry.store.rows import graded, grading_of, marks_of, visible
from forkant_registry.tables import ACTORS, OBSERVATION_ORIGINS, OBSERVATIONS, OBSERVED
from forkant_shared.clock import new_id
from forkant_shared.database import Session
from forkant_shared.identity import Principal

NEAR = ACTORS.alias("near")
_SAME = (
    *("id", "observed_at", "unit", "effort_minutes", "place", "district", "vehicle", "clothing", "phone", "origin_id"),
    *("recorded_at", "recorded_by", "corrects", "superseded_at", "superseded_by", "superseded_reason"),
)


async def origin_id(session: Session, origin: str) -> str:
    """What stands for this origin outside; the same each time."""
    known = sa.select(OBSERVATION_ORIGINS.c.origin_id).where(OBSERVATION_ORIGINS.c.origin == origin)
    found: str | None = (await session.execute(known)).scalar_one_or_none()
    if found is None:
        await session.insert_ignore(OBSERVATION_ORIGINS, [{"origin": origin, "origin_id": new_id()}])
        found = (await session.execute(known)).scalar_one()
    return found


async def add(session: Session, observation: Observation) -> None:
    """A new observation with those it names."""
    near, control = observation.near, observation.control
    await session.execute(
        OBSERVATIONS.insert().values(
            {name: getattr(observation, name) for name in _SAME}
            | graded(observation.grading, observation.origin, observation.marks)
            | {
                "near_kind": near.kind if near else None,
                "near_id": near.ref if near and near.kind != "ROLE" else None,
                "near_role": near.ref if near and near.kind == "ROLE" else None,
                "control_kind": control.kind if control else None,
                "control_reason": control.reason if control else None,
                "family_present": control.family_present if control else None,
            }
        )
    )
    if observation.actors:
        await session.execute(
            OBSERVED.insert(),
            [
                {"observation_id": observation.id, "actor_id": actor_id, "position": position}
                for position, actor_id in enumerate(observation.actors)
            ],
        )


async def mark_superseded(session: Session, observation: Observation) -> None:
    """The marks of a correction on an observation."""
    marks = ("superseded_at", "superseded_by", "superseded_reason")
    await session.execute(
        OBSERVATIONS.update()
        .where(OBSERVATIONS.c.id == observation.id)
        .values({name: getattr(observation, name) for name in marks})
    )


async def load(session: Session, who: Principal, observation_id: str) -> Observation | None:
    """The observation with the actors that `who` may know of; None where there is none, or `who` may not know."""
    statement = sa.select(OBSERVATIONS).where(OBSERVATIONS.c.id == observation_id, _readable(who))
    found = await _observations(session, who, (await session.execute(statement)).all())
    return found[0] if found else None


async def hold(session: Session, who: Principal, observation_id: str, action: str) -> Observation | None:
    """The observation with all it names, to be changed by `action`, its row held until the commit."""
    statement = sa.select(OBSERVATIONS).where(
        OBSERVATIONS.c.id == observation_id, visible(who, OBSERVATIONS, action=action), _readable(who)
    )
    found = await _observations(session, None, (await session.execute(statement.with_for_update())).all())
    return found[0] if found else None


async def page(
    session: Session,
    who: Principal,
    *,
    actor_ids: Collection[str] | None = None,
    controls: bool = False,
    until: datetime | None = None,
    known_at: datetime | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> list[Observation]:
    """Observations that stand (with `known_at`: stood then), the newest first, up to `until`, below `after`."""
    statement = sa.select(OBSERVATIONS).where(_stands(known_at), _readable(who, actor_ids))
    if controls:
        statement = statement.where(OBSERVATIONS.c.control_kind.is_not(None))
    if until is not None:
        statement = statement.where(OBSERVATIONS.c.observed_at <= until)
    if after is not None:
        moment, last = after
        earlier = sa.and_(OBSERVATIONS.c.observed_at == moment, OBSERVATIONS.c.id < last)
        statement = statement.where(sa.or_(OBSERVATIONS.c.observed_at < moment, earlier))
    order = (OBSERVATIONS.c.observed_at.desc(), OBSERVATIONS.c.id.desc())
    return await _observations(session, who, (await session.execute(statement.order_by(*order).limit(limit))).all())


async def controls(
    session: Session,
    who: Principal,
    actor_ids: Collection[str],
    *,
    since: datetime,
    until: datetime,
    known_at: datetime | None = None,
) -> list[tuple[str, str, bool]]:
    """Actor, observation and whether family was present, for each control of one of these after `since`."""
    statement = (
        sa.select(OBSERVED.c.actor_id, OBSERVATIONS.c.id, OBSERVATIONS.c.family_present)
        .join(OBSERVATIONS, OBSERVATIONS.c.id == OBSERVED.c.observation_id)
        .join(ACTORS, ACTORS.c.id == OBSERVED.c.actor_id)
        .where(
            OBSERVED.c.actor_id.in_(list(actor_ids)),
            OBSERVATIONS.c.control_kind.is_not(None),
            OBSERVATIONS.c.observed_at > since,
            OBSERVATIONS.c.observed_at <= until,
            _stands(known_at),
            visible(who, OBSERVATIONS, ACTORS),
            _near_is_known(who),
        )
    )
    return [(row.actor_id, row.id, bool(row.family_present)) for row in await session.execute(statement)]


def _stands(known_at: datetime | None) -> sa.ColumnElement[bool]:
    stands: sa.ColumnElement[bool] = OBSERVATIONS.c.superseded_at.is_(None)
    if known_at is None:
        return stands
    return sa.and_(OBSERVATIONS.c.recorded_at <= known_at, sa.or_(stands, OBSERVATIONS.c.superseded_at > known_at))


def _readable(who: Principal, actor_ids: Collection[str] | None = None) -> sa.ColumnElement[bool]:
    """Those who may know of one it names, and of whom it was near; of strangers, all who may know its marks."""
    named = sa.and_(
        OBSERVED.c.observation_id == OBSERVATIONS.c.id, ACTORS.c.id == OBSERVED.c.actor_id, visible(who, ACTORS)
    )
    if actor_ids is not None:
        concerned: sa.ColumnElement[bool] = sa.exists().where(named, ACTORS.c.id.in_(list(actor_ids)))
    else:
        nobody = ~sa.exists().where(OBSERVED.c.observation_id == OBSERVATIONS.c.id)
        concerned = sa.or_(sa.exists().where(named), nobody)
    return sa.and_(visible(who, OBSERVATIONS), concerned, _near_is_known(who))


def _near_is_known(who: Principal) -> sa.ColumnElement[bool]:
    return sa.or_(
        OBSERVATIONS.c.near_id.is_(None),
        sa.exists().where(NEAR.c.id == OBSERVATIONS.c.near_id, visible(who, NEAR)),
    )


async def _observations(session: Session, who: Principal | None, rows: Sequence[Any]) -> list[Observation]:
    """The rows with the actors that `who` may know of; with all of them where nobody in particular asks."""
    actors = await _actors(session, who, [row.id for row in rows])
    return [
        Observation(
            actors=tuple(actors.get(row.id, ())),
            grading=grading_of(row),
            origin=row.origin,
            marks=marks_of(row),
            near=Near(row.near_kind, row.near_id or row.near_role) if row.near_kind else None,
            control=Control(row.control_kind, row.control_reason, row.family_present) if row.control_kind else None,
            **{name: getattr(row, name) for name in _SAME},
        )
        for row in rows
    ]


async def _actors(session: Session, who: Principal | None, ids: list[str]) -> dict[str, list[str]]:
    if not ids:
        return {}
    readable = sa.true() if who is None else visible(who, ACTORS)
    found = await session.execute(
        sa.select(OBSERVED.c.observation_id, OBSERVED.c.actor_id)
        .join(ACTORS, ACTORS.c.id == OBSERVED.c.actor_id)
        .where(OBSERVED.c.observation_id.in_(ids), readable)
        .order_by(OBSERVED.c.observation_id, OBSERVED.c.position)
    )
    actors: dict[str, list[str]] = {}
    for row in found:
        actors.setdefault(row.observation_id, []).append(row.actor_id)
    return actors
