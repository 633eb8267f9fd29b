"""What is missing is asked for: a question, an owner, a deadline, the report that answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, StringConstraints

from forkant_shared.identity import SignedIn
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf
from forkant_threat_watch.api.acts import IfMatch, version_of
from forkant_threat_watch.api.fields import Id, Moment, Reason
from forkant_threat_watch.api.measures import Subject
from forkant_threat_watch.commands import following, requesting
from forkant_threat_watch.domain.requests import Outcome, Request, Wish

router = APIRouter(prefix="/threat-watch/v1/threats/{threat_id}/requests", tags=["requests"])

About = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z_]{1,39}$")]
Reference = Annotated[str, StringConstraints(pattern=r"^(R-\d{4}-\d{6,9}|[0-9a-f]{8}-[0-9a-f-]{27})$")]


class RequestView(BaseModel):
    """One question. `report` is the reference of the answering report, for those who may know of it."""

    id: str
    about: str
    question: str
    owner: str
    due_at: datetime
    overdue: bool
    asked_by: str
    asked_at: datetime
    outcome: Outcome | None
    ended_by: str | None
    ended_at: datetime | None
    report: str | None
    note: str | None
    version: int


class RequestsView(BaseModel):
    """The questions of a threat, the unanswered first, and what its explanation lists as missing."""

    items: list[RequestView]


class AskBody(Body):
    """What is asked, about what is missing (a code of the explanation, or OTHER), of whom, until when."""

    about: About
    question: Reason
    owner: Subject
    due_at: Moment


class AnswerBody(Body):
    """The report that answers, or a note that says why there is no telling."""

    report: Reference | None = None
    note: Reason | None = None


class WithdrawBody(Body):
    """Why the answer is not needed any more."""

    reason: Reason


@router.get("")
async def list_requests(threat_id: Id, who: SignedIn, parts: PartsOf) -> RequestsView:
    """The questions of a threat."""
    found = await following.read_requests(parts, who, threat_id)
    references = found.references
    return RequestsView(items=[view(one, references, parts.clock.now()) for one in found.requests])


@router.post("", status_code=201)
async def ask(threat_id: Id, body: AskBody, who: SignedIn, parts: PartsOf, response: Response) -> RequestView:
    """Ask somebody for what is missing; when the time is over, a person is asked to look."""
    wish = Wish(body.about, body.question, body.owner, body.due_at)
    return _answer(response, await requesting.ask_for(parts, who, threat_id, wish), parts)


@router.post("/{request_id}/answer", status_code=201)
async def answer(
    threat_id: Id,
    request_id: Id,
    body: AnswerBody,
    who: SignedIn,
    parts: PartsOf,
    response: Response,
    if_match: IfMatch = None,
) -> RequestView:
    """Answer with a report, or say that there is no telling."""
    version = version_of(if_match)
    ended = await requesting.answer_request(parts, who, threat_id, request_id, body.report, body.note, version=version)
    return _answer(response, ended, parts)


@router.post("/{request_id}/withdrawal", status_code=201)
async def withdraw(
    threat_id: Id,
    request_id: Id,
    body: WithdrawBody,
    who: SignedIn,
    parts: PartsOf,
    response: Response,
    if_match: IfMatch = None,
) -> RequestView:
    """Say why the answer is not needed any more."""
    version = version_of(if_match)
    ended = await requesting.withdraw_request(parts, who, threat_id, request_id, body.reason, version=version)
    return _answer(response, ended, parts)


def _answer(response: Response, one: Request, parts: PartsOf) -> RequestView:
    response.headers["etag"] = f'"{one.version}"'
    return view(one, {}, parts.clock.now())


def view(one: Request, references: dict[str, str], now: datetime) -> RequestView:
    """A question as it is answered."""
    wish, ending = one.wish, one.ending
    return RequestView(
        id=one.id,
        about=wish.about,
        question=wish.question,
        owner=wish.owner,
        due_at=wish.due_at,
        overdue=one.overdue(now),
        asked_by=one.asked_by,
        asked_at=one.asked_at,
        outcome=ending and ending.outcome,
        ended_by=ending and ending.by,
        ended_at=ending and ending.at,
        report=references.get(ending.report) if ending and ending.report else None,
        note=ending and ending.note,
        version=one.version,
    )
