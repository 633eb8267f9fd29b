"""The words of the trade, as the wire writes them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum


class Factor(StrEnum):
    """What a signal says something about. BUFFER pulls the index down, the others push it up."""

    GRIEVANCE = "GRIEVANCE"
    INTENT = "INTENT"
    RECONNAISSANCE = "RECONNAISSANCE"
    CAPABILITY = "CAPABILITY"
    TARGET_EXPOSURE = "TARGET_EXPOSURE"
    BUFFER = "BUFFER"


SUPPORTING = tuple(factor for factor in Factor if factor is not Factor.BUFFER)


class Level(IntEnum):
    """Where a threat stands. Compared by rank, written by name."""

    LOW = 0
    MODERATE = 1
    HIGH = 2
    CRITICAL = 3


class Lane(IntEnum):
    """How a page travels: LIFE wakes everybody and is never throttled."""

    NORMAL = 1
    LIFE = 2


class Channel(StrEnum):
    """The way a report came in."""

    HANDLER = "HANDLER"
    PATROL = "PATROL"
    STAFF = "STAFF"
    DUTY_PHONE = "DUTY_PHONE"
    WALK_IN = "WALK_IN"
    MEETING = "MEETING"
    PARTNER = "PARTNER"
    SYSTEM = "SYSTEM"


class State(StrEnum):
    """Where a threat is in its life."""

    OPEN = "OPEN"
    ASSESSED = "ASSESSED"
    ESCALATED = "ESCALATED"
    IN_DIALOGUE = "IN_DIALOGUE"
    UNDER_MEASURES = "UNDER_MEASURES"
    VERIFYING = "VERIFYING"
    CLOSED = "CLOSED"
    MERGED = "MERGED"


class PartyKind(StrEnum):
    """PERSON and GROUP are actors of the registry, ROLE is whoever holds it, NAME is not resolved yet."""

    PERSON = "PERSON"
    GROUP = "GROUP"
    ROLE = "ROLE"
    NAME = "NAME"
    UNKNOWN = "UNKNOWN"


class Outcome(StrEnum):
    """What an officer saw of the effect of what was done."""

    NONE = "NONE"
    TEMPORARY = "TEMPORARY"
    RESOLVED = "RESOLVED"
    WORSENED = "WORSENED"


class Source(StrEnum):
    """Where a signal came from, which decides what it may join."""

    REPORT = "REPORT"
    CALENDAR = "CALENDAR"
    CONFLICT = "CONFLICT"
    FEEDBACK = "FEEDBACK"


def folded(name: str) -> str:
    """A name as it is compared: case, accents and spacing aside, ø as o, å and aa as a, æ as ae."""
    plain = name.casefold().replace("ø", "o").replace("æ", "ae").replace("å", "a").replace("aa", "a")
    bare = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in bare).split())


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody a threat comes from or is aimed at. `ref` is an actor id, a role code or a name, by kind."""

    kind: PartyKind
    ref: str = ""
    key: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        ref = folded(self.ref) if self.kind is PartyKind.NAME else self.ref
        object.__setattr__(self, "key", f"{self.kind.value}:{ref}")

    @property
    def known(self) -> bool:
        """Whether anything at all is said about who it is."""
        return self.kind is not PartyKind.UNKNOWN

    @property
    def identifiable(self) -> bool:
        """Whether it can be found: an actor or a role, not a name that nobody has resolved."""
        return self.kind in (PartyKind.PERSON, PartyKind.GROUP, PartyKind.ROLE)


UNKNOWN = Party(PartyKind.UNKNOWN)


def party_of_key(key: str) -> Party:
    """The party a key stands for; a name comes back folded."""
    kind, _, ref = key.partition(":")
    return Party(PartyKind(kind), ref)
