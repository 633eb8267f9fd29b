"""What can be said about an actor: a versioned catalogue, read from data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from forkant_shared.errors import Invalid

ActorKind = Literal["PERSON", "GROUP"]
ValueKind = Literal["NAME", "TEXT", "DATE", "DISTRICT", "CODE"]

GROUND = "registration_ground"
MEMBER_OF = "member_of"
GROUP_KIND = "group_kind"
WORKING_LABEL = "working_label"


@dataclass(frozen=True, slots=True)
class Qualifier:
    """A further code on a claim, such as the status of a membership."""

    title: str
    codes: Mapping[str, str]
    many: bool = False


@dataclass(frozen=True, slots=True)
class NameKind:
    """What sort of name a predicate gives; the lowest rank is what an actor is called by."""

    kind: str
    rank: int
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Predicate:
    """One sort of statement. `holds` says what no dates mean: ALWAYS true, or true from when it was OBSERVED."""

    name: str
    title: str
    subjects: frozenset[str]
    holds: Literal["ALWAYS", "OBSERVED"]
    object_kinds: frozenset[str] = frozenset()
    object_optional: bool = False
    value: ValueKind | None = None
    value_optional: bool = False
    codes: Mapping[str, str] = field(default_factory=dict)
    names: NameKind | None = None
    single: bool = False
    mutual: bool = False
    inverse: str | None = None
    required: bool = False
    qualifiers: Mapping[str, Qualifier] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ground:
    """A legal category that lets a person be registered; `member` says whether such a person may count as one."""

    code: str
    title: str
    member: bool
    needs_link_to: str | None = None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All predicates, grounds and group kinds, with the version of the file they were read from."""

    version: str
    predicates: Mapping[str, Predicate]
    grounds: Mapping[str, Ground]
    group_kinds: Mapping[str, str]
    purposes: Mapping[str, str]

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Catalogue:
        """From the parsed `predicates.yaml`."""
        grounds = {
            code: Ground(code, entry["title"], entry["member"], entry.get("needs_link_to"))
            for code, entry in data["grounds"].items()
        }
        shared = {
            "grounds": {code: ground.title for code, ground in grounds.items()},
            "group_kinds": dict(data["group_kinds"]),
        }
        predicates = {name: _predicate(name, entry, shared) for name, entry in data["predicates"].items()}
        return cls(data["version"], predicates, grounds, shared["group_kinds"], dict(data["purposes"]))

    def predicate(self, name: str, field: str = "predicate") -> Predicate:
        """The predicate of this name, or Invalid."""
        found = self.predicates.get(name)
        if found is None:
            raise Invalid(
                "This predicate is not known.",
                field=field,
                remedy=f"Use one of {', '.join(sorted(self.predicates))}.",
            )
        return found

    def of_name_kind(self, kind: str, subject: ActorKind, field: str) -> Predicate:
        """The predicate that gives such an actor a name of this kind, or Invalid."""
        kinds = {p.names.kind: p for p in self.predicates.values() if p.names is not None and subject in p.subjects}
        if kind not in kinds:
            raise Invalid("This kind of name is not known.", field=field, remedy=f"Use one of {', '.join(kinds)}.")
        return kinds[kind]

    def name_kinds(self) -> Mapping[str, NameKind]:
        """Predicate name → what sort of name it gives."""
        return {name: p.names for name, p in self.predicates.items() if p.names is not None}


def _predicate(name: str, entry: Mapping[str, Any], shared: Mapping[str, Mapping[str, str]]) -> Predicate:
    value, target = entry.get("value", {}), entry.get("object", {})
    codes = shared[value["codes_of"]] if "codes_of" in value else value.get("codes", {})
    return Predicate(
        name=name,
        title=entry["title"],
        subjects=frozenset(entry["subjects"]),
        holds=entry["holds"],
        object_kinds=frozenset(target.get("kinds", ())),
        object_optional=target.get("optional", False),
        value=value.get("kind"),
        value_optional=value.get("optional", False),
        codes=dict(codes),
        names=NameKind(**entry["name"]) if "name" in entry else None,
        single=entry.get("single", False),
        mutual=entry.get("mutual", False),
        inverse=entry.get("inverse"),
        required=entry.get("required", False),
        qualifiers={
            key: Qualifier(q["title"], dict(q["codes"]), q.get("many", False))
            for key, q in entry.get("qualifiers", {}).items()
        },
    )
