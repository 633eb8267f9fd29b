"""What the engine says after each step, for the store to keep, the bus to carry and a replay to print."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from forkant_threat_watch.domain.index import Reading
from forkant_threat_watch.domain.words import Lane, Level


@dataclass(frozen=True, slots=True)
class Opened:
    """A threat is there that was not there before."""

    threat: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Assessed:
    """The threat was measured. `held_by` says why the automatic level is lower than the index alone would give."""

    threat: str
    at: datetime
    level: Level
    automatic: Level
    reading: Reading
    gate: str | None
    cause: str


@dataclass(frozen=True, slots=True)
class Paged:
    """A page goes out. `replaces` is the page it takes over from; `leader` that the duty leader gets it too."""

    id: str
    threat: str
    at: datetime
    lane: Lane
    rules: tuple[str, ...]
    reason: str
    leader: bool
    excluded: tuple[str, ...]
    replaces: str | None
    level: Level
    index: float


@dataclass(frozen=True, slots=True)
class Updated:
    """A rule fired under a page that is still unclosed: no new ringing, a line in its timeline."""

    page: str
    threat: str
    at: datetime
    rules: tuple[str, ...]
    level: Level
    index: float


@dataclass(frozen=True, slots=True)
class ReviewAsked:
    """A person is asked to look. `threat` is None for what concerns groups before there is a threat."""

    id: str
    threat: str | None
    at: datetime
    cause: str
    due_at: datetime
    rule: str | None = None
    subjects: tuple[str, ...] = ()
    proposed: Level | None = None


@dataclass(frozen=True, slots=True)
class ReviewOverdue:
    """A review was not answered in time: the leader sees it."""

    id: str
    threat: str
    at: datetime
    cause: str


@dataclass(frozen=True, slots=True)
class FallbackAsked:
    """What was agreed on did not hold: the alternative is put before the leader."""

    threat: str
    at: datetime
    cause: str
    text: str


@dataclass(frozen=True, slots=True)
class DecisionEnded:
    """A person's level no longer applies: EXPIRED, OVERTAKEN by evidence, or REPLACED by another decision."""

    decision: str
    threat: str
    at: datetime
    cause: str


@dataclass(frozen=True, slots=True)
class Cleared:
    """A dialogue about the threat may be held until `valid_until`, but not by those `excluded`. `again`: it was said
    before, and more are kept out now."""

    clearance: str
    threat: str
    at: datetime
    valid_until: datetime
    excluded: tuple[str, ...]
    again: bool = False


@dataclass(frozen=True, slots=True)
class ClearanceEnded:
    """No dialogue about the threat any more: EXPIRED, WITHDRAWN by a person, or because of what has changed."""

    clearance: str
    threat: str
    at: datetime
    cause: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The threat is over, by a named person's word."""

    threat: str
    at: datetime
    by: str
    pages: tuple[str, ...]


Said = (
    Opened
    | Assessed
    | Paged
    | Updated
    | ReviewAsked
    | ReviewOverdue
    | FallbackAsked
    | DecisionEnded
    | Cleared
    | ClearanceEnded
    | Closed
)
