"""Rules beside the index: what rings a phone, or asks a person, whatever the index says.

A rule is data. Something happens to a threat (a signal comes in, the level rises, a promise is broken); the rules
that `require` such a happening are looked at, with the threat's other signals of the same timespan, and those that
hold fire.
A happening made by the engine itself never feeds a rule about signals: an echo of our own voice is not evidence.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain

from forkant_threat_watch.domain.signals import Signal
from forkant_threat_watch.domain.words import Factor, Lane, Level


class Kind(StrEnum):
    """What may happen to a threat, or to somebody before there is one."""

    SIGNAL = "SIGNAL"
    LEVEL_ROSE = "LEVEL_ROSE"
    CALENDAR_NEAR = "CALENDAR_NEAR"
    CALENDAR_ENTRY = "CALENDAR_ENTRY"
    PROMISE_BROKEN = "PROMISE_BROKEN"
    EFFECT_MISSING = "EFFECT_MISSING"
    DECISION_EXPIRED = "DECISION_EXPIRED"
    LOWERING_OVERTAKEN = "LOWERING_OVERTAKEN"
    OFFICER_SAYS = "OFFICER_SAYS"
    PAGE = "PAGE"


class Then(StrEnum):
    """What a rule does when it fires."""

    PAGE = "PAGE"
    REVIEW = "REVIEW"
    TASK = "TASK"
    LEADER = "LEADER"


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened. `origin` is what "once per origin" means for it; `lane` is what an officer chose."""

    kind: Kind
    origin: str
    signal: Signal | None = None
    level: Level | None = None
    lane: Lane | None = None
    conflicts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold. Everything that is set must be met; `happening` says by what kind of thing."""

    happening: Kind = Kind.SIGNAL
    factor: Factor | None = None
    min_strength: float | None = None
    min_quality: float | None = None
    below_quality: float | None = None
    within_hours: float | None = None
    identifiable: bool | None = None
    own_action: frozenset[str] = frozenset()
    level: frozenset[Level] = frozenset()
    min_level: Level | None = None
    conflict: frozenset[str] = frozenset()
    target_roles: frozenset[str] = frozenset()
    target_family_roles: frozenset[str] = frozenset()
    target_family: bool | None = None


@dataclass(frozen=True, slots=True)
class Lift:
    """An optional condition: when it holds as well, the page goes out in this lane."""

    when: Condition
    lane: Lane


@dataclass(frozen=True, slots=True)
class Example:
    """A short story told with a scenario's own steps."""

    steps: tuple[Mapping[str, object], ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the policy. `lane` None means that an officer chooses it, or that no page goes out.

    `guide` is what to think of, by language.
    `rings_anew`: also rings while a page of the same lane is unclosed. `quiet`: for so long after the threat has rung
    in this lane or a graver one it asks for a review instead. `fallback`: also puts the fallback before the leader.
    `reason` is the code that the page carries.
    """

    id: str
    version: int
    then: Then
    require: tuple[Condition, ...]
    guide: Mapping[str, str]
    optional: tuple[Lift, ...] = ()
    absence: tuple[Condition, ...] = ()
    group_by: tuple[str, ...] = ("threat", "origin")
    timespan: timedelta | None = None
    min_origins: int = 1
    min_quality: float | None = None
    lane: Lane | None = None
    reason: str = ""
    rings_anew: bool = False
    quiet: timedelta | None = None
    fallback: bool = False
    answer_within: timedelta | None = None
    positive: tuple[Example, ...] = ()
    negative: tuple[Example, ...] = ()
    echo: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a rule may see of a threat beside the happening itself.

    `target_family_roles` are the roles that the targets' families hold; `target_family`: two targets are one family.
    """

    level: Level
    signals: Sequence[Signal]
    target_roles: Collection[str] = ()
    target_family_roles: Collection[str] = ()
    target_family: bool = False


@dataclass(frozen=True, slots=True)
class Fired:
    """That a rule has fired before: in which lane, and until when what was foretold should have happened."""

    lane: Lane | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Firing:
    """A rule that holds now."""

    rule: Rule
    happening: Happening
    lane: Lane | None

    @property
    def key(self) -> str:
        """What it fires once for."""
        return f"{self.rule.id}|{self.happening.origin if 'origin' in self.rule.group_by else ''}"

    @property
    def alone(self) -> bool:
        """Whether it is about the ones concerned and not about any one threat."""
        return "threat" not in self.rule.group_by

    @property
    def mark(self) -> Fired:
        """What is remembered of it."""
        return Fired(self.lane, self.happening.signal.imminent_until if self.happening.signal else None)

    def repeats(self, before: Fired | None) -> bool:
        """Whether it says nothing new: it has fired before in this lane or a graver one.

        A new occasion is new: what the origin foretold should be over by now, and it foretells again.
        """
        if before is None or (self.lane or 0) > (before.lane or 0):
            return False
        signal = self.happening.signal
        new_occasion = (
            signal is not None
            and signal.imminence_hours is not None
            and before.until is not None
            and signal.observed_at > before.until
        )
        return not new_occasion


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The rules by what sets them off, so that a happening only meets those that may answer it."""

    rules: tuple[Rule, ...]
    by_kind: Mapping[Kind, tuple[Rule, ...]] = field(init=False)
    day_near: timedelta = field(init=False)

    def __post_init__(self) -> None:
        kinds = {
            kind: tuple(rule for rule in self.rules if any(c.happening is kind for c in rule.require)) for kind in Kind
        }
        object.__setattr__(self, "by_kind", kinds)
        # From how long before a day that matters the rules look at it.
        near = max((rule.timespan for rule in kinds[Kind.CALENDAR_NEAR] if rule.timespan), default=timedelta())
        object.__setattr__(self, "day_near", near)

    def firings(self, happening: Happening, around: Surroundings, now: datetime) -> list[Firing]:
        """The rules this happening sets off, in the policy's order."""
        return [
            Firing(rule, happening, lane_of(rule, happening, around))
            for rule in self.by_kind[happening.kind]
            if holds(rule, happening, around, now)
        ]


def holds(rule: Rule, happening: Happening, around: Surroundings, now: datetime) -> bool:
    """Whether the happening meets one of what the rule requires, and the threat's signals the rest."""
    if not any(meets(condition, happening, around, rule) for condition in rule.require):
        return False
    if len(rule.require) == 1 and rule.min_origins == 1 and not rule.absence:
        return True
    recent = chain((happening,), _recent(rule, around, now))
    unmet = list(rule.require)
    origins: set[str] = set()
    for h in recent:
        met = [condition for condition in rule.require if meets(condition, h, around, rule)]
        if met:
            origins.add(h.origin)
            unmet = [condition for condition in unmet if condition not in met]
        if not rule.absence and not unmet and len(origins) >= rule.min_origins:
            return True
    return (
        not unmet
        and len(origins) >= rule.min_origins
        and not any(meets(c, h, around, rule) for h in _recent(rule, around, now) for c in rule.absence)
    )


def _recent(rule: Rule, around: Surroundings, now: datetime) -> Iterator[Happening]:
    """The threat's signals of the rule's timespan as happenings, the newest received first."""
    since = now - rule.timespan if rule.timespan else None
    for signal in reversed(around.signals):
        if since is None or since < signal.observed_at:
            yield Happening(Kind.SIGNAL, signal.origin, signal)


def lane_of(rule: Rule, happening: Happening, around: Surroundings) -> Lane | None:
    """The lane a page by this rule goes out in: what the officer chose, or the rule's own, lifted where it says so."""
    lanes = [lift.lane for lift in rule.optional if meets(lift.when, happening, around, rule)]
    if rule.lane is None and happening.lane is not None:
        lanes.append(happening.lane)
    if rule.lane is not None:
        lanes.append(rule.lane)
    return max(lanes, default=None)


def meets(condition: Condition, happening: Happening, around: Surroundings, rule: Rule) -> bool:
    """Whether everything the condition sets is so."""
    if condition.happening is not happening.kind:
        return False
    signal = happening.signal
    if signal is None:
        return _meets_threat(condition, happening, around)
    if condition.factor is not None:
        if signal.factor is not condition.factor:
            return False
    elif signal.factor is Factor.BUFFER:
        return False
    hours = signal.imminence_hours
    least = max(condition.min_quality or 0.0, rule.min_quality or 0.0)
    return (
        signal.quality >= least
        and (condition.below_quality is None or signal.quality < condition.below_quality)
        and (condition.min_strength is None or signal.strength >= condition.min_strength)
        and (condition.within_hours is None or (hours is not None and hours <= condition.within_hours))
        and (condition.identifiable is None or condition.identifiable == _identifiable(signal))
        and (not condition.own_action or signal.own_action in condition.own_action)
        and _meets_threat(condition, happening, around)
    )


def _identifiable(signal: Signal) -> bool:
    return signal.aggressor.identifiable or signal.target.identifiable


def _meets_threat(condition: Condition, happening: Happening, around: Surroundings) -> bool:
    level = around.level if happening.level is None else happening.level
    return (
        (not condition.level or level in condition.level)
        and (condition.min_level is None or level >= condition.min_level)
        and (not condition.conflict or not condition.conflict.isdisjoint(happening.conflicts))
        and (not condition.target_roles or not condition.target_roles.isdisjoint(around.target_roles))
        and (
            not condition.target_family_roles
            or not condition.target_family_roles.isdisjoint(around.target_family_roles)
        )
        and (condition.target_family is None or condition.target_family == around.target_family)
    )
