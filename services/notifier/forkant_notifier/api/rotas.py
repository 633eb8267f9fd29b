"""Rotas and waivers: `/notifier/v1/duty/rotas`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from forkant_notifier.api.duty import GapAnswer
from forkant_notifier.api.words import Revision, Words
from forkant_notifier.commands import rotas
from forkant_notifier.domain.plan import Waiver
from forkant_notifier.domain.rota import Rotation
from forkant_notifier.domain.rota_wish import RotaWish
from forkant_shared.fields import Day, Moment
from forkant_shared.identity import SignedIn
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf

ROUTER = APIRouter(prefix="/notifier/v1/duty", tags=["duty"])

User = Annotated[Words, Field(min_length=1, max_length=80)]


class WaiverBody(Body):
    """Why a tier may have nobody, and until when; who answers for it is the one who sends this."""

    reason: Words = Field(min_length=1, max_length=300)
    until: Moment


class GapWaiverBody(WaiverBody):
    """The same for a gap that is there already."""

    tier: Literal[1, 2, 3]
    since: Moment | None = None


class RotaBody(Body):
    """The members take turns of `days` days or `hours` hours (one of the two), changing at `handover` in `zone`."""

    name: Words = Field(min_length=1, max_length=60)
    tier: Literal[1, 2, 3]
    members: list[User] = Field(min_length=1, max_length=60)
    handover: str = Field("08:00", pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")
    days: int | None = Field(None, ge=1, le=28)
    hours: Literal[4, 6, 8, 12] | None = None
    zone: Words = Field("Europe/Oslo", min_length=1, max_length=40)
    starts_on: Day | None = None
    ends_on: Day | None = None
    waiver: WaiverBody | None = None
    revision: Revision = None

    def wish(self) -> RotaWish:
        return RotaWish(
            name=self.name,
            tier=self.tier,
            members=tuple(self.members),
            handover=self.handover,
            days=self.days,
            hours=self.hours,
            zone=self.zone,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
        )


class EndBody(Body):
    """A rota that ends may need somebody who answers for its gap."""

    waiver: WaiverBody | None = None


class RotaAnswer(BaseModel):
    """A rota as it is in force."""

    id: UUID
    name: str
    tier: int
    members: list[str]
    handover: str
    days: int | None
    hours: int | None
    zone: str
    starts_on: date
    ends_on: date | None


class WaiverAnswer(BaseModel):
    """Somebody answers for it that a tier has nobody."""

    id: UUID
    tier: int
    since: datetime
    until: datetime
    reason: str
    by: str


class RotasAnswer(BaseModel):
    """The rotas in force, who answers for gaps, and the gaps nobody answers for. Send `revision` with a change."""

    items: list[RotaAnswer]
    waivers: list[WaiverAnswer]
    gaps: list[GapAnswer]
    revision: int


def _rota(found: Rotation) -> RotaAnswer:
    return RotaAnswer(
        id=UUID(found.rota_id),
        name=found.name,
        tier=found.tier,
        members=list(found.members),
        handover=found.handover.strftime("%H:%M"),
        days=None if found.hours else found.days,
        hours=found.hours,
        zone=found.zone,
        starts_on=found.starts_on,
        ends_on=found.ends_on,
    )


def _waiver(made: Waiver) -> WaiverAnswer:
    return WaiverAnswer(
        id=UUID(made.id), tier=made.tier, since=made.since, until=made.until, reason=made.reason, by=made.made_by
    )


def _wish(body: WaiverBody | None) -> rotas.WaiverWish | None:
    return rotas.WaiverWish(body.reason, body.until) if body else None


@ROUTER.get("/rotas")
async def list_rotas(parts: PartsOf, who: SignedIn) -> RotasAnswer:
    """The rotas in force."""
    found = await rotas.list_rotas(parts, who)
    gaps = [GapAnswer(tier=gap.tier, since=gap.since, until=gap.until) for gap in found.gaps]
    return RotasAnswer(
        items=[_rota(rotation) for rotation in found.rotations],
        waivers=[_waiver(waiver) for waiver in found.book.waivers],
        gaps=gaps,
        revision=found.revision,
    )


@ROUTER.post("/rotas", status_code=201)
async def write_rota(parts: PartsOf, who: SignedIn, body: RotaBody) -> RotaAnswer:
    """A new rota. One that leaves a gap within 14 days is refused, unless a waiver comes with it."""
    made = await rotas.write_rota(parts, who, body.wish(), waiver=_wish(body.waiver), revision=body.revision)
    return _rota(made)


@ROUTER.put("/rotas/{rota_id}")
async def rewrite_rota(parts: PartsOf, who: SignedIn, rota_id: UUID, body: RotaBody) -> RotaAnswer:
    """The rota as it is from now on; what it was until now stays."""
    made = await rotas.write_rota(
        parts, who, body.wish(), rota_id=str(rota_id), waiver=_wish(body.waiver), revision=body.revision
    )
    return _rota(made)


@ROUTER.post("/rotas/{rota_id}/end", status_code=204)
async def end_rota(parts: PartsOf, who: SignedIn, rota_id: UUID, body: EndBody) -> None:
    """The rota ends now."""
    await rotas.end_rota(parts, who, str(rota_id), waiver=_wish(body.waiver))


@ROUTER.post("/waivers", status_code=201)
async def waive(parts: PartsOf, who: SignedIn, body: GapWaiverBody) -> WaiverAnswer:
    """Answer by name for a gap."""
    return _waiver(
        await rotas.waive(parts, who, body.tier, rotas.WaiverWish(body.reason, body.until), since=body.since)
    )
