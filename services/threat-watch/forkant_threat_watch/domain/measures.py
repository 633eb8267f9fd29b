"""Measures against a threat: in proportion to its level, with an owner and an end, brought to whom they concern."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from forkant_shared.errors import Conflict, Invalid, Stale
from forkant_threat_watch.domain import clocks
from forkant_threat_watch.domain.followup import MeasureKind, MeasureRules, Proportion
from forkant_threat_watch.domain.threat import Deadline, Threat
from forkant_threat_watch.domain.words import Level

EXPIRES = "measure-expires"
DISPROPORTIONATE = "measure-disproportionate"


class Standing(StrEnum):
    """Where a measure is between its beginning and its end. EXPIRED: it has run out and nobody has said how it went."""

    PLANNED = "PLANNED"
    RUNNING = "RUNNING"
    EXPIRED = "EXPIRED"
    ENDED = "ENDED"


@dataclass(frozen=True, slots=True)
class Wish:
    """A measure as somebody wants it. `toward` is the key of a party of the threat, where it concerns one."""

    kind: MeasureKind
    what: str
    owner: str
    starts_at: datetime
    expires_at: datetime
    toward: str | None = None
    because: str | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """That a measure was brought to whom it concerns, or why it was not (`not_because`); the last word holds."""

    served: bool
    by: str
    at: datetime
    not_because: str | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """Who ended a measure, and why."""

    by: str
    at: datetime
    because: str


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure. `level` is the threat's when it was made, `outside` that it was out of proportion to that then."""

    id: str
    threat: str
    wish: Wish
    made_by: str
    made_at: datetime
    level: Level
    table_version: str
    outside: bool
    service: Service | None = None
    ending: Ending | None = None
    version: int = 1

    def standing(self, now: datetime) -> Standing:
        """Where it is at this moment."""
        if self.ending is not None:
            return Standing.ENDED
        if now >= self.wish.expires_at:
            return Standing.EXPIRED
        return Standing.PLANNED if now < self.wish.starts_at else Standing.RUNNING

    def acts(self, now: datetime) -> bool:
        """Whether it is planned or running."""
        return self.standing(now) in (Standing.PLANNED, Standing.RUNNING)


def outside(kind: MeasureKind, lasts: Wish | None, level: Level, rules: MeasureRules) -> bool:
    """Whether the table does not have this kind at this level, or not for so long."""
    row = rules.kinds[kind]
    too_long = lasts is not None and lasts.expires_at - lasts.starts_at > row.longest
    return level < row.from_level or too_long


def make(
    threat: Threat, wish: Wish, measure_id: str, by: str, table_version: str, rules: MeasureRules, now: datetime
) -> tuple[Threat, Measure]:
    """Begin a measure; before it runs out a person is asked. Raises Invalid for a wish that is wrong or unreasoned."""
    if not wish.what.strip():
        raise Invalid("A measure says what is done.", field="what", remedy="Write what is done.")
    if wish.expires_at <= max(now, wish.starts_at):
        raise Invalid("A measure runs out after it begins.", field="expires_at", remedy="Choose a later time.")
    if wish.toward is not None and wish.toward not in threat.aggressor_keys | threat.target_keys:
        raise Invalid("The threat has no such party.", field="toward", remedy="Name a party of the threat.")
    beyond = outside(wish.kind, wish, threat.level, rules)
    if beyond and not (wish.because or "").strip():
        raise Invalid(
            "The measure is out of proportion to the threat's level, or longer than the table has it.",
            field="because",
            remedy="Write why it is needed all the same, or choose another.",
        )
    because = wish.because if beyond else None
    made = Measure(
        measure_id, threat.id, replace(wish, because=because), by, now, threat.level, table_version, outside=beyond
    )
    return clocks.set_deadline(threat, deadline(made, rules, now)), made


def deadline(measure: Measure, rules: MeasureRules, now: datetime) -> Deadline:
    """When a person is asked what comes after it."""
    at = max(now, measure.wish.expires_at - rules.ask_before)
    return Deadline(key_of(measure.id), EXPIRES, at, rules.answer_within)


def key_of(measure_id: str) -> str:
    """The key of a measure's deadline."""
    return f"measure:{measure_id}"


def serve(measure: Measure, service: Service, row: Proportion, now: datetime) -> Measure:
    """Say that it was brought to whom it concerns, or why it was not."""
    _not_ended(measure)
    if not row.served:
        raise Invalid("This kind of measure is served on nobody.", field="served", remedy="Leave it out.")
    if measure.service is not None and measure.service.served:
        raise Conflict("It has been served already.", field="served", remedy="Read the measure again.")
    if service.at > now:
        raise Invalid("What is served has happened.", field="at", remedy="Send when it was served.")
    if not service.served and not (service.not_because or "").strip():
        raise Invalid("Not served needs a because.", field="not_because", remedy="Write why it was not served.")
    return replace(measure, service=service, version=measure.version + 1)


def end(threat: Threat, measure: Measure, ending: Ending, row: Proportion) -> tuple[Threat, Measure]:
    """End it, with a reason. What is to be served and is not ends only with its not served because."""
    _not_ended(measure)
    if not ending.because.strip():
        raise Invalid("A measure ends with a reason.", field="reason", remedy="Write how it went, or why it ends.")
    if row.served and measure.service is None:
        raise Conflict("Nobody has said whether it was served.", field="served", remedy="Say so, or why it was not.")
    ended = replace(measure, ending=ending, version=measure.version + 1)
    return clocks.without(threat, key_of(measure.id)), ended


def _not_ended(measure: Measure) -> None:
    if measure.ending is not None:
        raise Conflict("The measure has ended.", field="measure", remedy="Begin another one.")


def on_version(measure: Measure, version: int | None) -> None:
    """Raise Stale where somebody decides on another version of the measure than the one that stands."""
    if version is not None and measure.version != version:
        raise Stale("The measure was changed by somebody else.", field="If-Match", remedy="Read it again.")


def disproportionate(measures: Iterable[Measure], level: Level, rules: MeasureRules, now: datetime) -> list[Measure]:
    """Those that still act though the table does not have their kind at this level any more."""
    return [one for one in measures if one.acts(now) and level < rules.kinds[one.wish.kind].from_level]
