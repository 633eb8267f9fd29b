"""A rule on the single report, as a unit without any system has it: a report that is strong enough rings.

Source: no publication; what units do, and this engine's rule beside the index taken alone. The score is strength times
grade; a report that says "within a day" may ring whatever its grade.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.judgement.judges.alerting import Scored
from bench.judgement.judges.entities import MAPPINGS, Entity
from bench.judgement.judges.sightings import Registry, Sighting
from bench.judgement.judges.weights import confidence

VARIANTS: dict[str, tuple[Any, ...]] = {
    "entity": ("pair", "target", "aggressor"),
    "factors": (("INTENT",), ("INTENT", "RECONNAISSANCE"), ("INTENT", "RECONNAISSANCE", "CAPABILITY")),
    "numbers": ("ours", "admiralty"),
    "tonight_rings": (False, True),
    "once_an_origin": (True, False),
}


def scores(sightings: Sequence[Sighting], registry: Registry, settings: dict[str, Any]) -> list[Scored]:
    """Each report's own score. `once_an_origin`: what a source has said of an entity scores once."""
    entities = MAPPINGS[settings["entity"]]()
    heard: set[tuple[str, Entity]] = set()
    found = []
    for sighting in sightings:
        if sighting.factor not in settings["factors"]:
            continue
        score = sighting.strength * confidence(sighting, settings["numbers"])
        if settings["tonight_rings"] and sighting.imminence_hours is not None and sighting.imminence_hours <= 24:
            score = 1.0
        for entity in entities(sighting):
            if settings["once_an_origin"] and (sighting.origin, entity) in heard:
                continue
            heard.add((sighting.origin, entity))
            found.append(Scored(sighting.at, sighting.report, entity, 0.0, score))
    return found
