"""How signals weigh over time, for drawing: when each was heard of, and how what it says fades."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from forkant_threat_watch.domain.policy import IndexPolicy
from forkant_threat_watch.domain.signals import Signal
from forkant_threat_watch.domain.terms import Term, term_of, value_of
from forkant_threat_watch.domain.words import Factor

SAMPLES = 60
AHEAD_SECONDS = 14 * 86_400.0


@dataclass(frozen=True, slots=True)
class Lane:
    """One factor: its p (0 to 1) at the moments of the drawing, and the moments its signals are about."""

    factor: Factor
    pulls: Sequence[float]
    starts: Sequence[float]


@dataclass(frozen=True, slots=True)
class Fading:
    """The drawing: moments in POSIX seconds, evenly spaced, and a lane for each factor that has a signal."""

    moments: Sequence[float]
    lanes: Sequence[Lane]


def fading_of(signals: Iterable[Signal], policy: IndexPolicy, now: float) -> Fading:
    """From the first signal to two weeks ahead. A signal is drawn from the moment it is about.

    p as in the index (`1 - prod(1 - v)` with the strongest signal of each origin), without the caps for weak factors
    and for own words: the drawing shows what was said, the bars beside it what it counts for.
    """
    terms: dict[Factor, dict[str, list[Term]]] = {}
    for signal in signals:
        terms.setdefault(signal.factor, {}).setdefault(signal.origin, []).append(term_of(signal, policy))
    starts = {factor: sorted(term[1] for of in origins.values() for term in of) for factor, origins in terms.items()}
    if not starts:
        return Fading((), ())
    first = min(min(min(at) for at in starts.values()), now - 86_400.0)
    step = (now + AHEAD_SECONDS - first) / (SAMPLES - 1)
    moments = [first + step * number for number in range(SAMPLES)]
    return Fading(
        moments,
        [Lane(factor, _pulls(terms[factor], moments, policy), starts[factor]) for factor in Factor if factor in terms],
    )


def _pulls(origins: dict[str, list[Term]], moments: Sequence[float], policy: IndexPolicy) -> list[float]:
    left = [1.0] * len(moments)
    for terms in origins.values():
        strongest: dict[int, float] = {}
        for term in terms:
            # Only the moments at which it has begun and can still count: a threat of hundreds is drawn while one waits.
            for place in range(bisect_left(moments, term[1]), bisect_right(moments, term[3])):
                value = value_of(term, moments[place], policy)
                if value > strongest.get(place, 0.0):
                    strongest[place] = value
        for place, value in strongest.items():
            left[place] *= 1.0 - value
    return [1.0 - share for share in left]
