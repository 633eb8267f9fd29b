"""Geometry for drawings that need no style attribute: plain numbers, put into SVG by the macros.

Every drawing is 1000 units wide and stretched to its box; the words stand beside it in HTML, so that it can be
read aloud, wraps on a phone and needs no second table.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

WIDTH = 1000.0


def log_odds(share: float) -> float:
    """Where an index in (0, 1) stands on the scale on which shares add up."""
    return math.log(share / (1.0 - share))


def index_of(logit: float) -> float:
    """The other way: log-odds → index in (0, 1)."""
    return 1.0 / (1.0 + math.exp(-logit))


@dataclass(frozen=True)
class Step:
    """One bar of a waterfall: drawn from `x` over `width`; `sign` is `up`, `down` or `none`."""

    label: Any
    note: Any
    share: float
    sign: str
    x: float
    width: float
    end: float


@dataclass(frozen=True)
class Waterfall:
    steps: tuple[Step, ...]
    borders: tuple[tuple[str, float], ...]
    start: float
    end: float
    index: float


def waterfall(start: float, steps: Sequence[Mapping[str, Any]], borders: Sequence[tuple[str, float]] = ()) -> Waterfall:
    """How an index came about. `start` and each border are indices in (0, 1); a step's `share` is in log-odds and
    has a `label` and may have a `note`. The steps are drawn in the order given, each where the last one ended."""
    at = base = log_odds(start)
    ends = [base]
    for step in steps:
        at += float(step["share"])
        ends.append(at)
    marks = [(name, log_odds(border)) for name, border in borders]
    low = min([*ends, *(mark for _, mark in marks)]) - 0.25
    high = max([*ends, *(mark for _, mark in marks)]) + 0.25

    def x(value: float) -> float:
        return round((value - low) / (high - low) * WIDTH, 1)

    drawn = tuple(
        Step(
            label=step["label"],
            note=step.get("note"),
            share=float(step["share"]),
            sign=_sign(float(step["share"])),
            x=min(x(ends[place]), x(ends[place + 1])),
            width=max(abs(x(ends[place + 1]) - x(ends[place])), 2.0),
            end=x(ends[place + 1]),
        )
        for place, step in enumerate(steps)
    )
    return Waterfall(drawn, tuple((name, x(mark)) for name, mark in marks), x(base), x(at), index_of(at))


def _sign(share: float) -> str:
    return "up" if share > 0 else "down" if share < 0 else "none"


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    event: Mapping[str, Any]


@dataclass(frozen=True)
class Axis:
    """A drawing of 1000 × 200: y grows downwards, index 1 is at 0 and index 0 at 200."""

    dots: tuple[Dot, ...]
    line: str
    bands: tuple[tuple[str, float, float], ...]
    first: datetime
    last: datetime


HEIGHT = 200.0
_PLAIN_EVENT: Mapping[str, Any] = {"kind": "signal", "text": None, "href": None, "badge": None}


def time_axis(
    events: Sequence[Mapping[str, Any]],
    points: Sequence[tuple[datetime, float]] = (),
    bands: Sequence[tuple[str, float, float]] = (),
    now: datetime | None = None,
) -> Axis:
    """Events (each with `at`, aware) and an index (time, 0 to 1) on one axis of time.

    The index holds from its point until the next and, when `now` is given, until now. Bands are (level, from,
    to) in indices. An event stands on the line when there is one, else in the middle.
    """
    moments = [event["at"] for event in events] + [at for at, _ in points] + ([now] if now else [])
    first = min(moments, default=datetime.now(UTC))
    last = max(moments, default=first)
    if last - first < timedelta(minutes=1):
        first, last = first - timedelta(minutes=30), last + timedelta(minutes=30)
    span = (last - first).total_seconds()
    ordered = sorted(points, key=lambda point: point[0])

    def x(at: datetime) -> float:
        return round(20 + (at - first).total_seconds() / span * (WIDTH - 40), 1)

    def index_at(at: datetime) -> float:
        known = [value for moment, value in ordered if moment <= at]
        return known[-1] if known else (0.0 if ordered else 0.5)

    dots = tuple(
        Dot(x(event["at"]), _y(index_at(event["at"])), {**_PLAIN_EVENT, **event})
        for event in sorted(events, key=lambda event: event["at"])
    )
    return Axis(
        dots=dots,
        line=_steps([(x(at), _y(value)) for at, value in ordered], x(now or last)),
        bands=tuple((name, _y(high), round(_y(low) - _y(high), 1)) for name, low, high in bands),
        first=first,
        last=last,
    )


def _y(index: float) -> float:
    return round((1.0 - index) * HEIGHT, 1)


def _steps(points: Sequence[tuple[float, float]], until: float) -> str:
    """A staircase as SVG points: a value holds until the next one."""
    drawn: list[tuple[float, float]] = []
    for x, y in points:
        if drawn:
            drawn.append((x, drawn[-1][1]))
        drawn.append((x, y))
    if drawn:
        drawn.append((until, drawn[-1][1]))
    return " ".join(f"{x:g},{y:g}" for x, y in drawn)


LANE = 48.0


@dataclass(frozen=True)
class Band:
    """One row of a drawing of 1000 × 48: an area under a curve, a path of ticks where something begins, and now."""

    area: str
    ticks: str
    now: float


def band(values: Sequence[float], starts: Sequence[float], first: float, last: float, now: float) -> Band:
    """`values` in [0, 1] at evenly spaced moments from `first` to `last`; `starts` and `now` are moments too."""

    def x(at: float) -> float:
        return round((at - first) / (last - first) * WIDTH, 1)

    step = WIDTH / max(1, len(values) - 1)
    top = " ".join(f"{round(step * place, 1):g},{round(LANE * (1 - value), 1):g}" for place, value in enumerate(values))
    ticks = "".join(f"M{place:g} 0V{LANE:g}" for place in dict.fromkeys(x(at) for at in starts))
    return Band(f"0,{LANE:g} {top} {WIDTH:g},{LANE:g}", ticks, x(now))
