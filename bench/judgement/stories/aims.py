"""Who is against whom in a story, and how the two sides get written down in a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.judgement.stories.chance import Chance
from bench.judgement.stories.city import City


@dataclass(frozen=True)
class Aim:
    """Those behind it, and the one it is about. `group` and `towards` are groups' names, where there are any."""

    group: str | None
    persons: tuple[str, ...]
    target: str | None
    towards: str | None


class Aims:
    """Finds the two sides of a story, and names them as people do: roughly, by nickname, or wrong."""

    def __init__(self, city: City, about: Mapping[str, Any], chance: Chance) -> None:
        self.city, self.chance = city, chance
        self._naming, self._skew = about["naming"], about["city"]["rivalry_skew"]

    def between_rivals(self, share: float = 0.75) -> Aim:
        """A group against one of another group: mostly two that are rivals already, the first rivalry most often."""
        if self.chance.happens(share):
            weights = {str(place): 1 / (place + 1) ** self._skew for place in range(len(self.city.rivalries))}
            pair = self.city.rivalries[int(self.chance.by_share(weights))]
            one, other = pair if self.chance.happens(0.5) else (pair[1], pair[0])
        else:
            one, other = self.chance.some_of(list(self.city.members), 2)
        return self._of(one, self.chance.one_of(self.city.members[other]), other)

    def against_the_law(self) -> Aim:
        """A group against one who serves, a witness, a rival leader, or their family."""
        group = self.chance.one_of(list(self.city.members))
        kind = self.chance.by_share({"officer": 0.45, "witness": 0.3, "leader": 0.25})
        others = [name for name in self.city.members if name != group]
        if kind == "leader":
            target = self.city.members[self.chance.one_of(others)][0]
        else:
            target = self.chance.one_of(self.city.officers if kind == "officer" else self.city.witnesses)
        if self.chance.happens(0.25):
            target = self.chance.one_of(self.city.relatives.get(target, [target]))
        return self._of(group, target, self.city.group_of(target))

    def in_a_family(self) -> Aim:
        """Some of one family against one of the same family, or of another."""
        families = self.city.groups["family_based"]
        group = self.chance.one_of(families)
        if self.chance.happens(0.4):
            persons = self.chance.some_of(self.city.members[group], 3)
            return Aim(group, tuple(persons[:2]), persons[2], group)
        other = self.chance.one_of([name for name in self.city.members if name != group])
        return self._of(group, self.chance.one_of(self.city.members[other]), other)

    def between_anybody(self) -> Aim:
        """Whoever a story without a plan is about: as plans are, and now and then two whom nobody knows."""
        kind = self.chance.by_share({"rivals": 0.5, "law": 0.2, "family": 0.2, "nobody": 0.1})
        if kind == "nobody":
            one, other = self.chance.some_of(self.city.bystanders, 2)
            return Aim(None, (one,), other, None)
        found = {"rivals": self.between_rivals, "law": self.against_the_law, "family": self.in_a_family}
        return found[kind]()

    def _of(self, group: str, target: str, towards: str | None) -> Aim:
        persons = [name for name in self.city.members[group] if name != target]
        return Aim(group, tuple(self.chance.some_of(persons, self.chance.whole(1, 3))), target, towards)

    def somebody_else(self, aim: Aim) -> Aim:
        """The same story told of the wrong people: another of the same group, or somebody quite different."""
        if aim.group is not None and self.chance.happens(0.5):
            return Aim(aim.group, (self.chance.one_of(self.city.members[aim.group]),), *self._another_target())
        return self.between_anybody()

    def _another_target(self) -> tuple[str, str | None]:
        name = self.chance.one_of(self.city.persons)
        return name, self.city.group_of(name)

    def written(self, aim: Aim, *, target: bool = True) -> dict[str, Any]:
        """The two sides as one report names them; what it does not know is left out."""
        sides: dict[str, Any] = {}
        how = self.chance.by_share(self._naming["aggressor"])
        who: Any = None
        if how == "group" and aim.group is not None:
            who = aim.group
        elif how in ("group", "person"):
            who = self.chance.one_of(aim.persons)
        elif how == "nickname":
            who = {"kind": "NAME", "name": f"Kalt {aim.persons[0]}"}
        if self.chance.happens(self._naming["wrong"]):
            who = self.chance.one_of(list(self.city.members))
        if who is not None:
            sides["aggressor"] = who
        if target and (at_whom := self._written_target(aim)) is not None:
            sides["target"] = at_whom
        return sides

    def _written_target(self, aim: Aim) -> Any:
        how = self.chance.by_share(self._naming["target"])
        if self.chance.happens(self._naming["wrong"]):
            return self.chance.one_of(self.city.persons)
        if how == "unknown" or aim.target is None:
            return None
        if how == "nickname":
            return {"kind": "NAME", "name": f"Kalt {aim.target}"}
        if how == "group" and aim.towards is not None:
            return aim.towards
        role = self.city.role_of(aim.target)
        if role is not None and self.chance.happens(self._naming["as_a_role"]):
            return {"kind": "ROLE", "code": role}
        return aim.target
