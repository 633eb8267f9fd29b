"""Who lives in the city: groups with members, those who serve, witnesses, families, and the police's informants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bench.judgement.stories.chance import Chance

ROLES = ("POLICE_LEADER", "POLICE", "PROSECUTOR")


@dataclass
class City:
    """The cast, by short names as a scenario file uses them."""

    parties: dict[str, dict[str, Any]] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    officers: list[str] = field(default_factory=list)
    witnesses: list[str] = field(default_factory=list)
    bystanders: list[str] = field(default_factory=list)
    relatives: dict[str, list[str]] = field(default_factory=dict)
    rivalries: list[tuple[str, str]] = field(default_factory=list)
    informants: dict[str, str] = field(default_factory=dict)

    def group_of(self, name: str) -> str | None:
        """The group a person belongs to; a group is its own."""
        if name in self.members:
            return name
        joined = self.parties[name].get("member_of", [])
        return joined[0] if joined else None

    def role_of(self, name: str) -> str | None:
        """The role a person serves in."""
        held = self.parties[name].get("roles", [])
        return held[0] if held else None

    @property
    def persons(self) -> list[str]:
        return [name for name, party in self.parties.items() if party["kind"] == "PERSON"]


def build_city(about: Mapping[str, Any], letters: Mapping[str, float], chance: Chance) -> City:
    """A city by the assumptions: the same for the same seed."""
    city = City()
    for kind, number in about["groups"].items():
        for place in range(number):
            _group(city, f"{kind}-{place + 1}", kind, about, chance)
    for number in range(about["officers"]):
        name = f"officer-{number + 1}"
        city.parties[name] = {"kind": "PERSON", "roles": [chance.one_of(ROLES)]}
        city.officers.append(name)
    for number in range(about["witnesses"]):
        name = f"witness-{number + 1}"
        city.parties[name] = {"kind": "PERSON", "roles": ["WITNESS"]}
        city.witnesses.append(name)
    for number in range(about["bystanders"]):
        name = f"person-{number + 1}"
        city.parties[name] = {"kind": "PERSON"}
        city.bystanders.append(name)
    for name in (*city.officers, *city.witnesses):
        _family(city, name, about, chance)
    pairs = [(a, b) for a in city.members for b in city.members if a < b]
    city.rivalries = chance.some_of(pairs, about["rivalries"])
    city.informants = {f"informant-{n + 1}": chance.by_share(letters) for n in range(about["informants"])}
    return city


def _group(city: City, name: str, kind: str, about: Mapping[str, Any], chance: Chance) -> None:
    city.parties[name] = {"kind": "GROUP", "group_kind": kind}
    city.groups.setdefault(kind, []).append(name)
    city.members[name] = [f"{name}-m{place + 1}" for place in range(chance.whole(*about["members"]))]
    for place, member in enumerate(city.members[name]):
        party: dict[str, Any] = {"kind": "PERSON", "member_of": [name]}
        if kind == "family_based" and place:
            party["family_of"] = [city.members[name][chance.whole(0, place - 1)]]
        city.parties[member] = party
    for leader in city.members[name][:2]:
        _family(city, leader, about, chance)


def _family(city: City, name: str, about: Mapping[str, Any], chance: Chance) -> None:
    for place in range(chance.whole(*about["family_each"])):
        relative = f"{name}-f{place + 1}"
        city.parties[relative] = {"kind": "PERSON", "family_of": [name]}
        city.relatives.setdefault(name, []).append(relative)
