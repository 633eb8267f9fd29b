"""Days that matter: court dates, releases, funerals, anniversaries. A day is corrected as a claim is: mark and add."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from forkant_registry.domain.claims import UNMARKED, Marks, checked_origin
from forkant_registry.domain.grading import Grading, Scales
from forkant_registry.domain.values import checked_note
from forkant_shared.errors import Conflict, Invalid
from forkant_shared.events.registry import CalendarEntryRecorded, CalendarEntrySuperseded

EntryKind = Literal["COURT_DATE", "RELEASE", "FUNERAL", "ANNIVERSARY"]
EntryReason = Literal["WRONG", "MOVED", "CANCELLED"]
MOST_PARTIES = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """One day and whom it concerns; graded, as everything else that is said about somebody.

    `superseded_by` is the entry that holds instead, `corrects` the one this holds instead of.
    """

    id: str
    kind: EntryKind
    on: date
    parties: tuple[str, ...]
    grading: Grading
    origin: str
    recorded_at: datetime
    recorded_by: str
    note: str | None = None
    marks: Marks = UNMARKED
    corrects: str | None = None
    superseded_at: datetime | None = None
    superseded_by: str | None = None
    superseded_reason: EntryReason | None = None


@dataclass(frozen=True, slots=True)
class EntryWish:
    """A day somebody wants recorded, before it is checked."""

    kind: EntryKind
    on: date
    parties: Sequence[str]
    grading: Grading
    origin: str
    note: str | None = None
    marks: Marks = UNMARKED


def record_entry(
    wish: EntryWish, *, entry_id: str, scales: Scales, now: datetime, by: str, corrects: str | None = None
) -> tuple[Entry, CalendarEntryRecorded]:
    """A day with 1 to 50 different parties. Raises Invalid that names the field."""
    distinct = tuple(dict.fromkeys(wish.parties))
    if not 1 <= len(distinct) <= MOST_PARTIES:
        raise Invalid(f"A day concerns 1 to {MOST_PARTIES} actors.", field="parties")
    entry = Entry(
        id=entry_id,
        kind=wish.kind,
        on=wish.on,
        parties=distinct,
        grading=scales.check(wish.grading),
        origin=checked_origin(wish.origin),
        recorded_at=now,
        recorded_by=by,
        note=checked_note(wish.note),
        marks=wish.marks,
        corrects=corrects,
    )
    return entry, CalendarEntryRecorded(entry_id=entry.id, kind=entry.kind, on=entry.on, parties=list(distinct))


def supersede_entry(
    entry: Entry, *, reason: EntryReason, replacement: Entry | None, now: datetime
) -> tuple[Entry, CalendarEntrySuperseded]:
    """Mark a day as WRONG, MOVED to another one or CANCELLED.

    Raises Conflict where it was corrected before, Invalid where the reason and the replacement do not fit.
    """
    if entry.superseded_at is not None:
        raise Conflict("This day was corrected before.", remedy="Correct the entry that replaced it.")
    if reason == "MOVED" and replacement is None:
        raise Invalid("What was moved has another day.", field="replacement", remedy="Give the day it was moved to.")
    if reason == "CANCELLED" and replacement is not None:
        raise Invalid(
            "What was called off has no other day.", field="replacement", remedy="Leave it out, or say MOVED."
        )
    marked = replace(
        entry,
        superseded_at=now,
        superseded_by=replacement.id if replacement else None,
        superseded_reason=reason,
    )
    return marked, CalendarEntrySuperseded(entry_id=entry.id, superseded_by=marked.superseded_by)
