"""How a threat would stand without each origin: "without S1: MODERATE"."""

from __future__ import annotations

import math
from dataclasses import dataclass

from forkant_threat_watch.domain.index import Curve, Reading, index_of
from forkant_threat_watch.domain.levels import automatic
from forkant_threat_watch.domain.policy import IndexPolicy, Policy
from forkant_threat_watch.domain.terms import Voices
from forkant_threat_watch.domain.words import Factor, Level


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """How it would stand without one origin."""

    origin: str
    level: Level
    index: float


def counterfactuals(curve: Curve, reading: Reading, at: float, policy: Policy) -> tuple[Counterfactual, ...]:
    """How it would stand without each origin that counts, the most telling first; one pass over the signals."""
    odds: dict[str, float] = {}
    supports: set[str] = set()
    silenced: dict[str, int] = {}
    for factor, pull in reading.pulls.items():
        own, others = curve.voices(factor, at)
        weight = policy.index.weights[factor] * (-1 if factor is Factor.BUFFER else 1)
        for origin, left in _pulls_without(own, others, policy.index).items():
            odds[origin] = odds.get(origin, reading.odds) - weight * (pull - left)
            if factor is not Factor.BUFFER:
                supports.add(origin)
                silenced[origin] = silenced.get(origin, 0) + (len(others) == 1)
    found = []
    for origin, without in odds.items():
        supporters = (reading.origins - (origin in supports), reading.factors - silenced.get(origin, 0))
        index = index_of(without)
        found.append(Counterfactual(origin, automatic(index, supporters, policy.levels), index))
    return tuple(sorted(found, key=lambda c: (c.index, c.origin)))


def _pulls_without(own: Voices, others: Voices, policy: IndexPolicy) -> dict[str, float]:
    """The factor's p without each of its origins. v is at most the cap, so there is always something to divide by."""
    own_left = math.prod(1.0 - value for value, _ in own.values())
    others_left = math.prod(1.0 - value for value, _ in others.values())
    strong = sum(s for voices in (own, others) for _, s in voices.values())
    found = {}
    for origin in {**own, **others}:
        own_value, own_strong = own.get(origin, (0.0, False))
        other_value, other_strong = others.get(origin, (0.0, False))
        own_pull = min(1.0 - own_left / (1.0 - own_value), policy.own_words_cap)
        pull = 1.0 - (1.0 - own_pull) * (others_left / (1.0 - other_value))
        weak = strong - own_strong - other_strong == 0
        found[origin] = min(pull, policy.weak_cap) if weak else pull
    return found
