"""The versions of rotas, what goes before them, who answers for gaps, and the order in which it was decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any

import sqlalchemy as sa

from forkant_notifier.domain.plan import Waiver
from forkant_notifier.domain.rota import LONGEST_TURN, Override, Rota, Rotation
from forkant_notifier.tables import DUTY_CHANGES, OVERRIDES, ROTATIONS, WAIVERS
from forkant_shared.clock import new_id
from forkant_shared.database import Session

LOCK = "notifier/duty"


@dataclass(frozen=True, slots=True)
class Change:
    """One act on the plan of duty."""

    revision: int
    at: datetime
    by: str
    kind: str
    tier: int | None
    user: str | None


async def rota_from(session: Session, since: datetime) -> Rota:
    """What decides who is on duty from `since` on, with the turns that had begun."""
    early = since - LONGEST_TURN
    versions = sa.select(ROTATIONS).where(
        sa.or_(ROTATIONS.c.in_force_until.is_(None), ROTATIONS.c.in_force_until > early)
    )
    decided = sa.select(OVERRIDES).where(OVERRIDES.c.until > early)
    rotations = [_rotation(row) for row in await session.execute(versions.order_by(ROTATIONS.c.id))]
    overrides = [_override(row) for row in await session.execute(decided)]
    return Rota(tuple(rotations), tuple(overrides))


async def waivers_from(session: Session, since: datetime) -> list[Waiver]:
    """Those that were not over by `since`, the earliest first."""
    query = sa.select(WAIVERS).where(WAIVERS.c.until > since).order_by(WAIVERS.c.since, WAIVERS.c.id)
    return [Waiver(**row._mapping) for row in await session.execute(query)]


def _rotation(row: Any) -> Rotation:
    return Rotation(
        tier=row.tier,
        members=tuple(row.members),
        starts_on=row.starts_on,
        handover=time.fromisoformat(row.handover),
        days=row.days,
        zone=row.zone,
        hours=row.hours,
        ends_on=row.ends_on,
        in_force_from=row.in_force_from,
        in_force_until=row.in_force_until,
        rota_id=row.rota_id or row.id,
        name=row.name or "",
        id=row.id,
    )


def _override(row: Any) -> Override:
    return Override(
        tier=row.tier,
        user=row.user,
        since=row.since,
        until=row.until,
        made_at=row.made_at,
        covers=row.covers,
        revision=row.revision or 0,
        ended_at=row.ended_at,
        id=row.id,
    )


async def store_versions(session: Session, before: Rota, after: Rota, made_by: str) -> None:
    """Close the versions that ended between the two, and write those that began. Nothing else is touched."""
    known = {rotation.id: rotation for rotation in before.rotations}
    for rotation in after.rotations:
        if rotation.id in known and rotation.in_force_until != known[rotation.id].in_force_until:
            closing = ROTATIONS.update().where(ROTATIONS.c.id == rotation.id)
            await session.execute(closing.values(in_force_until=rotation.in_force_until))
    rows = [_row(rotation, made_by) for rotation in after.rotations if rotation.id not in known]
    if rows:
        await session.execute(ROTATIONS.insert(), rows)


def _row(rotation: Rotation, made_by: str) -> dict[str, Any]:
    fresh_id = rotation.id or new_id()
    return {
        "id": fresh_id,
        "tier": rotation.tier,
        "members": list(rotation.members),
        "starts_on": rotation.starts_on,
        "handover": rotation.handover.strftime("%H:%M"),
        "days": rotation.days,
        "zone": rotation.zone,
        "hours": rotation.hours,
        "ends_on": rotation.ends_on,
        "rota_id": rotation.rota_id or fresh_id,
        "name": rotation.name or None,
        "in_force_from": rotation.in_force_from,
        "in_force_until": rotation.in_force_until,
        "made_by": made_by,
    }


async def replace_all(session: Session, rotations: Sequence[Rotation], now: datetime, made_by: str) -> None:
    """Close whatever is in force and write these in its place, without a look at gaps; overrides stay."""
    closing = ROTATIONS.update().where(ROTATIONS.c.in_force_until.is_(None))
    await session.execute(closing.values(in_force_until=now))
    rows = [_row(replace(rotation, in_force_from=rotation.in_force_from), made_by) for rotation in rotations]
    if rows:
        await session.execute(ROTATIONS.insert(), rows)


async def add_override(session: Session, override: Override, *, made_by: str, swap_id: str | None = None) -> str:
    """Store an override; its id."""
    override_id = override.id or new_id()
    await session.execute(
        OVERRIDES.insert().values(
            id=override_id,
            tier=override.tier,
            user=override.user,
            since=override.since,
            until=override.until,
            made_at=override.made_at,
            made_by=made_by,
            covers=override.covers,
            revision=override.revision,
            ended_at=None,
            swap_id=swap_id,
        )
    )
    return override_id


async def end_override(session: Session, override_id: str, at: datetime) -> None:
    await session.execute(OVERRIDES.update().where(OVERRIDES.c.id == override_id).values(ended_at=at))


async def add_waiver(session: Session, waiver: Waiver) -> None:
    values = {name: getattr(waiver, name) for name in WAIVERS.c.keys()}  # noqa: SIM118 - columns, not a mapping
    await session.execute(WAIVERS.insert().values(**values))


async def has_rota(session: Session) -> bool:
    """Whether anybody has written a rota yet."""
    return (await session.execute(sa.select(ROTATIONS.c.id).limit(1))).first() is not None


async def last_revision(session: Session, tiers: Sequence[int] | None = None) -> int:
    """The number of the last change; of the last that touched one of these tiers."""
    query = sa.select(sa.func.max(DUTY_CHANGES.c.revision))
    if tiers is not None:
        query = query.where(sa.or_(DUTY_CHANGES.c.tier.in_(tiers), DUTY_CHANGES.c.tier.is_(None)))
    return (await session.execute(query)).scalar_one() or 0


async def note_change(
    session: Session, at: datetime, by: str, kind: str, *, tier: int | None = None, user: str | None = None
) -> int:
    """Write down what was decided; its number, one more than the last."""
    revision = await last_revision(session) + 1
    values = {"revision": revision, "at": at, "by": by, "kind": kind, "tier": tier, "user": user}
    await session.execute(DUTY_CHANGES.insert().values(**values))
    return revision


async def changes(session: Session, limit: int = 30) -> list[Change]:
    """What was decided last, newest first."""
    query = sa.select(DUTY_CHANGES).order_by(DUTY_CHANGES.c.revision.desc()).limit(limit)
    return [Change(**row._mapping) for row in await session.execute(query)]
