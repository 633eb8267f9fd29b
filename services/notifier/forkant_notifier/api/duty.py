"""Who is on duty, and how the chain to the phones is."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from forkant_notifier.api.words import Words
from forkant_notifier.commands import duty, reading
from forkant_shared.identity import SignedIn
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf

ROUTER = APIRouter(prefix="/notifier/v1", tags=["duty"])


class UserAnswer(BaseModel):
    """Somebody on duty."""

    user: str
    name: str


class TierAnswer(BaseModel):
    """A tier and who has it; an empty list is a gap."""

    tier: int
    users: list[UserAnswer]


class DutyAnswer(BaseModel):
    """Who is on duty at a moment."""

    at: datetime
    tiers: list[TierAnswer]
    floor: list[str]


class OverrideBody(Body):
    """*I take it now*, for some hours; `user` is somebody else who takes it."""

    tier: Literal[1, 2, 3]
    user: Words | None = Field(None, min_length=1, max_length=80)
    hours: float = Field(12, ge=1, le=336)


class OverrideAnswer(BaseModel):
    """Who has the tier from when to when."""

    tier: int
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


@ROUTER.get("/duty")
async def get_duty(parts: PartsOf, who: SignedIn) -> DutyAnswer:
    """Who is on duty now."""
    found = await reading.duty_now(parts, who)
    tiers = [
        TierAnswer(tier=on.tier, users=[UserAnswer(user=p.contact.user, name=p.name) for p in on.users])
        for on in found.tiers
    ]
    return DutyAnswer(at=found.at, tiers=tiers, floor=list(found.floor))


@ROUTER.post("/duty/overrides", status_code=201)
async def take_over(parts: PartsOf, who: SignedIn, body: OverrideBody) -> OverrideAnswer:
    """Take a tier now."""
    made = await duty.take_over(parts, who, body.tier, user=body.user, hours=body.hours)
    return OverrideAnswer(tier=made.tier, user=made.user, since=made.since, until=made.until)


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
    )
