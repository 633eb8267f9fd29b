"""Calendar entries."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field

from forkant_registry.api.answers import Entries, EntryAnswer, GradingAnswer
from forkant_registry.api.fields import (
    Day,
    GradingBody,
    Id,
    Limit,
    Made,
    MarkedBody,
    OnceOf,
    Origin,
    Purpose,
    Text,
)
from forkant_registry.commands import calendar
from forkant_registry.commands.calendar import EntryWish
from forkant_registry.domain.calendar import Entry, EntryKind
from forkant_shared.errors import NotFound
from forkant_shared.identity import SignedIn
from forkant_shared.service import PartsOf

router = APIRouter(prefix="/registry/v1/calendar-entries", tags=["calendar"])


class EntryBody(MarkedBody):
    """A day that matters, and to whom."""

    kind: EntryKind
    on: Day
    parties: Annotated[list[Id], Field(min_length=1, max_length=50)]
    grading: GradingBody
    origin: Origin
    note: Text | None = None


@router.post("", status_code=201, responses={200: {"description": "Done before with this key"}})
async def record_entry(body: EntryBody, who: SignedIn, parts: PartsOf, once: OnceOf, response: Response) -> Made:
    """Record a day."""
    wish = EntryWish(
        kind=body.kind,
        on=body.on,
        parties=body.parties,
        grading=body.grading.read(),
        origin=body.origin,
        note=body.note,
        marks=body.marks(),
    )
    done = await calendar.record_entry(parts, who, wish, once)
    response.status_code = 200 if done.repeated else 201
    return Made(id=done.answer["id"])


@router.get("")
async def list_entries(
    who: SignedIn,
    parts: PartsOf,
    actor: Id | None = None,
    since: Annotated[Day | None, Query(description="the first day, included")] = None,
    until: Annotated[Day | None, Query(description="the last day, included")] = None,
    after: Annotated[
        str | None,
        Query(
            pattern=r"^\d{4}-\d\d-\d\d:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
            description="`next` of the part before",
        ),
    ] = None,
    limit: Limit = 50,
    purpose: Purpose = None,
) -> Entries:
    """Days in order, of one actor or all."""
    found, following = await calendar.list_entries(
        parts, who, actor_id=actor, since=since, until=until, after=_cursor(after), limit=limit, purpose=purpose
    )
    next_part = f"{following[0]}:{following[1]}" if following else None
    return Entries(items=[_answer(entry) for entry in found], next=next_part)


def _cursor(after: str | None) -> tuple[date, str] | None:
    if after is None:
        return None
    day, _, entry_id = after.partition(":")
    try:
        return date.fromisoformat(day), entry_id
    except ValueError:
        raise NotFound("No part of this list ended there.", field="after", remedy="Send `next` as it came.") from None


def _answer(entry: Entry) -> EntryAnswer:
    return EntryAnswer(
        id=entry.id,
        kind=entry.kind,
        on=entry.on,
        parties=list(entry.parties),
        grading=GradingAnswer.of(entry.grading),
        origin=entry.origin,
        note=entry.note,
        recorded_at=entry.recorded_at,
        recorded_by=entry.recorded_by,
    )
