"""What a named person does with a threat."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Header, Path, Response
from pydantic import BaseModel, Field

from forkant_shared.errors import Invalid
from forkant_shared.identity import SignedIn
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf
from forkant_threat_watch.api.fields import Id, Moment, Reason
from forkant_threat_watch.commands import living
from forkant_threat_watch.domain.moves import Verify
from forkant_threat_watch.domain.words import Lane, Level, Outcome, State

router = APIRouter(prefix="/threat-watch/v1/threats/{threat_id}", tags=["acts"])

IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", description="the ETag of the version decided on; 412 if it is another now", max_length=40),
]


class Done(BaseModel):
    """What was changed, and its version afterwards."""

    id: str
    version: int


class DecideBody(Body):
    """A level, until a time, with a reason."""

    level: Literal["LOW", "MODERATE", "HIGH", "CRITICAL"]
    reason: Reason
    expires_at: Moment


class FeedbackBody(Body):
    """What the effect was, on which evidence."""

    outcome: Annotated[Outcome, Field(strict=False)]
    evidence: Reason


class JudgementBody(Body):
    """That somebody must be woken, in which lane, and why."""

    lane: Literal["LIFE", "NORMAL"]
    reason: Reason


class VerificationBody(Body):
    """When the effect must be seen, and what is done instead if it is not."""

    due_at: Moment
    fallback: Reason


class MoveBody(Body):
    """Where the threat goes in its life. What acts on a threat has a time at which its effect must be seen: the one
    that is set, or this one."""

    state: Literal["ASSESSED", "IN_DIALOGUE", "UNDER_MEASURES", "VERIFYING"]
    reason: Reason
    verify: VerificationBody | None = None


class DeclineBody(Body):
    """Why the fallback is not started."""

    reason: Reason


class CloseBody(Body):
    """Why the threat is over."""

    reason: Reason


class AnswerBody(Body):
    """An answer to a point of the checklist."""

    answer: Literal["YES", "NO", "PARTLY", "UNKNOWN"]
    note: Annotated[str, Field(max_length=2000, pattern=r"^[^\x00]*$")] = ""


def version_of(if_match: str | None) -> int | None:
    """The version an If-Match names; None where it names none. Raises Invalid."""
    if if_match is None or if_match.strip() == "*":
        return None
    text = if_match.strip().removeprefix("W/").strip('"')
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise Invalid(
            "If-Match does not hold an ETag of ours.", field="If-Match", remedy='Send the ETag you got, as "3".'
        )
    return int(text)


def _done(response: Response, threat_id: str, version: int) -> Done:
    response.headers["etag"] = f'"{version}"'
    return Done(id=threat_id, version=version)


@router.post("/decisions", status_code=201)
async def decide(
    threat_id: Id, body: DecideBody, who: SignedIn, parts: PartsOf, response: Response, if_match: IfMatch = None
) -> Done:
    """Set the level, as a named officer, until a time."""
    level = Level[body.level]
    version = await living.decide_level(
        parts, who, threat_id, level, body.reason, body.expires_at, version=version_of(if_match)
    )
    return _done(response, threat_id, version)


@router.post("/feedback", status_code=201)
async def tell_effect(threat_id: Id, body: FeedbackBody, who: SignedIn, parts: PartsOf, response: Response) -> Done:
    """Tell what the effect was; it answers an open verification."""
    return _done(response, threat_id, await living.tell_effect(parts, who, threat_id, body.outcome, body.evidence))


@router.post("/judgements", status_code=201)
async def judge(threat_id: Id, body: JudgementBody, who: SignedIn, parts: PartsOf, response: Response) -> Done:
    """Wake somebody, on an officer's word."""
    return _done(response, threat_id, await living.judge(parts, who, threat_id, Lane[body.lane], body.reason))


@router.post("/verifications", status_code=201)
async def set_verification(
    threat_id: Id, body: VerificationBody, who: SignedIn, parts: PartsOf, response: Response
) -> Done:
    """Set when the effect must be seen."""
    version = await living.set_verification(parts, who, threat_id, body.due_at, body.fallback)
    return _done(response, threat_id, version)


@router.post("/moves", status_code=201)
async def move(threat_id: Id, body: MoveBody, who: SignedIn, parts: PartsOf, response: Response) -> Done:
    """Move the threat on in its life: into a dialogue that is cleared, under a measure that is made."""
    verify = Verify(body.verify.due_at, body.verify.fallback) if body.verify else None
    version = await living.move(parts, who, threat_id, State(body.state), body.reason, verify)
    return _done(response, threat_id, version)


@router.post("/fallback/start", status_code=201)
async def start_fallback(
    threat_id: Id, body: VerificationBody, who: SignedIn, parts: PartsOf, response: Response
) -> Done:
    """Start the fallback that waits, as a leader; its effect is verified too, and has a fallback of its own."""
    version = await living.start_fallback(parts, who, threat_id, Verify(body.due_at, body.fallback))
    return _done(response, threat_id, version)


@router.post("/fallback/refusal", status_code=201)
async def decline_fallback(threat_id: Id, body: DeclineBody, who: SignedIn, parts: PartsOf, response: Response) -> Done:
    """Say, as a leader, why the fallback that waits is not started."""
    return _done(response, threat_id, await living.decline_fallback(parts, who, threat_id, body.reason))


@router.post("/closure", status_code=201)
async def close(threat_id: Id, body: CloseBody, who: SignedIn, parts: PartsOf, response: Response) -> Done:
    """Close the threat; not while an effect is still to be verified."""
    return _done(response, threat_id, await living.close(parts, who, threat_id, body.reason))


@router.put("/checklist/{point}", status_code=204)
async def answer_checklist(
    threat_id: Id, point: Annotated[int, Path(ge=1, le=8)], body: AnswerBody, who: SignedIn, parts: PartsOf
) -> None:
    """Answer a point of the checklist, by name; earlier answers stay in the timeline."""
    await living.answer_checklist(parts, who, threat_id, point, body.answer, body.note)
