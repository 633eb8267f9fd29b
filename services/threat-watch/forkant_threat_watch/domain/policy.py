"""The policy: every number the engine uses, under one version and one signature. `policy_document` reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from forkant_threat_watch.domain.grading import GradingTables
from forkant_threat_watch.domain.rules import Rule
from forkant_threat_watch.domain.words import Channel, Factor, Level, Outcome


@dataclass(frozen=True, slots=True)
class IndexPolicy:
    """The formula's numbers. `fade_power` is 1/delta; `fade_seconds` is tau."""

    prior_odds: float
    weights: Mapping[Factor, float]
    fade_seconds: Mapping[Factor, float]
    fade_power: float
    signal_cap: float
    weak_quality: float
    weak_cap: float
    own_words_cap: float
    precision_seconds: float
    horizon_seconds: float


@dataclass(frozen=True, slots=True)
class LevelPolicy:
    """Where the levels begin (index), and what an automatic level may do.

    From `gate_from` up, at least `min_origins` and `min_factors` must support it, else it stays `gate_else`. A level is
    proposed lowered when the index has been `hysteresis` below where it began for `hysteresis_for`. After a person has
    lowered, evidence raises again once the index has passed the index at the decision by `overtaken_by`.
    """

    moderate: float
    high: float
    critical: float
    gate_from: Level
    gate_else: Level
    min_origins: int
    min_factors: int
    hysteresis: float
    hysteresis_for: timedelta
    overtaken_by: float


@dataclass(frozen=True, slots=True)
class FeedbackPolicy:
    """What an officer's word on the effect counts: a BUFFER signal of one origin. `falls_back` asks for a fallback.

    `verify_within` is when the form suggests to verify the effect.
    """

    origin: str
    quality: float
    strengths: Mapping[Outcome, float]
    falls_back: frozenset[Outcome]
    verify_within: timedelta


@dataclass(frozen=True, slots=True)
class CalendarPolicy:
    """What a day that matters counts, and from how long before to how long after."""

    factor: Factor
    strength: float
    quality: float
    before: timedelta
    after: timedelta


@dataclass(frozen=True, slots=True)
class ConflictSignal:
    """What a conflict (or a peace) between two groups counts while it lasts."""

    factor: Factor
    strength: float


@dataclass(frozen=True, slots=True)
class JoiningPolicy:
    """What opens a threat, what counts in every threat by the same group, and which edges link one party to another."""

    opens: frozenset[Factor]
    context: frozenset[Factor]
    opens_unidentified_within_hours: float
    aggressors_through: frozenset[str]
    targets_through: frozenset[str]
    rejoin_seconds: float


@dataclass(frozen=True, slots=True)
class Cadence:
    """When a level is looked at again: at hours of the local day, or every so many days; answered within."""

    at: tuple[time, ...]
    every: timedelta | None
    answer_within: timedelta


@dataclass(frozen=True, slots=True)
class ReviewPolicy:
    """How often each level is reviewed, and how long a review that something else asked for may take."""

    cadence: Mapping[Level, Cadence]
    answer_within: timedelta


@dataclass(frozen=True, slots=True)
class DecisionPolicy:
    """A person's level lasts at most `longest`, is asked about `ask_before` it runs out; `suggested` fills the form."""

    longest: timedelta
    ask_before: timedelta
    suggested: timedelta


@dataclass(frozen=True, slots=True)
class ReportPolicy:
    """What may come in not graded yet, how far in the future an event may lie, and the duty to check each report."""

    ungraded_from: frozenset[Channel]
    future_tolerance: timedelta
    relevance_check_after: timedelta


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything the engine goes by."""

    version: str
    signed_by: str
    signed_on: date
    timezone: ZoneInfo
    index: IndexPolicy
    levels: LevelPolicy
    strengths: Mapping[str, float]
    grading: GradingTables
    feedback: FeedbackPolicy
    calendar: CalendarPolicy
    conflicts: Mapping[str, ConflictSignal]
    joining: JoiningPolicy
    reviews: ReviewPolicy
    decisions: DecisionPolicy
    reports: ReportPolicy
    rules: tuple[Rule, ...]
    example_parties: Mapping[str, Mapping[str, object]]

    def rule(self, rule_id: str) -> Rule:
        """The rule of that id; a KeyError says that the policy has none."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise KeyError(rule_id)
