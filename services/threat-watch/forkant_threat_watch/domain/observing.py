"""What somebody seen near a protected place says about a threat: rules kept as data, and the signals they make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from forkant_threat_watch.domain.documents import Node
from forkant_threat_watch.domain.reporting import SignalWish
from forkant_threat_watch.domain.words import UNKNOWN, Factor, Party

STRENGTHS = ("HINT", "STATED", "EXPLICIT")


@dataclass(frozen=True, slots=True)
class ObservationRules:
    """What being seen near a protected place counts as; `imminence_hours` None where it says nothing of when."""

    version: str
    factor: Factor
    strength: str
    imminence_hours: float | None


def observation_rules_of(document: object) -> ObservationRules:
    """The rules a document describes. Raises Invalid with the path of the first thing that is wrong."""
    parts = Node(document, "").mapping("version source near_protected")
    parts["source"].text()
    near = parts["near_protected"].mapping("factor strength imminence_hours")
    factor, strength, hours = near["factor"].text(), near["strength"].text(), near["imminence_hours"]
    if factor not in list(Factor):
        raise near["factor"].wrong(f"must be one of {', '.join(Factor)}.")
    if strength not in STRENGTHS:
        raise near["strength"].wrong(f"must be one of {', '.join(STRENGTHS)}.")
    return ObservationRules(
        version=parts["version"].text(),
        factor=Factor(factor),
        strength=strength,
        imminence_hours=None if hours.value is None else hours.number(0, 8760),
    )


def near_signals(
    actors: Sequence[Party], protected: Party, district: str | None, rules: ObservationRules
) -> tuple[SignalWish, ...]:
    """One signal for each who was seen, aimed at whose place it was; strangers are one signal of nobody known."""
    return tuple(
        SignalWish(
            factor=rules.factor,
            strength=rules.strength,
            aggressor=actor,
            target=protected,
            imminence_hours=rules.imminence_hours,
            place=district,
        )
        for actor in (actors or (UNKNOWN,))
    )
