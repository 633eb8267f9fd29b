"""What a score is kept for. All four score an entity; which one stands for "a threat" is part of the mapping."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable

from bench.judgement.judges.sightings import Sighting

Entity = Hashable
Mapping = Callable[[Sighting], Iterable[Entity]]


def aggressor(sighting: Sighting) -> list[Entity]:
    """The group it comes from; what names none is filed under the target."""
    return [sighting.aggressor or ("at", sighting.target)]


def target(sighting: Sighting) -> list[Entity]:
    """The one it is aimed at; what names none is filed under the aggressor."""
    return [sighting.target or ("by", sighting.aggressor)]


def pair(sighting: Sighting) -> list[Entity]:
    """Who and at whom together, as rivalry is a matter of pairs."""
    return [(sighting.aggressor, sighting.target)]


class Gathered:
    """Pairs, where a report that names one side only counts in every pair with that side that is already there."""

    def __init__(self) -> None:
        self._by_side: dict[tuple[str, str], list[Entity]] = {}

    def __call__(self, sighting: Sighting) -> list[Entity]:
        one, other = sighting.aggressor, sighting.target
        if one is not None and other is not None:
            for side in (("by", one), ("at", other)):
                known = self._by_side.setdefault(side, [])
                if (one, other) not in known:
                    known.append((one, other))
            return [(one, other)]
        side = ("by", one) if one is not None else ("at", other or "")
        return list(self._by_side.get(side, ())) or [(one, other)]


MAPPINGS: dict[str, Callable[[], Mapping]] = {
    "aggressor": lambda: aggressor,
    "target": lambda: target,
    "pair": lambda: pair,
    "gathered": Gathered,
}
