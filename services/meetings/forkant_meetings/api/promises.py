"""`/meetings/v1/promises`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from forkant_meetings.api.asked import After, Asking, Done, Limit, cursor, done, etag
from forkant_meetings.api.fields import Day, Id, Line, Moment, Said, Subject
from forkant_meetings.commands import promises as commands
from forkant_meetings.commands import reading
from forkant_meetings.commands.asking import working_values
from forkant_meetings.commands.promises import Found, PromiseWish
from forkant_meetings.domain.promise import Acknowledgement, Fate, Manner, Progress, Promise, Side
from forkant_meetings.store.promises import Wanted
from forkant_shared.identity import SignedIn
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf

router = APIRouter(prefix="/meetings/v1/promises", tags=["promises"])


class MakePromise(Body):
    """What one side promised the other. Without an owner: who writes it down. Given in a threat dialogue, it stands
    under its threat."""

    dialogue_id: Id
    by: Annotated[Side, Field(strict=False)]
    to: Annotated[Line, Field(json_schema_extra={"minLength": 1, "pattern": "\\S"})]
    text: Said
    owner: Line = ""
    meeting_id: Id | None = None
    due_on: Day | None = None
    threat_id: Id | None = None
    made_at: Moment | None = None


class Acknowledge(Body):
    """How the other side confirmed it."""

    how: Annotated[Acknowledgement, Field(strict=False)]


class Advance(Body):
    """How far it has come, when it is due, who follows it up."""

    progress: Annotated[Progress, Field(strict=False)]
    due_on: Day | None
    owner: Subject


class Judge(Body):
    """What became of it, on which evidence. `manner` for BROKEN only. Without `happened_at`: now."""

    fate: Annotated[Fate, Field(strict=False)]
    manner: Annotated[Manner, Field(strict=False)] | None = None
    evidence: Said
    happened_at: Moment | None = None


class ConfirmedView(BaseModel):
    """That the other side confirmed it."""

    how: Acknowledgement
    recorded_by: str
    at: datetime


class JudgementView(BaseModel):
    """What somebody found."""

    fate: Fate
    manner: Manner | None
    evidence: str
    by: str
    at: datetime
    happened_at: datetime


class PromiseView(BaseModel):
    """A promise with all that was found about it, the last judgement last."""

    id: str
    dialogue_id: str
    meeting_id: str | None
    by: Side
    to: str
    text: str
    owner: str
    made_at: datetime
    recorded_by: str
    due_on: date | None
    overdue: bool
    threat_id: str | None
    confirmed: ConfirmedView | None
    progress: Progress
    fate: Fate
    manner: Manner | None
    judgements: list[JudgementView]
    version: int


class PromisePage(BaseModel):
    """Some promises; `next` asks for more."""

    items: list[PromiseView]
    next: str | None


@router.post("", status_code=201)
async def make_promise(parts: PartsOf, asking: Asking, body: MakePromise, response: Response) -> Done:
    """Write down what was promised."""
    wish = PromiseWish(
        dialogue_id=body.dialogue_id,
        by=body.by,
        to=body.to,
        text=body.text,
        owner=body.owner,
        meeting_id=body.meeting_id,
        due_on=body.due_on,
        threat_id=body.threat_id,
        made_at=body.made_at,
    )
    return done(response, await commands.make_promise(parts, asking, wish), location="/meetings/v1/promises")


@router.get("")
async def list_promises(
    parts: PartsOf,
    who: SignedIn,
    dialogue_id: UUID | None = None,
    meeting_id: UUID | None = None,
    threat_id: UUID | None = None,
    by: Side | None = None,
    fate: Fate | None = None,
    owner: Annotated[str | None, Query(max_length=120)] = None,
    overdue: Annotated[bool, Query(description="only open ones whose day has passed")] = False,
    after: After = None,
    limit: Limit = 50,
) -> PromisePage:
    """Promises, by id."""
    today = working_values(parts).local_day(parts.clock.now())
    wanted = Wanted(
        dialogue_id=cursor(dialogue_id),
        meeting_id=cursor(meeting_id),
        threat_id=cursor(threat_id),
        side=by,
        fate=fate,
        owner=owner,
        due_before=today if overdue else None,
    )
    found = await reading.list_promises(parts, who, wanted, after=cursor(after), limit=limit)
    return PromisePage(items=[_view(one, today) for one in found], next=found[-1].id if len(found) == limit else None)


@router.get("/{promise_id}")
async def get_promise(parts: PartsOf, who: SignedIn, promise_id: UUID, response: Response) -> PromiseView:
    """A promise with its judgements."""
    found = await reading.read_promise(parts, who, str(promise_id))
    response.headers["etag"] = etag(found.version)
    return _view(found, working_values(parts).local_day(parts.clock.now()))


@router.post("/{promise_id}/acknowledgement")
async def acknowledge_promise(
    parts: PartsOf, asking: Asking, promise_id: UUID, body: Acknowledge, response: Response
) -> Done:
    """Note that the other side confirmed it."""
    return done(response, await commands.acknowledge_promise(parts, asking, str(promise_id), body.how))


@router.put("/{promise_id}/progress")
async def advance_promise(parts: PartsOf, asking: Asking, promise_id: UUID, body: Advance, response: Response) -> Done:
    """Note how far it has come, a new due date or a new owner."""
    receipt = await commands.advance_promise(parts, asking, str(promise_id), body.progress, body.due_on, body.owner)
    return done(response, receipt)


@router.post("/{promise_id}/judgements")
async def judge_promise(parts: PartsOf, asking: Asking, promise_id: UUID, body: Judge, response: Response) -> Done:
    """Say what became of it. Broken under a threat it travels to threat-watch."""
    found = Found(body.fate, body.manner, body.evidence, body.happened_at)
    return done(response, await commands.judge_promise(parts, asking, str(promise_id), found))


def _view(promise: Promise, today: date) -> PromiseView:
    confirmed = promise.confirmed
    return PromiseView(
        id=promise.id,
        dialogue_id=promise.dialogue_id,
        meeting_id=promise.meeting_id,
        by=promise.by,
        to=promise.to,
        text=promise.text,
        owner=promise.owner,
        made_at=promise.made_at,
        recorded_by=promise.recorded_by,
        due_on=promise.due_on,
        overdue=promise.overdue(today),
        threat_id=promise.threat_id,
        confirmed=ConfirmedView(how=confirmed.how, recorded_by=confirmed.recorded_by, at=confirmed.at)
        if confirmed
        else None,
        progress=promise.progress,
        fate=promise.fate,
        manner=promise.manner,
        judgements=[
            JudgementView(
                fate=one.fate,
                manner=one.manner,
                evidence=one.evidence,
                by=one.by,
                at=one.at,
                happened_at=one.happened_at,
            )
            for one in promise.judgements
        ],
        version=promise.version,
    )
