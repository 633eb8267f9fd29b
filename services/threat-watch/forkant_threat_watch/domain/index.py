"""The index: how far a threat's signals carry it, at a moment.

`v = s * q * d(t)`, at most `signal_cap`; within a factor the strongest signal of each origin counts,
`p = 1 - prod(1 - v)`; `L = L0 + sum(w * p) - w_b * p_b`; `index = 1 / (1 + e^-L)`; `d(t) = 1 - (t/tau)^(1/delta)`.
Only the signals, the moment and the policy matter: not the order they came in, not who asks.
"""

from __future__ import annotations

import math
from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from forkant_threat_watch.domain.policy import IndexPolicy
from forkant_threat_watch.domain.signals import Signal
from forkant_threat_watch.domain.terms import Term, Voices, counts, speaking, still_telling, term_of, value_of
from forkant_threat_watch.domain.words import Factor

# How often what has run out is let go of; it counts nothing meanwhile.
SWEEP_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What the formula says at one moment. `pulls` are the p of each factor; shares are `weight * pull`."""

    odds: float
    pulls: Mapping[Factor, float]
    origins: int
    factors: int

    @property
    def index(self) -> float:
        return index_of(self.odds)

    def shares(self, policy: IndexPolicy) -> dict[Factor, float]:
        """What each factor adds to the odds (BUFFER takes away); together they are the odds less L0."""
        return {
            factor: policy.weights[factor] * (-pull if factor is Factor.BUFFER else pull)
            for factor, pull in self.pulls.items()
        }


def index_of(odds: float) -> float:
    """1 / (1 + e^-L), without overflow."""
    if odds >= 0:
        return 1.0 / (1.0 + math.exp(-odds))
    grown = math.exp(odds)
    return grown / (1.0 + grown)


class Curve:
    """The signals of one threat, ready to be measured at any moment from `since` on.

    What can never count again is left out: a signal that has run out, and one that another of the same origin outdoes
    from now on. So the cost of a measurement follows the origins that still speak, not the reports ever received.
    """

    __slots__ = (
        "_factor_ends",
        "_flat",
        "_last_end",
        "_last_start",
        "_origin_ends",
        "_own",
        "_policy",
        "_sorted_ends",
        "_swept",
        "_terms",
        "since",
    )

    def __init__(self, policy: IndexPolicy, since: float) -> None:
        self._policy = policy
        self.since = since
        self._swept = since
        self._terms: dict[Factor, dict[str, tuple[Term, ...]]] = {}
        self._own: dict[str, tuple[Term, ...]] = {}
        self._factor_ends: dict[Factor, float] = {}
        self._origin_ends: dict[str, float] = {}
        self._sorted_ends: list[float] = []
        self._flat: list[tuple[Factor, str, float, float]] = []
        self._last_start = -math.inf
        self._last_end = -math.inf

    @classmethod
    def of(cls, signals: Iterable[Signal], policy: IndexPolicy, since: float, *, unknown: float | None = None) -> Curve:
        """The curve of these signals; with `unknown`, what is not known about a grade weighs that much instead."""
        curve = cls(policy, since)
        for signal in signals:
            curve._put(signal, None if unknown is None or not signal.grade.unknown else signal.grade.weigh(unknown))
        return curve

    def plus(self, signals: Iterable[Signal], since: float) -> Curve:
        """This curve with more signals, good from `since` on. The old one is not changed."""
        grown = Curve(self._policy, since)
        grown._swept = self._swept
        grown._terms = {factor: dict(origins) for factor, origins in self._terms.items()}
        grown._own = dict(self._own)
        grown._factor_ends = dict(self._factor_ends)
        grown._origin_ends = dict(self._origin_ends)
        grown._sorted_ends = list(self._sorted_ends)
        grown._flat = list(self._flat)
        grown._last_start, grown._last_end = self._last_start, self._last_end
        if since - self._swept > SWEEP_SECONDS:
            grown._sweep()
        for signal in signals:
            grown._put(signal, None)
        return grown

    def _sweep(self) -> None:
        """Let go of the origins that have nothing left to say."""
        self._swept = self.since
        self._terms = {factor: speaking(origins, self.since) for factor, origins in self._terms.items()}
        self._own = speaking(self._own, self.since)
        self._origin_ends = {origin: end for origin, end in self._origin_ends.items() if end > self.since}
        self._sorted_ends = sorted(self._origin_ends.values())
        self._flat = [flat for flat in self._flat if flat[3] > self.since]

    def _put(self, signal: Signal, quality: float | None) -> None:
        term = term_of(signal, self._policy, quality)
        origin, factor, end = signal.origin, signal.factor, term[3]
        own_words = factor is Factor.BUFFER and signal.spoken_by_aggressor
        kept = self._own if own_words else self._terms.setdefault(factor, {})
        kept[origin] = still_telling(kept.get(origin, ()), term, self.since)
        self._last_end = max(self._last_end, end)
        if not term[2]:
            self._last_start = max(self._last_start, term[1])
            self._flat += [] if factor is Factor.BUFFER else [(factor, origin, term[1], end)]
            return
        if factor is Factor.BUFFER:
            return
        self._factor_ends[factor] = max(end, self._factor_ends.get(factor, end))
        before = self._origin_ends.get(origin)
        if before is None or end > before:
            if before is not None:
                self._sorted_ends.pop(bisect_right(self._sorted_ends, before) - 1)
            insort(self._sorted_ends, end)
            self._origin_ends[origin] = end

    def starts(self, after: float) -> list[float]:
        """The moments after `after` at which something that does not count yet begins to."""
        if self._last_start <= after:
            return []
        return sorted({term[1] for term in self._all_terms() if not term[2] and term[1] > after})

    def _all_terms(self) -> Iterator[Term]:
        for origins in (*self._terms.values(), self._own):
            for terms in origins.values():
                yield from terms

    @property
    def last_end(self) -> float:
        """When the last of its signals runs out; after that nothing changes any more."""
        return self._last_end

    def only_falls(self, after: float) -> bool:
        """Whether the index can only fall from then on: nothing pulls it down now, and nothing begins later."""
        return not self.buffered and self._last_start <= after

    @property
    def buffered(self) -> bool:
        """Whether anything may pull the index down, so that it can rise as that fades."""
        return bool(self._own or self._terms.get(Factor.BUFFER))

    def pulls(self, at: float) -> dict[Factor, float]:
        """p of each factor that has a signal."""
        found: dict[Factor, float] = {
            factor: self._pull(origins, at) for factor, origins in self._terms.items() if factor is not Factor.BUFFER
        }
        if self.buffered:
            found[Factor.BUFFER] = self._buffer(at)
        return found

    def _pull(self, origins: Mapping[str, tuple[Term, ...]], at: float) -> float:
        open_, strong = self._left_open(origins, at)
        pull = 1.0 - open_
        return pull if strong else min(pull, self._policy.weak_cap)

    def _buffer(self, at: float) -> float:
        open_own, strong_own = self._left_open(self._own, at)
        open_others, strong_others = self._left_open(self._terms.get(Factor.BUFFER, {}), at)
        # A promise is not an effect: what they say themselves counts together at most so much.
        own = min(1.0 - open_own, self._policy.own_words_cap)
        pull = 1.0 - (1.0 - own) * open_others
        return pull if strong_own or strong_others else min(pull, self._policy.weak_cap)

    def _left_open(self, origins: Mapping[str, tuple[Term, ...]], at: float) -> tuple[float, bool]:
        """prod(1 - v) over the origins, and whether one signal that counts is of a quality that is not weak."""
        left = 1.0
        any_strong = False
        power, cap = self._policy.fade_power, self._policy.signal_cap
        for terms in origins.values():
            best = 0.0
            for full, since, fades, until, strong in terms:
                if fades:
                    if at >= until:
                        continue
                    value = full if at <= since else full * (1.0 - ((at - since) / fades) ** power)
                elif since <= at <= until:
                    value = full
                else:
                    continue
                any_strong = any_strong or strong
                if value > best:
                    best = value
            left *= 1.0 - (best if best < cap else cap)
        return left, any_strong

    def voices(self, factor: Factor, at: float) -> tuple[Voices, Voices]:
        """What each origin that counts in this factor weighs at that moment: their own words, and all others."""
        own = self._own if factor is Factor.BUFFER else {}
        return self._voices(own, at), self._voices(self._terms.get(factor, {}), at)

    def _voices(self, origins: Mapping[str, tuple[Term, ...]], at: float) -> Voices:
        counting = {o: [term for term in terms if counts(term, at)] for o, terms in origins.items()}
        return {
            origin: (max(value_of(term, at, self._policy) for term in terms), any(term[4] for term in terms))
            for origin, terms in counting.items()
            if terms
        }

    def parts(self, at: float) -> tuple[float, float]:
        """What pushes the odds up, and what pulls them down; the odds are L0 + up - down."""
        up = 0.0
        weights = self._policy.weights
        for factor, origins in self._terms.items():
            if factor is not Factor.BUFFER:
                up += weights[factor] * self._pull(origins, at)
        return up, (weights[Factor.BUFFER] * self._buffer(at) if self.buffered else 0.0)

    def supporters(self, at: float) -> tuple[int, int]:
        """How many origins, and how many factors, support the threat at that moment."""
        ends = self._sorted_ends
        origins, factors = len(ends) - bisect_right(ends, at), sum(end > at for end in self._factor_ends.values())
        standing = [flat for flat in self._flat if flat[2] <= at <= flat[3]]
        if not standing:
            return origins, factors
        # What stands for a while counts where the same origin, or the same factor, has nothing that fades still.
        never = -math.inf
        more = {origin for _, origin, _, _ in standing if self._origin_ends.get(origin, never) <= at}
        new = {factor for factor, _, _, _ in standing if self._factor_ends.get(factor, never) <= at}
        return origins + len(more), factors + len(new)

    def at(self, at: float) -> Reading:
        """What the formula says at that moment."""
        pulls = self.pulls(at)
        weights = self._policy.weights
        up = sum(weights[factor] * pull for factor, pull in pulls.items() if factor is not Factor.BUFFER)
        down = weights[Factor.BUFFER] * pulls.get(Factor.BUFFER, 0.0)
        return Reading(self._policy.prior_odds + up - down, pulls, *self.supporters(at))
