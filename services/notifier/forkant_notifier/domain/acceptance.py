"""Whose yes stops the clock: one person's, two persons', or also that of somebody with a certain duty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from forkant_shared.errors import Invalid

#: What a policy may ask for is bounded here: with three wanted, a night with two on duty would never be answered.
MOST_PEOPLE = 2


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One person's yes; `tiers` are those they were on duty for when they gave it, the floor's for a line of it."""

    user: str
    at: datetime
    tiers: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Demand:
    """What a lane asks for: 1 or 2 `people`, and (where `tiers` names any) one of them on duty in one of these.

    The operations centre stands in for every tier, so that a demand can be met while a tier is empty.
    """

    people: int = 1
    tiers: frozenset[int] = frozenset()

    def met_by(self, given: Sequence[Acceptance]) -> bool:
        return len({one.user for one in given}) >= self.people and not self.lacks_tier(given)

    def lacks_tier(self, given: Sequence[Acceptance]) -> bool:
        """Whether somebody with the duty asked for has still to answer."""
        return bool(self.tiers) and not any(one.tiers & self.tiers for one in given)


ANYBODY = Demand()


def read_demand(document: Mapping[str, Any], floor_tier: int, *, field: str) -> Demand:
    """A lane's `answers`; one answer, by anybody, where there is none. Raises Invalid, naming the field."""
    given = document.get("answers", {})
    demand = Demand(int(given.get("needed", 1)), frozenset(int(tier) for tier in given.get("of_tiers", ())))
    if not 1 <= demand.people <= MOST_PEOPLE:
        raise Invalid("A page is stopped by one answer or by two.", field=f"{field}.answers.needed")
    if not all(1 <= tier < floor_tier for tier in demand.tiers):
        raise Invalid(
            "There is no such tier below the floor.",
            field=f"{field}.answers.of_tiers",
            remedy="Name tiers that are on duty; the operations centre stands in for each of them.",
        )
    return demand
