"""One signal as the numbers the formula needs, and what of one origin's signals may still count."""

from __future__ import annotations

import math
from collections.abc import Mapping

from forkant_threat_watch.domain.policy import IndexPolicy
from forkant_threat_watch.domain.signals import Signal

# (full value, from, fades over seconds or 0 when flat, until, strong)
Term = tuple[float, float, float, float, bool]
# By origin: v, and whether one of its signals that count is strong
Voices = Mapping[str, tuple[float, bool]]


def term_of(signal: Signal, policy: IndexPolicy, quality: float | None = None) -> Term:
    """The numbers of a signal that the formula needs; `quality` in place of the signal's own where given."""
    q = signal.quality if quality is None else quality
    value = signal.strength * q
    strong = q >= policy.weak_quality
    if signal.flat:
        until = math.inf if signal.flat_until is None else signal.flat_until.timestamp()
        return (value, signal.since, 0.0, until, strong)
    fades = policy.fade_seconds[signal.factor]
    return (value, signal.since, fades, signal.since + fades, strong)


def value_of(term: Term, at: float, policy: IndexPolicy) -> float:
    """v at that moment. A report about a moment still to come counts in full; a window counts inside it only."""
    full, since, fades, until, _ = term
    if fades:
        if at >= until:
            return 0.0
        if at > since:
            full *= 1.0 - ((at - since) / fades) ** policy.fade_power
    elif not since <= at <= until:
        return 0.0
    return min(full, policy.signal_cap)


def speaking(origins: Mapping[str, tuple[Term, ...]], now: float) -> dict[str, tuple[Term, ...]]:
    """The origins that still have something that can count."""
    return {origin: terms for origin, terms in origins.items() if any(term[3] > now for term in terms)}


def counts(term: Term, at: float) -> bool:
    """Whether the signal counts at all at that moment."""
    _, since, fades, until, _ = term
    return at < until if fades else since <= at <= until


def still_telling(terms: tuple[Term, ...], new: Term, now: float) -> tuple[Term, ...]:
    """The terms of one origin that may still be its strongest, or its only strong one."""
    if not terms:  # most origins speak once
        return (new,) if new[3] > now else ()
    alive = [term for term in (*terms, new) if term[3] > now]
    return tuple(
        term
        for place, term in enumerate(alive)
        if not any(
            _outdoes(other, term) and (place > rank or not _outdoes(term, other))
            for rank, other in enumerate(alive)
            if rank != place
        )
    )


def _outdoes(one: Term, other: Term) -> bool:
    """Whether `one` is at least as strong as `other` at every moment to come."""
    return (
        one[2] == other[2]
        and one[0] >= other[0]
        and one[3] >= other[3]
        and (one[2] > 0 or one[1] <= other[1])
        and (one[4] or not other[4])
    )
