"""Rotas are written, written anew and ended, and gaps get somebody who answers for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from forkant_notifier.commands.desk import NotifierParts, desk_of
from forkant_notifier.commands.duty import Planning, planning
from forkant_notifier.domain.plan import Gap, Plan, Waiver
from forkant_notifier.domain.rota import Rotation, in_force_at
from forkant_notifier.domain.rota_wish import RotaWish, rotation_of
from forkant_notifier.store import duty, rotas
from forkant_shared.access import policy
from forkant_shared.clock import new_id
from forkant_shared.errors import Invalid, NotFound
from forkant_shared.identity import Principal


@dataclass(frozen=True, slots=True)
class WaiverWish:
    """Why a tier may have nobody, and until when."""

    reason: str
    until: datetime


async def write_rota(
    parts: NotifierParts,
    who: Principal,
    wish: RotaWish,
    *,
    rota_id: str | None = None,
    waiver: WaiverWish | None = None,
    revision: int | None = None,
) -> Rotation:
    """A new rota, or one written anew from now on. Raises Invalid (also for a gap without a waiver), NotFound."""
    policy.require(who, "notifier.duty.plan")
    async with planning(parts, tiers=[wish.tier], revision=revision) as act:
        _known(act, rota_id)
        return await write_in(act, who, wish, rota_id or new_id(), waiver)


async def write_in(act: Planning, who: Principal, wish: RotaWish, rota_id: str, waiver: WaiverWish | None) -> Rotation:
    """The same, in an act of planning that has begun."""
    rotation = replace(rotation_of(wish, act.rules, act.now), id=new_id(), rota_id=rota_id)
    for place, member in enumerate(rotation.members):
        if member not in act.book.plan.reachable:
            raise Invalid(
                "There is no such user with a phone that can ring.",
                field=f"members.{place}",
                remedy="Write the person with a phone first.",
            )
    made = _waiver(who, wish.tier, waiver, act.now) if waiver else None
    plan = _waived(act, made)
    after = plan.with_rota(rota_id, [rotation], act.rules, act.now)
    if made:
        await rotas.add_waiver(act.session, made)
    await rotas.store_versions(act.session, act.book.rota, after.rota, who.subject)
    await act.note(who, "ROTA", rota_id, tier=wish.tier)
    return rotation


async def end_rota(parts: NotifierParts, who: Principal, rota_id: str, *, waiver: WaiverWish | None = None) -> None:
    """A rota ends now. Raises NotFound, Invalid where its tier would have nobody and no waiver comes with it."""
    policy.require(who, "notifier.duty.plan")
    async with planning(parts) as act:
        tier = _known(act, rota_id)
        assert tier is not None
        made = _waiver(who, tier, waiver, act.now) if waiver else None
        after = _waived(act, made).with_rota(rota_id, [], act.rules, act.now)
        if made:
            await rotas.add_waiver(act.session, made)
        await rotas.store_versions(act.session, act.book.rota, after.rota, who.subject)
        await act.note(who, "ROTA_ENDED", rota_id, tier=tier)


async def waive(
    parts: NotifierParts, who: Principal, tier: int, wish: WaiverWish, *, since: datetime | None = None
) -> Waiver:
    """Answer by name for it that a tier has nobody. Raises Invalid."""
    policy.require(who, "notifier.duty.plan")
    async with planning(parts) as act:
        if tier not in act.rules.tiers:
            raise Invalid("There is no such tier.", field="tier")
        begin = max(since, act.now) if since else act.now
        made = Waiver(tier, begin, wish.until, wish.reason.strip(), who.subject, act.now, id=new_id())
        act.book.plan.with_waiver(made, act.rules, act.now)
        await rotas.add_waiver(act.session, made)
        await act.note(who, "WAIVED", made.id, tier=tier, user=who.subject)
    return made


@dataclass(frozen=True, slots=True)
class RotaList:
    """The rotas in force, what is missing ahead, who may be a member, and what was decided last."""

    rotations: Sequence[Rotation]
    book: duty.DutyBook
    gaps: Sequence[Gap]
    changes: Sequence[rotas.Change]
    revision: int


async def list_rotas(parts: NotifierParts, who: Principal) -> RotaList:
    """What the administration of rotas shows."""
    policy.require(who, "notifier.duty.read")
    now = parts.clock.now()
    async with parts.database.read() as session:
        book = await duty.book(session, now)
        found = await rotas.changes(session)
        revision = await rotas.last_revision(session)
    kept = sorted(in_force_at(book.rota.rotations, now), key=lambda r: (r.tier, r.name, r.id))
    return RotaList(kept, book, book.plan.missing(desk_of(parts).rules, now), found, revision)


def _known(act: Planning, rota_id: str | None) -> int | None:
    """The tier of a rota that is in force. Raises NotFound for one that is not."""
    if rota_id is None:
        return None
    for rotation in act.book.rota.rotations:
        if rotation.rota_id == rota_id and rotation.in_force(act.now):
            return rotation.tier
    raise NotFound("There is no such rota.", field="rota_id")


def _waiver(who: Principal, tier: int, wish: WaiverWish, now: datetime) -> Waiver:
    return Waiver(tier, now, wish.until, wish.reason.strip(), who.subject, now, id=new_id())


def _waived(act: Planning, waiver: Waiver | None) -> Plan:
    return act.book.plan.with_waiver(waiver, act.rules, act.now) if waiver else act.book.plan
