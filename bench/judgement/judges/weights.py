"""What a grade and a strength are worth in points, where a published formula takes points and does not say which.

`ours` weighs a grade as this engine's first table does (the root of the product, unknown .3); `admiralty` by the
numbers of MISP's taxonomy, where unknown is worth 50 of 100 like "fairly reliable".
"""

from __future__ import annotations

import math

from bench.judgement.judges.sightings import Sighting

OURS = ({"A": 0.9, "B": 0.7, "C": 0.5, "D": 0.3, "E": 0.1}, {"1": 0.9, "2": 0.7, "3": 0.5, "4": 0.3, "5": 0.1}, 0.3)
ADMIRALTY = (
    {"A": 1.0, "B": 0.75, "C": 0.5, "D": 0.25, "E": 0.0},
    {"1": 1.0, "2": 0.75, "3": 0.5, "4": 0.25, "5": 0.0},
    0.5,
)


def confidence(sighting: Sighting, numbers: str) -> float:
    """The grade as one number from 0 to 1."""
    source, information = axes(sighting, numbers)
    return math.sqrt(source * information) if numbers == "ours" else (source + information) / 2


def axes(sighting: Sighting, numbers: str) -> tuple[float, float]:
    """Both axes of the grade, 0 to 1."""
    sources, informations, unknown = OURS if numbers == "ours" else ADMIRALTY
    return sources.get(sighting.source, unknown), informations.get(sighting.information, unknown)
