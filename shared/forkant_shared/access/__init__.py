"""May they? One policy, default deny; the same rule as a predicate and as a SQL filter.

Each service's actions are a YAML file beside this module: `"threat-watch.report.write": {roles: [...], scopes: [...]}`.
Above the action stand the handling and the compartment of the thing itself: `SECRET` things are for the roles in
`handling.yaml`, a thing in a compartment is for its members alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import sqlalchemy as sa
import yaml

from forkant_shared.errors import Forbidden, NotFound
from forkant_shared.identity import Principal


@dataclass(frozen=True, slots=True)
class Resource:
    """What decides who may know of a thing: `handling` OPEN, RESTRICTED or SECRET, and its compartment, if any."""

    handling: str = "OPEN"
    compartment: str | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """Who may do an action: people with one of `roles`, machines with one of `scopes`."""

    roles: frozenset[str]
    scopes: frozenset[str]

    def covers(self, who: Principal) -> bool:
        return who.kind == "SYSTEM" or bool(self.roles & who.roles) or bool(self.scopes & who.scopes)


class Policy:
    """The table of grants and the rules of handling."""

    def __init__(self, grants: Mapping[str, Grant], handling: Mapping[str, frozenset[str] | None]) -> None:
        self.grants = grants
        self._handling = handling

    def allows(self, who: Principal, action: str, resource: Resource | None = None) -> bool:
        """Whether `who` may do `action` to the resource. An action nobody wrote down is allowed to nobody."""
        grant = self.grants.get(action)
        if grant is None or not grant.covers(who):
            return False
        return resource is None or self.may_know(who, resource)

    def may_know(self, who: Principal, resource: Resource) -> bool:
        """Whether the handling and compartment of the thing let `who` know that it exists."""
        if who.kind == "SYSTEM":
            return True
        if resource.compartment is not None and resource.compartment not in who.compartments:
            return False
        roles = self._handling.get(resource.handling, frozenset())
        return roles is None or bool(roles & who.roles)

    def require(self, who: Principal, action: str, resource: Resource | None = None) -> None:
        """Raise Forbidden where the action is not theirs, NotFound where they may not know of the thing."""
        grant = self.grants.get(action)
        if grant is None or not grant.covers(who):
            refusal = Forbidden("You do not have the right to do this.", remedy=f"Ask for a role that may {action}.")
            raise refusal.refusing(action)
        if resource is not None and not self.may_know(who, resource):
            raise NotFound("There is no such thing.").refusing(action)

    def visible(self, who: Principal, action: str, columns: Any) -> sa.ColumnElement[bool]:
        """The same rule as a filter over `columns.handling` and `columns.compartment`."""
        grant = self.grants.get(action)
        if grant is None or not grant.covers(who):
            return sa.false()
        if who.kind == "SYSTEM":
            return sa.true()
        levels = [level for level, roles in self._handling.items() if roles is None or roles & who.roles]
        compartment = columns.compartment.is_(None)
        if who.compartments:
            compartment = sa.or_(compartment, columns.compartment.in_(sorted(who.compartments)))
        return sa.and_(columns.handling.in_(levels), compartment)


@cache
def load() -> Policy:
    """The policy that ships with the kit; read once, when first asked for."""
    grants: dict[str, Grant] = {}
    handling: dict[str, frozenset[str] | None] = {}
    for entry in resources.files(__package__).iterdir():
        if not entry.name.endswith(".yaml"):
            continue
        table = yaml.safe_load(entry.read_text("utf-8")) or {}
        if entry.name == "handling.yaml":
            handling = {level: None if roles == "ALL" else frozenset(roles) for level, roles in table.items()}
            continue
        for action, row in table.items():
            grants[action] = Grant(frozenset(row.get("roles", ())), frozenset(row.get("scopes", ())))
    return Policy(grants, handling)


class _Loaded:
    """Stands for the shipped policy without reading it at import."""

    def __getattr__(self, name: str) -> Any:
        return getattr(load(), name)


policy: Policy = _Loaded()  # type: ignore[assignment]  # read at first use, because importing does nothing
