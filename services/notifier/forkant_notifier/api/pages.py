"""Pages over HTTP: public contract 4."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from forkant_notifier.api.words import Words
from forkant_notifier.commands import answering, reading
from forkant_notifier.commands.reading import PageView
from forkant_notifier.domain.answers import Answer
from forkant_notifier.domain.attempts import Attempt
from forkant_notifier.domain.page import CloseCause, Entry
from forkant_shared.identity import SignedIn
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf

ROUTER = APIRouter(prefix="/notifier/v1/pages", tags=["pages"])


class AttemptAnswer(BaseModel):
    """One try to reach one phone."""

    id: UUID
    channel: Literal["PUSH", "SMS", "CALL", "MAIL", "WEBHOOK"]
    to_user: str
    state: Literal["DUE", "LEASED", "SUBMITTED", "DELIVERED", "FAILED", "UNKNOWN"]
    due_at: datetime
    submitted_at: datetime | None
    receipt_at: datetime | None


class GivenAnswer(BaseModel):
    """One person's acceptance that counts."""

    user: str
    at: datetime


class AnswersAnswer(BaseModel):
    """What the page's policy asks for, and what has been given: `tier_lacking` is true while nobody on duty in one of
    `of_tiers` (nor the operations centre) has accepted."""

    needed: int
    of_tiers: list[int]
    given: list[GivenAnswer]
    tier_lacking: bool


class PageAnswer(BaseModel):
    """A page: code, lane and times, never what it is about."""

    id: UUID
    code: str
    lane: Literal["LIFE", "NORMAL"]
    state: Literal["OPEN", "ACCEPTED", "CLOSED"]
    drill: bool
    tier: int
    threat_id: UUID | None
    report_id: UUID | None
    escalation_id: UUID | None
    created_at: datetime
    next_step_at: datetime | None
    accepted_at: datetime | None
    accepted_by: str | None
    closed_at: datetime | None
    answers: AnswersAnswer
    attempts: list[AttemptAnswer]


class EntryAnswer(BaseModel):
    """One line of a page's timeline."""

    kind: str
    at: datetime
    by: str | None
    code: str | None
    note: str | None


class PageDetail(PageAnswer):
    """A page with its timeline."""

    timeline: list[EntryAnswer]


class AcceptBody(Body):
    """ACCEPT stops the clock, STANDBY is seen while the tiers go on, CANNOT climbs at once."""

    answer: Literal["ACCEPT", "STANDBY", "CANNOT"]


class NoteBody(Body):
    """What was done, in the officer's own words."""

    note: Words = Field(min_length=1, max_length=1000)


class CloseBody(Body):
    """Why the page is over."""

    cause: Literal["HANDLED", "FALSE_ALARM"]


def _attempt(attempt: Attempt) -> AttemptAnswer:
    return AttemptAnswer(
        id=UUID(attempt.id),
        channel=attempt.channel.value,
        to_user=attempt.user,
        state=attempt.state.value,
        due_at=attempt.due_at,
        submitted_at=attempt.submitted_at,
        receipt_at=attempt.receipt_at,
    )


def _page(view: PageView) -> PageAnswer:
    page = view.page
    return PageAnswer(
        id=UUID(page.id),
        code=page.code,
        lane=page.lane.value,
        state=page.state.value,
        drill=page.drill,
        tier=page.tier,
        threat_id=UUID(page.threat_id) if page.threat_id else None,
        report_id=UUID(page.report_id) if page.report_id else None,
        escalation_id=UUID(page.escalation_id) if page.escalation_id else None,
        created_at=page.opened_at,
        next_step_at=page.next_step_at,
        accepted_at=page.accepted_at,
        accepted_by=page.accepted_by,
        closed_at=page.closed_at,
        answers=_answers(view),
        attempts=[_attempt(attempt) for attempt in view.attempts],
    )


def _answers(view: PageView) -> AnswersAnswer:
    given, demand = view.page.acceptances, view.demand
    return AnswersAnswer(
        needed=demand.people,
        of_tiers=sorted(demand.tiers),
        given=[GivenAnswer(user=one.user, at=one.at) for one in given],
        tier_lacking=demand.lacks_tier(given),
    )


def _detail(view: PageView, entries: list[Entry]) -> PageDetail:
    lines = [EntryAnswer(kind=e.kind.value, at=e.at, by=e.by, code=e.code, note=e.note) for e in entries]
    return PageDetail(**_page(view).model_dump(), timeline=lines)


@ROUTER.get("")
async def list_pages(
    parts: PartsOf,
    who: SignedIn,
    threat: Annotated[UUID | None, Query(description="only pages of this threat")] = None,
    state: Annotated[Literal["RUNNING", "ANY"], Query(description="RUNNING: open or accepted")] = "ANY",
    limit: Annotated[int, Query(ge=1, le=100)] = 100,
    after: Annotated[UUID | None, Query(description="the last page seen; pages come newest first")] = None,
) -> list[PageAnswer]:
    """Pages, newest first."""
    found = await reading.list_pages(
        parts,
        who,
        threat_id=str(threat) if threat else None,
        running_only=state == "RUNNING",
        limit=limit,
        before=str(after) if after else None,
    )
    return [_page(view) for view in found]


@ROUTER.get("/{page_id}")
async def get_page(parts: PartsOf, who: SignedIn, page_id: UUID) -> PageDetail:
    """One page with its timeline."""
    return _detail(*await reading.read_page(parts, who, str(page_id)))


@ROUTER.post("/{page_id}/accept")
async def accept_page(parts: PartsOf, who: SignedIn, page_id: UUID, body: AcceptBody) -> PageDetail:
    """Answer a page."""
    await answering.answer_page(parts, who, str(page_id), Answer(body.answer))
    return _detail(*await reading.read_page(parts, who, str(page_id)))


@ROUTER.post("/{page_id}/working")
async def say_working(parts: PartsOf, who: SignedIn, page_id: UUID) -> PageDetail:
    """*Jobber med saken*: thirty minutes (by the page's policy) before it asks again."""
    await answering.say_working(parts, who, str(page_id))
    return _detail(*await reading.read_page(parts, who, str(page_id)))


@ROUTER.post("/{page_id}/notes")
async def add_note(parts: PartsOf, who: SignedIn, page_id: UUID, body: NoteBody) -> PageDetail:
    """Write down what was done; counts as an action."""
    await answering.add_note(parts, who, str(page_id), body.note)
    return _detail(*await reading.read_page(parts, who, str(page_id)))


@ROUTER.post("/{page_id}/close")
async def close_page(parts: PartsOf, who: SignedIn, page_id: UUID, body: CloseBody) -> PageDetail:
    """The page is over."""
    await answering.close_page(parts, who, str(page_id), CloseCause(body.cause))
    return _detail(*await reading.read_page(parts, who, str(page_id)))
