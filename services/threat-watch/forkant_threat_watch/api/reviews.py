"""`/threat-watch/v1/reviews`: what a person is asked to look at."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from forkant_shared.errors import Invalid
from forkant_shared.identity import SignedIn
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf
from forkant_threat_watch.api.fields import Id, Limit
from forkant_threat_watch.commands import living, reading
from forkant_threat_watch.domain.words import Level

router = APIRouter(prefix="/threat-watch/v1/reviews", tags=["reviews"])


class ReviewView(BaseModel):
    """A review nobody has answered. `proposed` is the level it may be lowered to."""

    id: str
    threat_id: str | None
    threat_reference: str | None
    cause: str
    asked_at: datetime
    due_at: datetime
    overdue: bool
    proposed: str | None


class ReviewPage(BaseModel):
    """Some reviews, the most urgent first, and where to go on from."""

    items: list[ReviewView]
    next: str | None


class AnswerBody(Body):
    """That a person has looked, and lets things stand."""

    note: Annotated[str, Field(max_length=2000, pattern=r"^[^\x00]*$")] = ""


@router.get("")
async def list_reviews(
    who: SignedIn,
    parts: PartsOf,
    threat: Id | None = None,
    after: Annotated[str | None, Query(max_length=80, description="`next` of the part before")] = None,
    limit: Limit = 50,
) -> ReviewPage:
    """Reviews nobody has answered, the most urgent first."""
    found = await reading.list_reviews(parts, who, threat_id=threat, after=_after(after), limit=limit)
    items = [
        ReviewView(
            id=row.id,
            threat_id=row.threat_id,
            threat_reference=row.reference,
            cause=row.cause,
            asked_at=row.asked_at,
            due_at=row.due_at,
            overdue=row.overdue_at is not None,
            proposed=None if row.proposed is None else Level(row.proposed).name,
        )
        for row in found
    ]
    last = found[-1] if len(found) == limit else None
    return ReviewPage(items=items, next=f"{last.due_at.isoformat()}~{last.id}" if last else None)


def _after(text: str | None) -> tuple[datetime, str] | None:
    if text is None:
        return None
    moment, _, review_id = text.replace(" ", "+").partition("~")
    try:
        found = datetime.fromisoformat(moment)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or len(review_id) != 36:
        raise Invalid("`after` is not one we gave.", field="after", remedy="Send `next` of the part before.")
    return found, review_id


@router.post("/{review_id}/answer", status_code=204)
async def answer_review(review_id: Id, body: AnswerBody, who: SignedIn, parts: PartsOf) -> None:
    """Say that a person has looked."""
    await living.answer_review(parts, who, review_id, body.note)
