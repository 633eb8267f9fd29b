"""Calendar entries."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from forkant_registry.api.answers import GradingAnswer
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
from forkant_registry.domain.calendar import Entry, EntryKind, EntryReason, EntryWish
from forkant_shared.errors import NotFound
from forkant_shared.identity import SignedIn
from forkant_shared.problems import Body
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

    def wish(self) -> EntryWish:
        return EntryWish(
            kind=self.kind,
            on=self.on,
            parties=self.parties,
            grading=self.grading.read(),
            origin=self.origin,
            note=self.note,
            marks=self.marks(),
        )


# What was moved has another day, what was called off has none.
REPLACED: dict[str, JsonValue] = {
    "allOf": [
        {
            "if": {"properties": {"reason": {"const": "MOVED"}}},
            "then": {"required": ["replacement"], "properties": {"replacement": {"type": "object"}}},
        },
        {
            "if": {"properties": {"reason": {"const": "CANCELLED"}}},
            "then": {"properties": {"replacement": {"type": "null"}}},
        },
    ]
}


class EntryCorrectionBody(Body):
    """Why a day does not hold, and which one does instead."""

    model_config = ConfigDict(json_schema_extra=REPLACED)

    reason: EntryReason
    replacement: EntryBody | None = None


class EntryCorrected(Body):
    """The entry that holds instead, if any."""

    id: str | None


class EntryAnswer(BaseModel):
    """A day that matters; `parties` are those the reader may know of, `superseded_by` the entry that holds instead."""

    id: str
    kind: str
    on: date
    parties: list[str]
    grading: GradingAnswer
    origin: str
    note: str | None
    handling: str
    compartment: str | None
    recorded_at: datetime
    recorded_by: str
    corrects: str | None
    superseded_at: datetime | None
    superseded_by: str | None
    superseded_reason: str | None

    @classmethod
    def of(cls, entry: Entry) -> EntryAnswer:
        same = "id kind on origin note recorded_at recorded_by corrects superseded_at superseded_by superseded_reason"
        values: dict[str, Any] = {name: getattr(entry, name) for name in same.split()}
        return cls(
            **values,
            parties=list(entry.parties),
            grading=GradingAnswer.of(entry.grading),
            handling=entry.marks.handling,
            compartment=entry.marks.compartment,
        )


class Entries(BaseModel):
    items: list[EntryAnswer]
    next: str | None


@router.post("", status_code=201, responses={200: {"description": "Done before with this key"}})
async def record_entry(body: EntryBody, who: SignedIn, parts: PartsOf, once: OnceOf, response: Response) -> Made:
    """Record a day."""
    done = await calendar.record_entry(parts, who, body.wish(), once)
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
    """Days that stand, in order, of one actor or all."""
    found, following = await calendar.list_entries(
        parts, who, actor_id=actor, since=since, until=until, after=_cursor(after), limit=limit, purpose=purpose
    )
    next_part = f"{following[0]}:{following[1]}" if following else None
    return Entries(items=[EntryAnswer.of(entry) for entry in found], next=next_part)


@router.get("/{entry_id}")
async def read_entry(entry_id: Id, who: SignedIn, parts: PartsOf, purpose: Purpose = None) -> EntryAnswer:
    """One day, also one that was corrected."""
    return EntryAnswer.of(await calendar.read_entry(parts, who, entry_id, purpose))


@router.post("/{entry_id}/corrections", status_code=201, responses={200: {"description": "Done before with this key"}})
async def correct_entry(
    entry_id: Id, body: EntryCorrectionBody, who: SignedIn, parts: PartsOf, once: OnceOf, response: Response
) -> EntryCorrected:
    """Correct, move or call off a day: the old entry is marked and stays, the new one is added."""
    replacement = body.replacement.wish() if body.replacement else None
    done = await calendar.correct_entry(parts, who, entry_id, body.reason, replacement, once)
    response.status_code = 200 if done.repeated else 201
    return EntryCorrected(id=done.answer["id"])


def _cursor(after: str | None) -> tuple[date, str] | None:
    if after is None:
        return None
    day, _, entry_id = after.partition(":")
    try:
        return date.fromisoformat(day), entry_id
    except ValueError:
        raise NotFound("No part of this list ended there.", field="after", remedy="Send `next` as it came.") from None
