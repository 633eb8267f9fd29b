"""Claims: recording, correcting, reading them all."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import ConfigDict, Field, StringConstraints

from forkant_registry.api.answers import ClaimAnswer, Claims
from forkant_registry.api.fields import (
    GradingBody,
    Id,
    Limit,
    Made,
    MarkedBody,
    Moment,
    OnceOf,
    Origin,
    Purpose,
    ReportReference,
    Text,
)
from forkant_registry.commands import claims, reading
from forkant_registry.domain.claims import Kind, Reason, Target, Wish
from forkant_registry.settings import reference_documents
from forkant_shared.identity import SignedIn
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf

router = APIRouter(prefix="/registry/v1", tags=["claims"])

Code = Annotated[str, StringConstraints(min_length=1, max_length=40)]


class ObjectBody(Body):
    """The actor a claim points at."""

    kind: Literal["PERSON", "GROUP"]
    id: Id


def _predicates(schema: dict[str, Any]) -> None:
    """Every predicate there is, from the file they are read from."""
    schema["properties"]["predicate"]["enum"] = sorted(reference_documents()["predicates"]["predicates"])


class ClaimBody(MarkedBody):
    """A statement about an actor; the predicate says whether it takes an object, a value or both."""

    model_config = ConfigDict(json_schema_extra=_predicates)

    predicate: Code
    object: ObjectBody | None = None
    value: Annotated[str, StringConstraints(min_length=1, max_length=2000)] | None = None
    qualifiers: dict[Code, list[Code]] = Field(default_factory=dict, max_length=10)
    kind: Kind
    verified: bool
    grading: GradingBody
    origin: Origin
    observed_at: Moment
    valid_from: Moment | None = None
    valid_to: Moment | None = None
    report: ReportReference | None = None
    note: Text | None = None

    def wish(self) -> Wish:
        return Wish(
            predicate=self.predicate,
            grading=self.grading.read(),
            origin=self.origin,
            observed_at=self.observed_at,
            object=Target(self.object.kind, self.object.id) if self.object else None,
            value=self.value,
            kind=self.kind,
            verified=self.verified,
            qualifiers=self.qualifiers,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
            report=self.report,
            note=self.note,
            marks=self.marks(),
        )


class CorrectionBody(Body):
    """Why a claim does not stand, and what is right instead, if that is known."""

    reason: Reason
    replacement: ClaimBody | None = None


class Corrected(Body):
    """The claim that stands instead, if any."""

    id: str | None


@router.post(
    "/actors/{actor_id}/claims", status_code=201, responses={200: {"description": "Done before with this key"}}
)
async def record_claim(
    actor_id: Id, body: ClaimBody, who: SignedIn, parts: PartsOf, once: OnceOf, response: Response
) -> Made:
    """Say something about an actor."""
    done = await claims.record_claim(parts, who, actor_id, body.wish(), once)
    response.status_code = 200 if done.repeated else 201
    return Made(id=done.answer["id"])


@router.get("/actors/{actor_id}/claims")
async def list_claims(
    actor_id: Id, who: SignedIn, parts: PartsOf, after: Id | None = None, limit: Limit = 50, purpose: Purpose = None
) -> Claims:
    """Every claim about an actor in the order they were recorded, corrected ones with their marks."""
    found, following = await reading.list_claims(parts, who, actor_id, after=after, limit=limit, purpose=purpose)
    return Claims(items=[ClaimAnswer.of(claim) for claim in found], next=following)


@router.post(
    "/claims/{claim_id}/corrections", status_code=201, responses={200: {"description": "Done before with this key"}}
)
async def correct_claim(
    claim_id: Id, body: CorrectionBody, who: SignedIn, parts: PartsOf, once: OnceOf, response: Response
) -> Corrected:
    """Correct a claim: the old one is marked and stays, the new one is added."""
    replacement = body.replacement.wish() if body.replacement else None
    done = await claims.correct_claim(parts, who, claim_id, body.reason, replacement, once)
    response.status_code = 200 if done.repeated else 201
    return Corrected(id=done.answer["id"])
