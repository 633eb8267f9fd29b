"""From a score to a ringing phone, for the four others: at which score, and when the same entity rings again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.judgement.judges.entities import Entity
from bench.judgement.judges.rings import WORKED_ON, Ring

OPEN_MINUTES = WORKED_ON.total_seconds() / 60


@dataclass(frozen=True, slots=True)
class Scored:
    """The score of an entity just before and just after one sighting."""

    at: float
    report: str
    entity: Entity
    before: float
    after: float


def rings(scored: Iterable[Scored], threshold: float, again: str, mute_hours: float) -> list[Ring]:
    """What rings at this threshold.

    `again` is `crossing`: only where the score comes from below; or `evidence`: at every sighting that leaves it there.
    An entity that has rung is mute for so many hours; while its page is worked on, what fires is put under it.
    """
    rung: dict[Entity, float] = {}
    found: list[Ring] = []
    for one in scored:
        if one.after < threshold:
            continue
        since = one.at - rung.get(one.entity, float("-inf"))
        if since < OPEN_MINUTES:
            found.append(Ring(one.at, one.report, new=False))
        elif since >= mute_hours * 60 and (again == "evidence" or one.before < threshold):
            rung[one.entity] = one.at
            found.append(Ring(one.at, one.report, new=True))
    return found


def thresholds(scored: Sequence[Scored], number: int) -> list[float]:
    """That many thresholds, spread so that each lets about equally many more through."""
    scores = sorted({round(one.after, 6) for one in scored if one.after > 0})
    if len(scores) <= number:
        return scores
    return [scores[round(place * (len(scores) - 1) / (number - 1))] for place in range(number)]
