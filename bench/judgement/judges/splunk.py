"""Splunk Enterprise Security's risk-based alerting.

Source: docs.splunk.com, Enterprise Security 7.3, "risk-based alerting". A risk event scores `impact * confidence / 100`
for its object; scores are added up. A risk notable is raised when the sum passes 100 in 24 hours, or when the events of
7 days show at least so many different tactics (from so many sources). A factor stands for a tactic. Risk modifiers may
be negative, which is the place for a buffer; a risk factor multiplies what is imminent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.judgement.judges.alerting import Scored
from bench.judgement.judges.entities import MAPPINGS, Entity
from bench.judgement.judges.sightings import Registry, Sighting
from bench.judgement.judges.weights import confidence

IMPACT = {"INTENT": 80, "RECONNAISSANCE": 60, "CAPABILITY": 40, "GRIEVANCE": 20, "TARGET_EXPOSURE": 20, "BUFFER": -60}
IMMINENT, FACTOR = 72, 1.5
ALWAYS = 1e6

VARIANTS: dict[str, tuple[Any, ...]] = {
    "entity": ("pair", "gathered", "target", "aggressor"),
    "days": (1, 7, 30),
    "tactics": (None, (3, 4, 7), (3, 3, 30), (2, 3, 30)),
    "numbers": ("ours", "admiralty"),
    "imminent_counts_more": (False, True),
    "negative": (False, True),
    "origin_days": (0, 7, 30),
}

Event = tuple[float, float, str, str]


def scores(sightings: Sequence[Sighting], registry: Registry, settings: dict[str, Any]) -> list[Scored]:
    """Each object's sum as its events come in; `tactics` is (how many, from how many sources, in how many days)."""
    entities = MAPPINGS[settings["entity"]]()
    suppressed, window = settings["origin_days"] * 1440.0, settings["days"] * 1440.0
    longest = max(window, (settings["tactics"] or (0, 0, 0))[2] * 1440.0)
    events: dict[Entity, list[Event]] = {}
    last: dict[tuple[str, str, Entity], float] = {}
    found = []
    for sighting in sightings:
        if not sighting.supports and not settings["negative"]:
            continue
        points = IMPACT[sighting.factor] * sighting.strength * confidence(sighting, settings["numbers"])
        hours = sighting.imminence_hours
        if settings["imminent_counts_more"] and hours is not None and hours <= IMMINENT:
            points *= FACTOR
        for entity in entities(sighting):
            said = (sighting.origin, sighting.factor, entity)
            if sighting.at - last.get(said, float("-inf")) < suppressed:
                continue
            last[said] = sighting.at
            kept = [one for one in events.get(entity, ()) if one[0] > sighting.at - longest]
            before = _score(kept, sighting.at, window, settings["tactics"])
            kept.append((sighting.at, points, sighting.factor, sighting.origin))
            events[entity] = kept
            if sighting.rings:
                after = _score(kept, sighting.at, window, settings["tactics"])
                found.append(Scored(sighting.at, sighting.report, entity, before, after))
    return found


def _score(events: Sequence[Event], now: float, window: float, tactics: tuple[int, int, int] | None) -> float:
    if tactics is not None:
        many, sources, days = tactics
        recent = [one for one in events if one[0] > now - days * 1440.0 and one[1] > 0]
        if len({one[2] for one in recent}) >= many and len({one[3] for one in recent}) >= sources:
            return ALWAYS
    return sum(one[1] for one in events if one[0] > now - window)
