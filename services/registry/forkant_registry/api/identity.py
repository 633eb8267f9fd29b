"""Who is who: judging, approving, revoking, and what was judged."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from forkant_registry.api.fields import Id, Limit, MarkedBody, OnceOf, Purpose, Text
from forkant_registry.commands import identity
from forkant_registry.domain.identity import Judgement, Verdict, Wish
from forkant_shared.identity import SignedIn
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf

router = APIRouter(prefix="/registry/v1", tags=["identity"])


class JudgementBody(MarkedBody):
    """Whether another actor is the same as this one, and what makes you think so."""

    other: Id
    verdict: Verdict
    reason: Text
    score: Annotated[float | None, Field(ge=0, le=1, description="how alike they were, as measured")] = None


class RevocationBody(Body):
    """What you know now."""

    reason: Text


class JudgedAnswer(BaseModel):
    """`state` is STANDS, or WAITS where somebody who sees more has to approve it; who stands for the actor now."""

    id: str
    state: Literal["WAITS", "STANDS", "REVOKED"]
    canonical_id: str


class JudgementAnswer(BaseModel):
    """A judgement with everything that became of it. `actors` are the two it is about, in the order of their ids."""

    id: str
    kind: str
    actors: list[str]
    verdict: str
    state: str
    reason: str
    score: float | None
    handling: str
    compartment: str | None
    judged_at: datetime
    judged_by: str
    needs_approval: bool
    approved_at: datetime | None
    approved_by: str | None
    revoked_at: datetime | None
    revoked_by: str | None
    revoked_because: str | None

    @classmethod
    def of(cls, judgement: Judgement) -> JudgementAnswer:
        same = (
            "id kind verdict state reason score judged_at judged_by needs_approval approved_at approved_by revoked_at "
            "revoked_by revoked_because"
        )
        values: dict[str, Any] = {name: getattr(judgement, name) for name in same.split()}
        return cls(
            **values,
            actors=list(judgement.pair),
            handling=judgement.marks.handling,
            compartment=judgement.marks.compartment,
        )


class Judgements(BaseModel):
    items: list[JudgementAnswer]
    next: str | None


_BEFORE: dict[int | str, dict[str, Any]] = {200: {"description": "Done before with this key"}}


@router.post("/actors/{actor_id}/judgements", status_code=201, responses=_BEFORE)
async def judge(
    actor_id: Id, body: JudgementBody, who: SignedIn, parts: PartsOf, once: OnceOf, response: Response
) -> JudgedAnswer:
    """Say whether two actors are the same. It ties or parts cards, merges none, and can be revoked."""
    wish = Wish(actor_id, body.other, body.verdict, body.reason, body.score, body.marks())
    done = await identity.judge(parts, who, wish, once)
    response.status_code = 200 if done.repeated else 201
    return JudgedAnswer(**done.answer)


@router.get("/actors/{actor_id}/judgements")
async def list_judgements_of(
    actor_id: Id, who: SignedIn, parts: PartsOf, after: Id | None = None, limit: Limit = 50, purpose: Purpose = None
) -> Judgements:
    """Every judgement about an actor in the order they were made, revoked ones with their marks."""
    found, following = await identity.list_judgements(
        parts, who, actor_id=actor_id, waiting=False, after=after, limit=limit, purpose=purpose
    )
    return Judgements(items=[JudgementAnswer.of(one) for one in found], next=following)


@router.get("/judgements")
async def list_judgements(
    who: SignedIn,
    parts: PartsOf,
    state: Annotated[Literal["WAITS"] | None, Query(description="only those that wait for a second person")] = None,
    after: Id | None = None,
    limit: Limit = 50,
    purpose: Purpose = None,
) -> Judgements:
    """Judgements of who is who in the order they were made."""
    found, following = await identity.list_judgements(
        parts, who, actor_id=None, waiting=state == "WAITS", after=after, limit=limit, purpose=purpose
    )
    return Judgements(items=[JudgementAnswer.of(one) for one in found], next=following)


@router.get("/judgements/{judgement_id}")
async def read_judgement(judgement_id: Id, who: SignedIn, parts: PartsOf, purpose: Purpose = None) -> JudgementAnswer:
    """One judgement."""
    return JudgementAnswer.of(await identity.read_judgement(parts, who, judgement_id, purpose))


@router.post("/judgements/{judgement_id}/approvals", status_code=201, responses=_BEFORE)
async def approve(judgement_id: Id, who: SignedIn, parts: PartsOf, once: OnceOf, response: Response) -> JudgedAnswer:
    """Let a judgement of somebody else stand that waits for one who sees all of both sides."""
    done = await identity.approve(parts, who, judgement_id, once)
    response.status_code = 200 if done.repeated else 201
    return JudgedAnswer(**done.answer)


@router.post("/judgements/{judgement_id}/revocations", status_code=201, responses=_BEFORE)
async def revoke(
    judgement_id: Id, body: RevocationBody, who: SignedIn, parts: PartsOf, once: OnceOf, response: Response
) -> JudgedAnswer:
    """Take a judgement back, or turn down one that waits."""
    done = await identity.revoke(parts, who, judgement_id, body.reason, once)
    response.status_code = 200 if done.repeated else 201
    return JudgedAnswer(**done.answer)
