"""A decaying score as MISP and OpenCTI keep for an indicator.

Source: MISP's `app/Model/DecayingModelsFormulas` (arXiv 1803.11052, 1902.03914) and OpenCTI's `decayRule-domain.ts`.
`base` is the mean of the tags' numbers, over the taxonomies present; `score = base * (1 - (t / tau)^(1 / delta))`, t
since the last sighting; with sightings `base * TP / (TP + FP)`, where what calms is a false-positive sighting. OpenCTI
writes the exponent as `1 / (3 * pound)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.judgement.judges.alerting import Scored
from bench.judgement.judges.entities import MAPPINGS, Entity
from bench.judgement.judges.sightings import Registry, Sighting
from bench.judgement.judges.weights import axes

# (tau in days, delta): MISP's NIDS, phishing and vishing models; OpenCTI's default and its one for IP addresses.
MODELS = {
    "misp-nids": (120.0, 2.0),
    "misp-phishing": (3.0, 2.3),
    "misp-vishing": (10.0, 2.3),
    "opencti-default": (470.0, 1.05),
    "opencti-ip": (47.0, 1.65),
}
WORTH = {"INTENT": 1.0, "RECONNAISSANCE": 0.75, "CAPABILITY": 0.5, "GRIEVANCE": 0.25, "TARGET_EXPOSURE": 0.25}

VARIANTS: dict[str, tuple[Any, ...]] = {
    "entity": ("pair", "gathered", "target", "aggressor"),
    "model": tuple(MODELS),
    "numbers": ("admiralty", "ours"),
    "tags": ("grade", "grade and strength", "grade, strength and factor"),
    "base": ("newest", "highest"),
    "false_positives": (False, True),
}


@dataclass
class Indicator:
    """One entity's standing: the base score, when it was last seen, and how often it was, and was not, confirmed."""

    base: float
    seen: float
    positive: int = 0
    negative: int = 0


def scores(sightings: Sequence[Sighting], registry: Registry, settings: dict[str, Any]) -> list[Scored]:
    """Each indicator's score as it is sighted. `base`: the newest report's, or the highest while it has not run out."""
    entities = MAPPINGS[settings["entity"]]()
    known: dict[Entity, Indicator] = {}
    found = []
    for sighting in sightings:
        for entity in entities(sighting):
            indicator = known.get(entity)
            if not sighting.supports:
                if indicator is not None:
                    indicator.negative += 1
                continue
            before = _score(indicator, sighting.at, settings) if indicator else 0.0
            base = _base(sighting, settings)
            if indicator is None or before <= 0:
                indicator = known[entity] = Indicator(base, sighting.at)
            elif settings["base"] == "highest":
                base = max(base, indicator.base)
            indicator.base, indicator.seen = base, sighting.at
            indicator.positive += 1
            if sighting.rings:
                after = _score(indicator, sighting.at, settings)
                found.append(Scored(sighting.at, sighting.report, entity, before, after))
    return found


def _base(sighting: Sighting, settings: dict[str, Any]) -> float:
    numbers = list(axes(sighting, settings["numbers"]))
    if "strength" in settings["tags"]:
        numbers.append(sighting.strength)
    if "factor" in settings["tags"]:
        numbers.append(WORTH[sighting.factor])
    return 100 * sum(numbers) / len(numbers)


def _score(indicator: Indicator, now: float, settings: dict[str, Any]) -> float:
    tau, delta = MODELS[settings["model"]]
    age = (now - indicator.seen) / 1440
    if age >= tau:
        return 0.0
    share = 1.0
    if settings["false_positives"] and indicator.positive + indicator.negative:
        share = indicator.positive / (indicator.positive + indicator.negative)
    return float(indicator.base * (1 - (age / tau) ** (1 / delta)) * share)
