"""How a dialogue stands: what each side kept of what it promised, and whether somebody should be in touch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from forkant_meetings.domain.dialogue import Dialogue
from forkant_meetings.domain.promise import Fate, Manner, Promise, Side


@dataclass(frozen=True, slots=True)
class Tally:
    """One side's promises. `excused` are those among `broken` that the other side accepted."""

    open: int = 0
    overdue: int = 0
    kept: int = 0
    broken: int = 0
    excused: int = 0
    lapsed: int = 0

    @property
    def settled(self) -> int:
        """The n behind the share: kept and broken together."""
        return self.kept + self.broken

    @property
    def share_kept(self) -> float | None:
        """kept / (kept + broken), 0 to 1; None where nothing is settled."""
        return self.kept / self.settled if self.settled else None


@dataclass(frozen=True, slots=True)
class Health:
    """One page about a dialogue. Our side first."""

    police: Tally
    counterpart: Tally
    last_contact_at: datetime | None
    next_contact_by: datetime
    overdue: bool


def tally(promises: Iterable[Promise], side: Side, today: date) -> Tally:
    """Count one side's promises."""
    mine = [promise for promise in promises if promise.by is side]
    return Tally(
        open=sum(promise.fate is Fate.OPEN for promise in mine),
        overdue=sum(promise.overdue(today) for promise in mine),
        kept=sum(promise.fate is Fate.KEPT for promise in mine),
        broken=sum(promise.fate is Fate.BROKEN for promise in mine),
        excused=sum(promise.fate is Fate.BROKEN and promise.manner is Manner.EXCUSED for promise in mine),
        lapsed=sum(promise.fate is Fate.LAPSED for promise in mine),
    )


def health(dialogue: Dialogue, police: Tally, counterpart: Tally, now: datetime) -> Health:
    """How the dialogue stands now."""
    return Health(
        police=police,
        counterpart=counterpart,
        last_contact_at=dialogue.last_contact_at,
        next_contact_by=dialogue.next_contact_by,
        overdue=dialogue.overdue(now),
    )


def in_order(promises: Iterable[Promise], today: date) -> list[Promise]:
    """Our broken ones first, then theirs, then what is overdue (ours first), then by day."""
    return sorted(
        promises,
        key=lambda one: (
            one.fate is not Fate.BROKEN,
            not one.overdue(today),
            one.by is not Side.POLICE,
            one.due_on or date.max,
            one.id,
        ),
    )
