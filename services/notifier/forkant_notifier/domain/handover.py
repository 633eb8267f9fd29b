"""The report at a change of watch: what stood when the first signed, and that another has taken it over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from forkant_shared.errors import Conflict, Forbidden, Invalid

LONGEST_NOTE = 2000


@dataclass(frozen=True, slots=True)
class PageLine:
    """A page as it stood. `tier` is how high it climbed; accepted at tier 1 is in time."""

    id: str
    code: str
    lane: str
    state: str
    opened_at: datetime
    tier: int
    accepted_at: datetime | None
    accepted_by: str | None

    @property
    def late(self) -> bool:
        """It climbed above the first tier, or nobody has answered it."""
        return self.tier > 1 or (self.accepted_at is None and self.state == "CLOSED")


@dataclass(frozen=True, slots=True)
class FailedLine:
    """How many tries to reach a user on a channel failed or got no answer."""

    channel: str
    user: str
    count: int


@dataclass(frozen=True, slots=True)
class RouteLine:
    """A route that fails, and when it last worked."""

    name: str
    last_good: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What the report tells beside the note. `reviews`: threats a person must look at; None where it is not known."""

    open_pages: Sequence[PageLine]
    late_pages: Sequence[PageLine]
    failed: Sequence[FailedLine]
    routes: Sequence[RouteLine]
    silent: bool
    reports_refused: int
    gaps: int
    not_checked_in: Sequence[str]
    reviews: int | None


@dataclass(frozen=True, slots=True)
class Handover:
    """`given_by` signs first, with a note; `taken_by` signs that it is read. Neither can be changed afterwards."""

    id: str
    since: datetime
    given_at: datetime
    given_by: str
    note: str
    document: Mapping[str, Any]
    taken_at: datetime | None = None
    taken_by: str | None = None


def checked_note(note: str) -> str:
    """The note as it is kept. Raises Invalid for one that is too long; an empty one says that all is said."""
    found = note.strip()
    if len(found) > LONGEST_NOTE:
        raise Invalid(f"A note has at most {LONGEST_NOTE} signs.", field="note", remedy="Shorten it.")
    return found


def take(handover: Handover, by: str, now: datetime) -> Handover:
    """Another signs. Raises Conflict where it is signed, Forbidden for the one who gave it."""
    if handover.taken_by is not None:
        raise Conflict("The report is signed by both already.", field="id")
    if handover.given_by == by:
        raise Forbidden("The one who hands over cannot also take over.", field="id")
    return replace(handover, taken_at=now, taken_by=by)
