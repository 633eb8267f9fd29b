"""A signal: one graded thing a report says about one factor of a threat."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from forkant_threat_watch.domain.grading import Quality
from forkant_threat_watch.domain.words import UNKNOWN, Factor, Party, Source


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal. `strength` and `quality` are 0 to 1; `origin` is who first knew.

    A signal fades from `observed_at` unless it is flat: then it counts in full from `flat_from` to `flat_until`
    (open where None). `event_at` is the end of the day a calendar entry is about. `weighed_by` is the version of the
    policy that its strength and quality are from.
    """

    id: str
    report: str
    factor: Factor
    strength: float
    grade: Quality
    quality: float
    origin: str
    observed_at: datetime
    aggressor: Party = UNKNOWN
    target: Party = UNKNOWN
    source: Source = Source.REPORT
    graded: bool = True
    imminence_hours: float | None = None
    spoken_by_aggressor: bool = False
    own_action: str | None = None
    flat: bool = False
    flat_from: datetime | None = None
    flat_until: datetime | None = None
    event_at: datetime | None = None
    weighed_by: str | None = field(default=None, compare=False)
    since: float = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "since", (self.flat_from or self.observed_at).timestamp())

    @property
    def parties(self) -> tuple[Party, ...]:
        """Those of the two sides that are known."""
        return tuple(party for party in (self.aggressor, self.target) if party.known)

    @property
    def called_off(self) -> bool:
        """Whether it is about a day that was called off or moved before it came."""
        return self.event_at is not None and self.flat_until is not None and self.flat_until < self.event_at

    @property
    def imminent_until(self) -> datetime | None:
        """When what is foretold should have happened, if the report says so."""
        if self.imminence_hours is None:
            return None
        return self.observed_at + timedelta(hours=self.imminence_hours)
