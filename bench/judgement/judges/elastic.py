"""Elastic Security's entity risk score.

Source: Kibana's risk engine and its documentation (elastic/docs-content). The inputs of the last 30 days, sorted from
high to low: `R = sum(s_i / i^1.5)`, divided by 2.5924 so that any number of hundreds is a hundred. The criticality of
an asset by Bayes odds: `odds = s / (100 - s) * m; s' = 100 * odds / (1 + odds)`. Rules score by severity: low 21,
medium 47, high 73, critical 99. It has no place for what calms: a buffer is not an input.
"""

from __future__ import annotations

import math
from bisect import insort
from collections.abc import Sequence
from typing import Any

from bench.judgement.judges.alerting import Scored
from bench.judgement.judges.entities import MAPPINGS, Entity
from bench.judgement.judges.sightings import Registry, Sighting
from bench.judgement.judges.weights import confidence

SEVERITY = {"INTENT": 99, "RECONNAISSANCE": 73, "CAPABILITY": 47, "GRIEVANCE": 21, "TARGET_EXPOSURE": 21}
NORMAL = 2.5924
CRITICAL_ASSET = 1.5

VARIANTS: dict[str, tuple[Any, ...]] = {
    "entity": ("pair", "gathered", "target", "aggressor"),
    "days": (30, 14, 60),
    "severity": (True, False),
    "numbers": ("ours", "admiralty"),
    "criticality": (False, True),
    "origin_days": (0, 7, 30),
}


def scores(sightings: Sequence[Sighting], registry: Registry, settings: dict[str, Any]) -> list[Scored]:
    """Each entity's score as its inputs come in. `origin_days`: alerts of one origin are suppressed for so long."""
    entities = MAPPINGS[settings["entity"]]()
    window, suppressed = settings["days"] * 1440.0, settings["origin_days"] * 1440.0
    inputs: dict[Entity, list[tuple[float, float]]] = {}
    last: dict[tuple[str, str, Entity], float] = {}
    found = []
    for sighting in (one for one in sightings if one.supports):
        points = 100 * sighting.strength * confidence(sighting, settings["numbers"])
        if settings["severity"]:
            points *= SEVERITY[sighting.factor] / 100
        for entity in entities(sighting):
            said = (sighting.origin, sighting.factor, entity)
            if sighting.at - last.get(said, float("-inf")) < suppressed:
                continue
            last[said] = sighting.at
            kept = [one for one in inputs.get(entity, ()) if one[1] > sighting.at - window]
            critical = settings["criticality"] and registry.serves(sighting.target)
            before = _score(kept, critical)
            insort(kept, (-points, sighting.at))
            inputs[entity] = kept
            if sighting.rings:
                found.append(Scored(sighting.at, sighting.report, entity, before, _score(kept, critical)))
    return found


def _score(inputs: Sequence[tuple[float, float]], critical: bool) -> float:
    score = sum(-points / math.sqrt(place + 1) ** 3 for place, (points, _) in enumerate(inputs)) / NORMAL
    if critical and score > 0:
        odds = score / (100 - score) * CRITICAL_ASSET
        score = 100 * odds / (1 + odds)
    return score
