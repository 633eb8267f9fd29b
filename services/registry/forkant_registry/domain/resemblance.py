"""How much a card looks like what somebody asks about, feature by feature, so that the score can be read off.

Points are thousandths and add up to the score exactly. What one side does not say is neutral, what both say differently
counts against, and a name alone, however exact, never makes a match: most wrong matches have the same name and no date
of birth.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from forkant_registry.domain.matching import Asked, Hit, KnownName, match, written_together
from forkant_registry.domain.spelling import Spelling

FeatureName = Literal["name", "born_on", "groups", "district", "without_birth_date", "bounds"]
WHOLE = 1000


@dataclass(frozen=True, slots=True)
class Weights:
    """The points of each feature, read from `resemblance.yaml`."""

    version: str
    points: Mapping[str, Mapping[str, int]]
    without_birth_date: int
    match: int
    listed: int
    most_names: int

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Weights:
        """From the parsed file."""
        return cls(
            version=data["version"],
            points={name: dict(entry) for name, entry in data["features"].items()},
            without_birth_date=data["without_birth_date"],
            match=data["match"],
            listed=data["listed"],
            most_names=data["most_names"],
        )


@dataclass(frozen=True, slots=True)
class Likeness:
    """What is known of somebody: by one who asks, or on a card. Days of birth as 1984-05-17, groups by their ids."""

    names: tuple[KnownName, ...]
    born_on: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    districts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Feature:
    """What one feature adds to the score or takes from it, in thousandths, and why.

    `how` is SAME, NEAR, CONTRADICTION, BLANK (one side says nothing), for a name how the words were found, for the last
    two that the score was held down (CAPPED) or within 0 and 1 (BOUNDED).
    """

    name: FeatureName
    points: int
    how: str
    asked: tuple[str, ...] = ()
    found: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resemblance:
    """The score, 0 to 1, and every feature that made it; `matches` where it is worth calling a match."""

    points: int
    matches: bool
    features: tuple[Feature, ...]

    @property
    def score(self) -> float:
        return self.points / WHOLE


def resemblance(asked: Likeness, card: Likeness, weights: Weights, spelling: Spelling) -> Resemblance | None:
    """How much the card looks like what is asked about; None where not even a name is like."""
    name = _name(asked, card, weights, spelling)
    if name is None:
        return None
    born = _compared("born_on", asked.born_on, card.born_on, weights, near=_nearly_same_day)
    features = [
        name,
        born,
        _compared("groups", asked.groups, card.groups, weights),
        _compared("district", asked.districts, card.districts, weights),
    ]
    total = sum(feature.points for feature in features)
    if born.how != "SAME" and total > weights.without_birth_date:
        features.append(Feature("without_birth_date", weights.without_birth_date - total, "CAPPED"))
        total = weights.without_birth_date
    held = min(max(total, 0), WHOLE)
    if held != total:
        features.append(Feature("bounds", held - total, "BOUNDED"))
    return Resemblance(held, held >= weights.match, tuple(features))


def _name(asked: Likeness, card: Likeness, weights: Weights, spelling: Spelling) -> Feature | None:
    best: tuple[Hit, str] | None = None
    for name in asked.names:
        hit = match(Asked.read(name.value, spelling), card.names, spelling)
        if hit is None:
            continue
        # A weak nickname tells no two people apart, whoever says it.
        hit = Hit(min(hit.score, spelling.weak_alone), hit.why) if name.weak else hit
        if best is None or hit.score > best[0].score:
            best = hit, name.value
    if best is None:
        return None
    hit, said = best
    hows = {reason.how for reason in hit.why}
    how = "EXACT" if hows == {"EXACT"} else next(reason.how for reason in hit.why if reason.how != "EXACT")
    return Feature(
        "name", round(hit.score * weights.points["name"]["same"]), how, (said,), _names_with(hit, card.names, spelling)
    )


def _names_with(hit: Hit, names: Sequence[KnownName], spelling: Spelling) -> tuple[str, ...]:
    """The names of the card in which the words were found; one that has several of them stands for them all."""
    left = {(reason.name_kind, reason.found) for reason in hit.why}
    words = {name: set(written_together(spelling.tokens(name.value))) for name in names}
    found: list[str] = []
    for name in sorted(names, key=lambda name: -len({word for _, word in left} & words[name])):
        here = {(kind, word) for kind, word in left if kind == name.kind and word in words[name]}
        if here:
            found.append(name.value)
            left -= here
    return tuple(found)


def _compared(
    name: Literal["born_on", "groups", "district"],
    asked: frozenset[str],
    found: frozenset[str],
    weights: Weights,
    near: Callable[[str, str], bool] | None = None,
) -> Feature:
    """Whether both sides have one in common; competing hypotheses stand side by side, so that one is enough."""
    points = weights.points[name]
    sides = (tuple(sorted(asked)), tuple(sorted(found)))
    if not asked or not found:
        return Feature(name, 0, "BLANK", *sides)
    if asked & found:
        return Feature(name, points["same"], "SAME", *sides)
    if near is not None and any(near(one, other) for one in asked for other in found):
        return Feature(name, points["near"], "NEAR", *sides)
    return Feature(name, points.get("contradiction", 0), "CONTRADICTION", *sides)


def _nearly_same_day(one: str, other: str) -> bool:
    """One digit away, or day and month swapped: how a day is written wrongly, not another day."""
    first, second = date.fromisoformat(one), date.fromisoformat(other)
    swapped = (first.year, first.month, first.day) == (second.year, second.day, second.month)
    return swapped or sum(a != b for a, b in zip(one, other, strict=True)) == 1


def best_first(found: Sequence[tuple[str, Resemblance]]) -> list[tuple[str, Resemblance]]:
    """The most alike first; a tie by id, so that the order is always the same."""
    return sorted(found, key=lambda one: (-one[1].points, one[0]))
