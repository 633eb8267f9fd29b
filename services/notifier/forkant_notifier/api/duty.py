"""Who is on duty, and how the chain to the phones is."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from forkant_notifier.api.words import Revision, Words
from forkant_notifier.commands import calendar, covering, duty, reading
from forkant_notifier.domain.rota import Override
from forkant_shared.fields import Moment
from forkant_shared.identity import SignedIn
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf

ROUTER = APIRouter(prefix="/notifier/v1", tags=["duty"])


class UserAnswer(BaseModel):
    """Somebody on duty."""

    user: str
    name: str


class TierAnswer(BaseModel):
    """A tier and who has it; an empty list is a gap. `not_checked_in` have not proven their phones for this shift."""

    tier: int
    users: list[UserAnswer]
    since: datetime
    not_checked_in: list[str]


class GapAnswer(BaseModel):
    """Nobody has the tier between the two, and nobody answers for it."""

    tier: int
    since: datetime
    until: datetime


class DutyAnswer(BaseModel):
    """Who is on duty at a moment, and what is missing in the days ahead of now."""

    at: datetime
    tiers: list[TierAnswer]
    floor: list[str]
    gaps: list[GapAnswer]


class OverrideBody(Body):
    """*I take it now*, for some hours; `user` is somebody else who takes it."""

    tier: Literal[1, 2, 3]
    user: Words | None = Field(None, min_length=1, max_length=80)
    hours: float = Field(12, ge=1, le=336)
    revision: Revision = None


class CoverBody(Body):
    """`user` (by default the one who asks) takes the turn of `covers`, or what is left of it."""

    tier: Literal[1, 2, 3]
    covers: Words = Field(min_length=1, max_length=80)
    since: Moment
    until: Moment
    user: Words | None = Field(None, min_length=1, max_length=80)
    revision: Revision = None


class OverrideAnswer(BaseModel):
    """Who has the tier from when to when; `covers` is whose turn it was, none for the whole tier."""

    id: UUID
    tier: int
    covers: str | None
    user: str
    since: datetime
    until: datetime


class RouteAnswer(BaseModel):
    """A route to the phones; a failing one is asked last."""

    name: str
    channels: list[str]
    failing: bool
    last_good: datetime | None


class HealthAnswer(BaseModel):
    """The health strip as data."""

    bus: bool
    routes: list[RouteAnswer]
    last_heartbeat: datetime | None
    silent: bool
    oldest_due: datetime | None
    reports_waiting: int
    reports_refused: int
    contacts_waiting: int
    contacts_refused: int
    shifts_at_risk: int
    pins_locked: int


@ROUTER.get("/duty")
async def get_duty(
    parts: PartsOf,
    who: SignedIn,
    at: Annotated[Moment | None, Query(description="a time past, answered as it was then")] = None,
) -> DutyAnswer:
    """Who is on duty now, or was at a time past."""
    found = await (calendar.duty_now(parts, who) if at is None else calendar.duty_then(parts, who, at))
    tiers = [
        TierAnswer(
            tier=on.tier,
            users=[UserAnswer(user=p.contact.user, name=p.name) for p in on.users],
            since=on.shift.since,
            not_checked_in=sorted(on.not_checked_in),
        )
        for on in found.tiers
    ]
    gaps = [GapAnswer(tier=gap.tier, since=gap.since, until=gap.until) for gap in found.gaps]
    return DutyAnswer(at=found.at, tiers=tiers, floor=list(found.floor), gaps=gaps)


@ROUTER.post("/duty/overrides", status_code=201)
async def take_over(parts: PartsOf, who: SignedIn, body: OverrideBody) -> OverrideAnswer:
    """Take a tier now."""
    made = await duty.take_over(parts, who, body.tier, user=body.user, hours=body.hours, revision=body.revision)
    return _override(made)


@ROUTER.post("/duty/covers", status_code=201)
async def cover(parts: PartsOf, who: SignedIn, body: CoverBody) -> OverrideAnswer:
    """Take a colleague's shift."""
    wish = covering.CoverWish(body.tier, body.covers, body.since, body.until, body.user)
    return _override(await covering.cover(parts, who, wish, revision=body.revision))


@ROUTER.delete("/duty/overrides/{override_id}", status_code=204)
async def give_back(parts: PartsOf, who: SignedIn, override_id: UUID) -> None:
    """End a take-over or a cover now; what it was until now stays."""
    await covering.give_back(parts, who, str(override_id))


def _override(made: Override) -> OverrideAnswer:
    return OverrideAnswer(
        id=UUID(made.id), tier=made.tier, covers=made.covers, user=made.user, since=made.since, until=made.until
    )


@ROUTER.get("/status")
async def get_status(parts: PartsOf, who: SignedIn) -> HealthAnswer:
    """How the chain from threat-watch to the phones is."""
    found = await reading.health_now(parts, who)
    routes = [
        RouteAnswer(
            name=route.name,
            channels=[channel.value for channel in route.channels],
            failing=route.failing,
            last_good=route.last_good,
        )
        for route in found.routes
    ]
    return HealthAnswer(
        bus=found.bus,
        routes=routes,
        last_heartbeat=found.last_heartbeat,
        silent=found.silent,
        oldest_due=found.oldest_due,
        reports_waiting=found.reports_waiting,
        reports_refused=found.reports_refused,
        contacts_waiting=found.contacts_waiting,
        contacts_refused=found.contacts_refused,
        shifts_at_risk=found.shifts_at_risk,
        pins_locked=found.pins_locked,
    )
