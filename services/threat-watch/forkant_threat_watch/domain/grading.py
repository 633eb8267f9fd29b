"""Two axes, always both: how reliable the source is, and how well the information holds. `q = sqrt(r * c)`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from forkant_shared.errors import Invalid


@dataclass(frozen=True, slots=True)
class Grading:
    """A grade as it was written, never translated: scale, source code and information code."""

    scale: str
    source: str
    information: str


@dataclass(frozen=True, slots=True)
class Quality:
    """What a grade weighs. An axis that is not known is None and weighs `unknown`, between `low` and `high`."""

    source: float | None
    information: float | None

    @property
    def unknown(self) -> bool:
        return self.source is None or self.information is None

    def weigh(self, unknown: float) -> float:
        """q, 0 to 1, with `unknown` in place of what is not known."""
        source = unknown if self.source is None else self.source
        information = unknown if self.information is None else self.information
        return math.sqrt(source * information)


@dataclass(frozen=True, slots=True)
class Scale:
    """One scale: a weight for each code of both axes (None: the code says it is not known)."""

    source: Mapping[str, float | None]
    information: Mapping[str, float | None]
    confirmed: frozenset[str]


@dataclass(frozen=True, slots=True)
class GradingTables:
    """Every scale in use, under one version, with what an unknown axis weighs (and its interval)."""

    version: str
    unknown: float
    unknown_low: float
    unknown_high: float
    scales: Mapping[str, Scale]

    def quality(self, grading: Grading | None) -> Quality:
        """What the grade weighs; not graded at all is unknown on both axes. Raises Invalid for a strange code."""
        if grading is None:
            return Quality(None, None)
        scale = self.scales.get(grading.scale)
        if scale is None:
            raise Invalid("No such grading scale.", field="grading.scale", remedy=f"Use {_any_of(self.scales)}.")
        if grading.source not in scale.source:
            raise Invalid(
                "The scale has no such source grade.", field="grading.source", remedy=f"Use {_any_of(scale.source)}."
            )
        if grading.information not in scale.information:
            raise Invalid(
                "The scale has no such information grade.",
                field="grading.information",
                remedy=f"Use {_any_of(scale.information)}.",
            )
        return Quality(scale.source[grading.source], scale.information[grading.information])

    def says_confirmed(self, grading: Grading | None) -> bool:
        """Whether the grade claims that other, independent sources confirm it."""
        scale = self.scales.get(grading.scale) if grading else None
        return bool(scale and grading and grading.information in scale.confirmed)


def _any_of(codes: Mapping[str, object]) -> str:
    return " or ".join(", ".join(codes).rsplit(", ", 1))
