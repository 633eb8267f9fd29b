"""Handover reports: `/notifier/v1/handovers`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from forkant_notifier.api.words import Words
from forkant_notifier.commands import handing_over
from forkant_notifier.domain.handover import LONGEST_NOTE, Handover, PageLine
from forkant_shared.identity import SignedIn
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf

ROUTER = APIRouter(prefix="/notifier/v1/handovers", tags=["handovers"])


class NoteBody(Body):
    """What the next one must know."""

    note: Words = Field("", max_length=LONGEST_NOTE)


class SignedAnswer(BaseModel):
    """A report, and who has signed it."""

    id: UUID
    since: datetime
    given_at: datetime
    given_by: str
    taken_at: datetime | None
    taken_by: str | None


class LineAnswer(BaseModel):
    """A page as it stood."""

    page_id: UUID
    code: str
    lane: str
    state: str
    tier: int


class FailedAnswer(BaseModel):
    """How many tries to reach a user on a channel failed or got no answer."""

    channel: str
    user: str
    count: int


class ReportAnswer(SignedAnswer):
    """What stood when the first signed. `reviews` is none where it could not be known."""

    note: str
    open_pages: list[LineAnswer]
    late_pages: list[LineAnswer]
    failed: list[FailedAnswer]
    failing_routes: list[str]
    reviews: int | None


def _signed(handover: Handover) -> SignedAnswer:
    return SignedAnswer(
        id=UUID(handover.id),
        since=handover.since,
        given_at=handover.given_at,
        given_by=handover.given_by,
        taken_at=handover.taken_at,
        taken_by=handover.taken_by,
    )


def _line(line: PageLine) -> LineAnswer:
    return LineAnswer(page_id=UUID(line.id), code=line.code, lane=line.lane, state=line.state, tier=line.tier)


@ROUTER.get("")
async def list_reports(parts: PartsOf, who: SignedIn) -> list[SignedAnswer]:
    """The latest reports, newest first."""
    return [_signed(handover) for handover in (await handing_over.list_reports(parts, who)).items]


@ROUTER.post("", status_code=201)
async def give(request: Request, parts: PartsOf, who: SignedIn, body: NoteBody) -> SignedAnswer:
    """Sign as the one who goes."""
    return _signed(
        await handing_over.give(parts, who, body.note, handing_over.credential_of(request.headers, request.cookies))
    )


@ROUTER.get("/{handover_id}")
async def read(parts: PartsOf, who: SignedIn, handover_id: UUID) -> ReportAnswer:
    """One report as it was signed."""
    view = await handing_over.read_report(parts, who, str(handover_id))
    assert view.handover is not None
    told = view.standing
    return ReportAnswer(
        **_signed(view.handover).model_dump(),
        note=view.handover.note,
        open_pages=[_line(line) for line in told.open_pages],
        late_pages=[_line(line) for line in told.late_pages],
        failed=[FailedAnswer(channel=one.channel, user=one.user, count=one.count) for one in told.failed],
        failing_routes=[route.name for route in told.routes],
        reviews=told.reviews,
    )


@ROUTER.post("/{handover_id}/take")
async def take(parts: PartsOf, who: SignedIn, handover_id: UUID) -> SignedAnswer:
    """Sign as the one who comes."""
    return _signed(await handing_over.take_over_report(parts, who, str(handover_id)))
