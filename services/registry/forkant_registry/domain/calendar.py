"""Days that matter: court dates, releases, funerals, anniversaries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from forkant_registry.domain.claims import UNMARKED, Marks, checked_origin
from forkant_registry.domain.grading import Grading, Scales
from forkant_registry.domain.values import checked_note
from forkant_shared.errors import Invalid
from forkant_shared.events.registry import CalendarEntryRecorded

EntryKind = Literal["COURT_DATE", "RELEASE", "FUNERAL", "ANNIVERSARY"]
MOST_PARTIES = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """One day and whom it concerns; graded, as everything else that is said about somebody."""

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


def record_entry(
    kind: EntryKind,
    on: date,
    parties: Sequence[str],
    *,
    grading: Grading,
    origin: str,
    note: str | None,
    marks: Marks,
    new_id: Callable[[], str],
    scales: Scales,
    now: datetime,
    by: str,
) -> tuple[Entry, CalendarEntryRecorded]:
    """A day with 1 to 50 different parties. Raises Invalid that names the field."""
    distinct = tuple(dict.fromkeys(parties))
    if not 1 <= len(distinct) <= MOST_PARTIES:
        raise Invalid(f"A day concerns 1 to {MOST_PARTIES} actors.", field="parties")
    entry = Entry(
        id=new_id(),
        kind=kind,
        on=on,
        parties=distinct,
        grading=scales.check(grading),
        origin=checked_origin(origin),
        recorded_at=now,
        recorded_by=by,
        note=checked_note(note),
        marks=marks,
    )
    event = CalendarEntryRecorded(entry_id=entry.id, kind=kind, on=on, parties=list(distinct))
    return entry, event
