"""Who sits at the table, and who may not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Officer:
    """A police officer as the service knows them from their own token. `actor_id` is their person in the registry."""

    subject: str
    name: str
    actor_id: str | None = None


@dataclass(frozen=True, slots=True)
class Representative:
    """One who represents the police in a meeting. `experienced_leader` is what the planner vouches for."""

    subject: str
    name: str
    experienced_leader: bool = False


@dataclass(frozen=True, slots=True)
class ThirdParty:
    """An imam, a municipality, a parent: who, and in which role."""

    role: str
    name: str


@dataclass(frozen=True, slots=True)
class ThreatStanding:
    """What threat-watch has told us of one threat. `excluded` are its targets and their families (registry ids)."""

    threat_id: str
    cleared_until: datetime | None = None
    excluded: frozenset[str] = frozenset()
    closed: bool = False

    def cleared_at(self, moment: datetime) -> bool:
        """A dialogue about the threat is allowed at this moment."""
        return self.cleared_until is not None and moment <= self.cleared_until


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What must be known outside the meeting to judge it.

    `threat` is None for a threat nobody has told us of. `linked` gives each officer the service has met their person
    in the registry (None: none), with `excluded` and `linked` both speaking of canonical ids.
    """

    threat: ThreatStanding | None = None
    linked: Mapping[str, str | None] = field(default_factory=dict)

    def is_target(self, subject: str) -> bool:
        """The officer, or somebody of their family, is whom the threat is aimed at."""
        actor = self.linked.get(subject)
        return self.threat is not None and actor is not None and actor in self.threat.excluded

    def is_known(self, subject: str) -> bool:
        """The officer has signed in here, so that the link to a target would be seen."""
        return subject in self.linked
