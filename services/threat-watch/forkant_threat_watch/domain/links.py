"""Who is linked to whom, as far as the registry has told: membership, family, role and identity."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from forkant_threat_watch.domain.words import Party, PartyKind, folded

MEMBERSHIP, COMMON_GROUP, FAMILY, ROLE = "MEMBERSHIP", "COMMON_GROUP", "FAMILY", "ROLE"
KINDS = (MEMBERSHIP, COMMON_GROUP, FAMILY, ROLE)


@dataclass(frozen=True, slots=True)
class Edge:
    """`left` (a person) is linked to `right` (a group, a person or a role) by membership, family or role. Keys."""

    kind: str
    left: str
    right: str


class Links:
    """The edges around some parties. Built once, read often; every answer is a set of party keys."""

    def __init__(
        self,
        edges: Iterable[Edge] = (),
        canonical: Mapping[str, str] | None = None,
        names: Mapping[str, Party] | None = None,
        shared_names: Collection[str] = (),
    ) -> None:
        self._canonical = dict(canonical or {})
        self._names = dict(names or {})
        self._shared = frozenset(shared_names)
        self._aliases: dict[str, set[str]] = {}
        for alias, stands_for in self._canonical.items():
            self._aliases.setdefault(stands_for, set()).add(alias)
        self._out: dict[tuple[str, str], set[str]] = {}
        self._in: dict[tuple[str, str], set[str]] = {}
        self._near: dict[tuple[str, frozenset[str]], frozenset[str]] = {}
        for edge in edges:
            left, right = self._stands_for(edge.left), self._stands_for(edge.right)
            self._out.setdefault((edge.kind, left), set()).add(right)
            self._in.setdefault((edge.kind, right), set()).add(left)

    def _stands_for(self, key: str) -> str:
        kind, _, ref = key.partition(":")
        known = self._canonical.get(ref)
        return key if known is None else f"{kind}:{known}"

    def resolve(self, party: Party) -> Party:
        """The party as the registry knows it: a name that it knows as one actor, an actor by the one it stands for."""
        if party.kind is PartyKind.NAME:
            party = self._names.get(folded(party.ref), party)
        canonical = self._canonical.get(party.ref)
        return party if canonical is None else Party(party.kind, canonical)

    def told(self, party: Party) -> Party:
        """The party as it is kept: a name by the one actor that has it, an actor as it was told.

        Who is the same as whom can be taken back, so that it is never written into a signal; a name that several cards
        of one person have stays a name for the same reason.
        """
        if party.kind is PartyKind.NAME and folded(party.ref) not in self._shared:
            return self._names.get(folded(party.ref), party)
        return party

    @property
    def tell_more(self) -> bool:
        """Whether anybody here is known under another id or by a name."""
        return bool(self._canonical or self._names)

    def known_as(self, key: str) -> frozenset[str]:
        """The key itself and those it stands for, as far as they have been read."""
        kind, _, ref = key.partition(":")
        return frozenset({key, *(f"{kind}:{alias}" for alias in self._aliases.get(ref, ()))})

    def near(self, key: str, through: frozenset[str]) -> frozenset[str]:
        """The party itself and everybody one step away through these kinds of edge.

        Membership, family and role are one step; COMMON_GROUP takes the other members of one's groups as well.
        """
        known = self._near.get((key, through))
        if known is not None:
            return known
        found = {key}
        for kind in (MEMBERSHIP, FAMILY, ROLE):
            if kind in through:
                found |= self._out.get((kind, key), set()) | self._in.get((kind, key), set())
        if COMMON_GROUP in through:
            for group in self._out.get((MEMBERSHIP, key), ()):
                found |= self._in.get((MEMBERSHIP, group), set())
        near = self._near[(key, through)] = frozenset(found)
        return near

    def roles(self, key: str) -> frozenset[str]:
        """The role codes a person holds, or the code itself where the party is a role."""
        held = self._out.get((ROLE, key), set()) | ({key} if key.startswith("ROLE:") else set())
        return frozenset(role.partition(":")[2] for role in held)

    def family(self, key: str) -> frozenset[str]:
        """The keys of a person's family."""
        return frozenset(self._out.get((FAMILY, key), set()) | self._in.get((FAMILY, key), set()))

    def groups(self, key: str) -> frozenset[str]:
        """The keys of the groups a person belongs to; a group is its own."""
        if key.startswith("GROUP:"):
            return frozenset((key,))
        return frozenset(self._out.get((MEMBERSHIP, key), set()))

    def holders(self, key: str) -> frozenset[str]:
        """The keys of those who hold a role."""
        return frozenset(self._in.get((ROLE, key), set()))
