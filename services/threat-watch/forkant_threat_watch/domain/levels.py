"""From index to level, and when that changes by time alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from forkant_threat_watch.domain.index import Curve, index_of
from forkant_threat_watch.domain.policy import LevelPolicy, Policy
from forkant_threat_watch.domain.words import Level

Seen = TypeVar("Seen")


def by_index(index: float, policy: LevelPolicy) -> Level:
    """The level the index alone would give."""
    if index < policy.moderate:
        return Level.LOW
    if index < policy.high:
        return Level.MODERATE
    return Level.HIGH if index < policy.critical else Level.CRITICAL


def gated(level: Level, origins: int, factors: int, policy: LevelPolicy) -> Level:
    """One voice, or voices about one thing only, do not make a level by themselves from `gate_from` up."""
    if level >= policy.gate_from and (origins < policy.min_origins or factors < policy.min_factors):
        return policy.gate_else
    return level


def automatic(index: float, supporters: tuple[int, int], policy: LevelPolicy) -> Level:
    """The level that follows from the signals, before any person has said anything."""
    return gated(by_index(index, policy), *supporters, policy)


def eased(index: float, supporters: tuple[int, int], policy: LevelPolicy) -> Level:
    """The lowest level that may not be called a fall yet: the index is given the hysteresis on top."""
    return automatic(index + policy.hysteresis, supporters, policy)


def first_change(
    curve: Curve, policy: Policy, now: float, until: float, see: Callable[[float, tuple[int, int], LevelPolicy], Seen]
) -> float | None:
    """The first moment in (now, until] at which what `see` says differs from now, to the policy's precision; or None.

    Between two beginnings both what pushes up and what pulls down can only shrink, so over a stretch the index lies
    between `up(end) - down(start)` and `up(start) - down(end)`. A stretch where both ends of that give the same answer
    holds no change; any other is halved until it is short enough.
    """
    prior, levels = policy.index.prior_odds, policy.levels

    def seen(up: float, down: float, supporters: tuple[int, int]) -> Seen:
        return see(index_of(prior + up - down), supporters, levels)

    def search(a: float, b: float, at_a: tuple[float, float], at_b: tuple[float, float]) -> float | None:
        most, least = curve.supporters(a), curve.supporters(b)
        if seen(at_b[0], at_a[1], least) == before == seen(at_a[0], at_b[1], most):
            return None
        if b - a <= policy.index.precision_seconds:
            return b if seen(*at_b, least) != before else None
        middle = (a + b) / 2
        at_middle = curve.parts(middle)
        found = search(a, middle, at_a, at_middle)
        return found if found is not None else search(middle, b, at_middle, at_b)

    def bisect(a: float, b: float) -> float | None:
        """Where the index can only fall there is one change at most, and what holds at both ends holds between."""
        if seen(*curve.parts(b), curve.supporters(b)) == before:
            return None
        while b - a > policy.index.precision_seconds:
            middle = (a + b) / 2
            if seen(*curve.parts(middle), curve.supporters(middle)) == before:
                a = middle
            else:
                b = middle
        return b

    before = seen(*curve.parts(now), curve.supporters(now))
    # A moment after the last signal has run out is as good as any later one.
    until = min(until, max(now, curve.last_end) + policy.index.precision_seconds)
    if curve.only_falls(now):
        return bisect(now, until)
    start = now
    for end in (*(moment for moment in curve.starts(now) if moment < until), until):
        at_start = curve.parts(start)
        if seen(*at_start, curve.supporters(start)) != before:
            return start
        # A window counts from its very beginning: the stretch before it ends just short of it.
        last = end if end == until else max(start, end - 1e-3)
        found = search(start, last, at_start, curve.parts(last))
        if found is not None:
            return found
        start = end
    return None
