"""How fast the chain is, week by week: to the carrier, to the receipt, to a human. Never by person."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from forkant_notifier.domain.lanes import URGENCY, Lane


class Measure(StrEnum):
    """SUBMIT: due → the carrier has it. RECEIPT: due → delivered. HUMAN: page opened → the first acceptance."""

    SUBMIT = "SUBMIT"
    RECEIPT = "RECEIPT"
    HUMAN = "HUMAN"


@dataclass(frozen=True, slots=True)
class Sample:
    """One time taken, in the week of `at`; `route` is None for a human, who may have answered by any."""

    measure: Measure
    lane: Lane
    route: str | None
    at: datetime
    seconds: float


@dataclass(frozen=True, slots=True)
class Week:
    """The week that begins on this Monday. Without samples there is no median and no p95 (seconds)."""

    begins: date
    count: int
    median: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class Series:
    """One measure of one lane (and route) in every week asked for, oldest first."""

    measure: Measure
    lane: Lane
    route: str | None
    weeks: tuple[Week, ...]


def mondays(now: datetime, count: int, zone: ZoneInfo) -> tuple[date, ...]:
    """The Mondays of the last `count` weeks, oldest first; the last is this week's."""
    today = now.astimezone(zone).date()
    this = today - timedelta(days=today.weekday())
    return tuple(this - timedelta(weeks=back) for back in reversed(range(count)))


def by_week(samples: Iterable[Sample], weeks: Sequence[date], zone: ZoneInfo) -> list[Series]:
    """Every combination that has a sample, with all the weeks; a week without any stands there empty."""
    found: dict[tuple[Measure, Lane, str | None], dict[date, list[float]]] = defaultdict(lambda: defaultdict(list))
    for sample in samples:
        day = sample.at.astimezone(zone).date()
        monday = day - timedelta(days=day.weekday())
        found[sample.measure, sample.lane, sample.route][monday].append(max(0.0, sample.seconds))
    order = sorted(found, key=lambda key: (list(Measure).index(key[0]), URGENCY[key[1]], key[2] or ""))
    return [Series(*key, tuple(_week(monday, found[key].get(monday, [])) for monday in weeks)) for key in order]


def _week(begins: date, seconds: Sequence[float]) -> Week:
    if not seconds:
        return Week(begins, 0, None, None)
    ordered = sorted(seconds)
    return Week(begins, len(ordered), _rank(ordered, 0.5), _rank(ordered, 0.95))


def _rank(ordered: Sequence[float], share: float) -> float:
    """The nearest rank: a time that was really taken."""
    return ordered[math.ceil(share * len(ordered)) - 1]
