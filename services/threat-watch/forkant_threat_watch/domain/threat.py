"""A threat as it stands: who, at whom, what is known, its level, and what is still unanswered about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from forkant_threat_watch.domain.index import Curve
from forkant_threat_watch.domain.policy import IndexPolicy
from forkant_threat_watch.domain.rules import Fired
from forkant_threat_watch.domain.signals import Signal
from forkant_threat_watch.domain.words import Lane, Level, Outcome, Party, State


@dataclass(frozen=True, slots=True)
class Decision:
    """A level set by a named person, until it expires. `floor` is the level that no person has ever let go of."""

    id: str
    level: Level
    by: str
    reason: str
    decided_at: datetime
    expires_at: datetime
    index: float
    lowers: bool
    floor: Level


@dataclass(frozen=True, slots=True)
class Page:
    """An escalation that is not closed yet, and the rules that are in it."""

    id: str
    lane: Lane
    rules: tuple[str, ...]
    raised_at: datetime
    accepted_by: str | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """A person is asked to look. Once `due_at` has passed unanswered it is overdue and goes to the leader."""

    id: str
    cause: str
    asked_at: datetime
    due_at: datetime
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Verification:
    """When the effect of what was done must be seen, and what is done instead if it is not."""

    id: str
    due_at: datetime
    fallback: str
    set_by: str
    missed: bool = False


@dataclass(frozen=True, slots=True)
class Clearance:
    """A dialogue about the threat may be held until `valid_until`; `excluded` are the actors told to be kept out."""

    id: str
    valid_until: datetime
    alone: bool
    excluded: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fallback:
    """What was agreed on has failed: this is what a leader is to start, and has not."""

    cause: str
    text: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Deadline:
    """At this moment a person is asked to look, because of `cause`, and answers `within` so long."""

    key: str
    cause: str
    at: datetime
    within: timedelta


@dataclass(frozen=True, slots=True)
class Threat:
    """One threat. Only `assessing`, `life` and `watch` make new ones; `version` counts what the store has saved.

    `days` are those of its signals that are calendar days; `assessed_by` is the policy's version at the last look.
    """

    id: str
    opened_at: datetime
    state: State = State.OPEN
    aggressors: tuple[Party, ...] = ()
    targets: tuple[Party, ...] = ()
    signals: tuple[Signal, ...] = ()
    suggested: tuple[Signal, ...] = ()
    days: tuple[Signal, ...] = ()
    level: Level = Level.LOW
    index: float = 0.0
    automatic: Level = Level.LOW
    decision: Decision | None = None
    decision_asked: bool = False
    below_since: datetime | None = None
    lowering_asked: bool = False
    rising_asked: bool = False
    fired: Mapping[str, Fired] = field(default_factory=dict)
    pages: tuple[Page, ...] = ()
    reviews: tuple[Review, ...] = ()
    verification: Verification | None = None
    outcome: Outcome | None = None
    fallback: Fallback | None = None
    clearance: Clearance | None = None
    deadlines: tuple[Deadline, ...] = ()
    next_review_at: datetime | None = None
    crossing_at: datetime | None = None
    due_at: datetime | None = None
    assessed_by: str | None = None
    version: int = 0

    @property
    def open(self) -> bool:
        return self.state not in (State.CLOSED, State.MERGED)

    @property
    def aggressor_keys(self) -> frozenset[str]:
        return frozenset(party.key for party in self.aggressors)

    @property
    def target_keys(self) -> frozenset[str]:
        return frozenset(party.key for party in self.targets)

    def curve(self, policy: IndexPolicy, at: float) -> Curve:
        """The signals that count, ready to be measured from that moment on."""
        return Curve.of(self.signals, policy, at)


_FIELDS = tuple(one.name for one in fields(Threat))
_read = attrgetter(*_FIELDS)
_WRITE = {name: getattr(Threat, name).__set__ for name in _FIELDS}
_WRITE_ALL = tuple(_WRITE.values())


def changed(threat: Threat, **values: Any) -> Threat:
    """What `dataclasses.replace` gives, at less than half its cost: two for each report of a history that is told.

    Raises KeyError for a field that a threat does not have.
    """
    new = object.__new__(Threat)
    for write, value in zip(_WRITE_ALL, _read(threat), strict=True):
        write(new, value)
    for name, value in values.items():
        _WRITE[name](new, value)
    return new
