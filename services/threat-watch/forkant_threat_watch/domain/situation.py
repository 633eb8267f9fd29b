"""The situation picture: how threats stand in each district, and what of it partners may see.

The partner's numbers keep a person out of reach in four ways. They are few: one for each district and one for each
theme, of the threats opened in a period of weeks. They do not overlap: a threat is counted in one period only, and a
person in one threat of it. They are blurred: two-sided geometric noise (Ghosh, Roughgarden and Sundararajan 2009) is
added before small numbers are taken away and the others rounded. And they are final: what is published is stored and
never counted anew. With `spread` b a person changes the odds of any whole year of pictures by e^(2/b) at most, since
one district and one theme are all that one person can change.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from forkant_threat_watch.domain.words import Level, Party, PartyKind


class Theme(StrEnum):
    """What a threat is about, as far as partners are told."""

    AUTHORITY = "AUTHORITY"
    GROUPS = "GROUPS"
    PERSONS = "PERSONS"


@dataclass(frozen=True, slots=True)
class PartnerRule:
    """How the partners' picture is made. `smallest` and `round_to` are numbers of threats."""

    begins: date
    weeks: int
    delay: timedelta
    spread: float
    smallest: int
    round_to: int
    authority_roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class SituationRules:
    """What the picture goes by; `districts` are codes with their public names."""

    version: str
    districts: Mapping[str, str]
    trend: timedelta
    coming: timedelta
    partner: PartnerRule


@dataclass(frozen=True, slots=True)
class Standing:
    """How one threat stands: its district where its signals name one, its level now and before; None: was not open."""

    district: str | None
    now: Level | None
    before: Level | None


@dataclass(frozen=True, slots=True)
class DistrictLine:
    """One district: open threats by level now and before. `district` None: no signal names a place."""

    district: str | None
    now: Mapping[Level, int]
    before: Mapping[Level, int]

    @property
    def trend(self) -> int:
        """Threats at HIGH or above, now less before."""
        return sum(self.now[level] - self.before[level] for level in (Level.HIGH, Level.CRITICAL))


def by_district(standings: Iterable[Standing], rules: SituationRules) -> list[DistrictLine]:
    """A line for each district of the rules, in their order; one more for threats without a district, if any."""
    now: dict[str | None, Counter[Level]] = {}
    before: dict[str | None, Counter[Level]] = {}
    for one in standings:
        district = one.district if one.district in rules.districts else None
        if one.now is not None:
            now.setdefault(district, Counter())[one.now] += 1
        if one.before is not None:
            before.setdefault(district, Counter())[one.before] += 1
    places: list[str | None] = [*rules.districts]
    if None in now or None in before:
        places.append(None)
    return [_line(place, now.get(place, Counter()), before.get(place, Counter())) for place in places]


def _line(place: str | None, now: Counter[Level], before: Counter[Level]) -> DistrictLine:
    return DistrictLine(place, {level: now[level] for level in Level}, {level: before[level] for level in Level})


# -- what partners see -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Period:
    """Some whole weeks: the first day, and the day after the last."""

    begins: date
    ends: date

    def holds(self, moment: datetime, zone: ZoneInfo) -> bool:
        """Whether this moment lies in the period, by the calendar of `zone`."""
        return self.begins <= moment.astimezone(zone).date() < self.ends


@dataclass(frozen=True, slots=True)
class Opened:
    """One threat that was opened in a period."""

    at: datetime
    district: str | None
    aggressors: Sequence[Party]
    targets: Sequence[Party]


def ripe_periods(rules: PartnerRule, today: date) -> list[Period]:
    """The periods that may be published by `today`, the oldest first."""
    length = timedelta(weeks=rules.weeks)
    found: list[Period] = []
    begins = rules.begins
    while begins + length + rules.delay <= today:
        found.append(Period(begins, begins + length))
        begins += length
    return found


def partner_counts(opened: Sequence[Opened], rules: SituationRules) -> dict[str, int]:
    """The true numbers of a period by cell (`district:<code>`, `theme:<theme>`); for the noise, never for eyes.

    A person stands in one threat of the period only, the first; so no person weighs more than one.
    """
    counts = {f"district:{code}": 0 for code in rules.districts} | {f"theme:{theme}": 0 for theme in Theme}
    seen: set[str] = set()
    for threat in sorted(opened, key=lambda one: one.at):
        persons = {party.key for party in (*threat.aggressors, *threat.targets) if _is_person(party)}
        if persons & seen:
            continue
        seen |= persons
        if threat.district in rules.districts:
            counts[f"district:{threat.district}"] += 1
        counts[f"theme:{theme_of(threat.aggressors, threat.targets, rules.partner.authority_roles)}"] += 1
    return counts


def _is_person(party: Party) -> bool:
    return party.kind in (PartyKind.PERSON, PartyKind.NAME)


def theme_of(aggressors: Sequence[Party], targets: Sequence[Party], authority_roles: Collection[str]) -> Theme:
    """What a threat is about: somebody in office, a matter between groups, or between persons."""
    if any(party.kind is PartyKind.ROLE and party.ref in authority_roles for party in targets):
        return Theme.AUTHORITY
    if any(party.kind is PartyKind.GROUP for party in (*aggressors, *targets)):
        return Theme.GROUPS
    return Theme.PERSONS


def published(counts: Mapping[str, int], rules: PartnerRule, uniform: Callable[[], float]) -> dict[str, int | None]:
    """What partners see of these numbers: blurred, small ones gone (None), the others rounded.

    `uniform` gives numbers in [0, 1) that nobody can guess.
    """
    return {cell: _shown(count + noise(rules.spread, uniform), rules) for cell, count in counts.items()}


def _shown(blurred: int, rules: PartnerRule) -> int | None:
    if blurred < rules.smallest:
        return None
    return rules.round_to * max(1, round(blurred / rules.round_to))


def noise(spread: float, uniform: Callable[[], float]) -> int:
    """Two-sided geometric noise: k with odds proportional to e^(-|k|/spread); the difference of two geometrics."""
    return _geometric(spread, uniform()) - _geometric(spread, uniform())


def _geometric(spread: float, chance: float) -> int:
    return math.floor(-spread * math.log(1.0 - chance))
