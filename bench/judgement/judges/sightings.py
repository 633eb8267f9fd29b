"""The stream as the four others see it: one line for each signal, and whom it is about by the registry's knowledge.

They are given what this engine is given: the grade, the origin, who belongs to whom, calendar and conflicts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

STRENGTHS = {"HINT": 0.5, "STATED": 0.7, "EXPLICIT": 0.9}
STANDS = {"war": 0.8, "tense": 0.5, "cold": 0.2, "peace": 0.3}


@dataclass(frozen=True, slots=True)
class Sighting:
    """One signal of one report, minutes from the start. `source` and `information` are the grade, empty if ungraded.

    A day in the calendar and how two groups stand are sightings as well; they count, but only a report rings.
    """

    at: float
    report: str
    origin: str
    factor: str
    strength: float
    source: str
    information: str
    aggressor: str | None
    target: str | None
    imminence_hours: float | None = None
    reported: bool = True

    @property
    def supports(self) -> bool:
        return self.factor != "BUFFER"

    @property
    def rings(self) -> bool:
        """Whether a phone may ring because of it."""
        return self.reported and self.supports


class Registry:
    """Whom a name stands for: a member for the group, a relative for the one they are related to."""

    def __init__(self, parties: Mapping[str, Mapping[str, Any]]) -> None:
        self._parties = parties

    def home(self, party: Any) -> str | None:
        """The group or the person behind a party as a report names it."""
        if party is None:
            return None
        if not isinstance(party, str):
            return f"{party['kind']}:{party.get('code') or party.get('name')}"
        known = self._parties[party]
        for head in known.get("member_of", ()) or known.get("family_of", ()):
            return self.home(head)
        return party

    def serves(self, name: str | None) -> bool:
        """Whether it is one who serves or witnesses, or a role."""
        return name is not None and (name.startswith("ROLE:") or bool(self._parties.get(name, {}).get("roles")))


def minutes_of(offset: str) -> float:
    """Minutes from the start, of an offset as a scenario writes it."""
    days, _, rest = offset.removeprefix("+").partition("d")
    hours, _, minutes = rest.partition("h")
    return float(int(days) * 1440 + int(hours) * 60 + int(minutes.removesuffix("m")))


def sightings_of(document: Mapping[str, Any]) -> tuple[list[Sighting], Registry]:
    """Every signal of the stream in the order in which it came in."""
    registry = Registry(document["parties"])
    found: list[Sighting] = []
    for step in document["steps"]:
        at = minutes_of(step["at"])
        if "report" in step:
            found += _reported(at, step["report"], registry)
        elif "calendar" in step:
            entry = step["calendar"]
            for party in entry["parties"]:
                home = registry.home(party)
                id_ = entry["id"]
                found.append(Sighting(at, id_, id_, "TARGET_EXPOSURE", 0.5, "B", "2", home, home, reported=False))
        else:
            found.append(_standing(at, step["conflict"], registry))
    return found, registry


def _reported(at: float, report: Mapping[str, Any], registry: Registry) -> list[Sighting]:
    grade = report.get("grading", {})
    source, information = grade.get("source", ""), grade.get("information", "")
    return [
        Sighting(
            at,
            report["id"],
            report["origin"],
            signal["factor"],
            STRENGTHS.get(signal["strength"]) or float(signal["strength"]),
            source,
            information,
            registry.home(signal.get("aggressor")),
            registry.home(signal.get("target")),
            signal.get("imminence_hours"),
        )
        for signal in report["signals"]
    ]


def _standing(at: float, conflict: Mapping[str, Any], registry: Registry) -> Sighting:
    one, other = (registry.home(party) for party in conflict["between"])
    factor = "BUFFER" if conflict["status"] == "peace" else "GRIEVANCE"
    grade, id_ = conflict["grading"], f"conflict-{one}-{other}"
    strength = STANDS[conflict["status"]]
    graded = (grade["source"], grade["information"])
    return Sighting(at, id_, id_, factor, strength, *graded, one, other, reported=False)
