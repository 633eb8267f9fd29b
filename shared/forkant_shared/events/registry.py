"""What registry tells the others."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal

from forkant_shared.envelope import Event


class GroupRegistered(Event):
    """A group is in the register."""

    TYPE: ClassVar[str] = "no.forkant.registry.group-registered.v1"
    OWNER: ClassVar[str] = "registry"
    KEY: ClassVar[str] = "group_id"
    NOUN: ClassVar[str] = "actor"

    group_id: str
    group_kind: Literal["mc_club", "family_based", "street", "network", "emerging"]


class PersonRegistered(Event):
    """A person is in the register, on this ground."""

    TYPE: ClassVar[str] = "no.forkant.registry.person-registered.v1"
    OWNER: ClassVar[str] = "registry"
    KEY: ClassVar[str] = "person_id"
    NOUN: ClassVar[str] = "actor"

    person_id: str
    ground: str


class ClaimRecorded(Event):
    """Somebody says something about an actor, graded. `code` is a code of the predicate, never free text."""

    TYPE: ClassVar[str] = "no.forkant.registry.claim-recorded.v1"
    OWNER: ClassVar[str] = "registry"
    KEY: ClassVar[str] = "actor_id"
    NOUN: ClassVar[str] = "actor"

    claim_id: str
    actor_id: str
    predicate: str
    object_kind: str | None = None
    object_id: str | None = None
    code: str | None = None
    kind: Literal["FACT", "ASSESSMENT"]
    verified: bool
    scale: str | None = None
    source_grade: str | None = None
    information_grade: str | None = None
    observed_at: datetime
    valid_from: datetime | None = None
    valid_to: datetime | None = None


class ClaimSuperseded(Event):
    """A claim no longer stands; `superseded_by` is the one that replaced it, if any."""

    TYPE: ClassVar[str] = "no.forkant.registry.claim-superseded.v1"
    OWNER: ClassVar[str] = "registry"
    KEY: ClassVar[str] = "actor_id"
    NOUN: ClassVar[str] = "actor"

    claim_id: str
    actor_id: str
    superseded_by: str | None = None


class IdentityChanged(Event):
    """A person decided who this actor is (or is not) the same as; `canonical_id` stands for the whole."""

    TYPE: ClassVar[str] = "no.forkant.registry.identity-changed.v1"
    OWNER: ClassVar[str] = "registry"
    KEY: ClassVar[str] = "actor_id"
    NOUN: ClassVar[str] = "actor"

    actor_id: str
    canonical_id: str


class ConflictChanged(Event):
    """How two groups stand to each other, from `since`."""

    TYPE: ClassVar[str] = "no.forkant.registry.conflict-changed.v1"
    OWNER: ClassVar[str] = "registry"
    KEY: ClassVar[str] = "conflict_id"
    NOUN: ClassVar[str] = "conflict"

    conflict_id: str
    group_a: str
    group_b: str
    status: Literal["war", "tense", "cold", "peace"]
    scale: str | None = None
    source_grade: str | None = None
    information_grade: str | None = None
    since: datetime


class CalendarEntryRecorded(Event):
    """A day that matters to these actors."""

    TYPE: ClassVar[str] = "no.forkant.registry.calendar-entry-recorded.v1"
    OWNER: ClassVar[str] = "registry"
    KEY: ClassVar[str] = "entry_id"
    NOUN: ClassVar[str] = "calendar-entry"

    entry_id: str
    kind: Literal["COURT_DATE", "RELEASE", "FUNERAL", "ANNIVERSARY"]
    on: date
    parties: list[str]


class CalendarEntrySuperseded(Event):
    """A day was wrong, was moved or was called off; `superseded_by` is the entry that replaced it, if any."""

    TYPE: ClassVar[str] = "no.forkant.registry.calendar-entry-superseded.v1"
    OWNER: ClassVar[str] = "registry"
    KEY: ClassVar[str] = "entry_id"
    NOUN: ClassVar[str] = "calendar-entry"

    entry_id: str
    superseded_by: str | None = None


class ObservationRecorded(Event):
    """These actors were seen together; what was seen, in words, and where stay where they were written.

    `near_kind` and `near_ref` say whose protected place it was near, by an actor's id or a role's code: never an
    address. `control` says that they were stopped or searched. `origin_id` stands for who first knew: always the same
    for one origin, and for nobody else to resolve.
    """

    TYPE: ClassVar[str] = "no.forkant.registry.observation-recorded.v1"
    OWNER: ClassVar[str] = "registry"
    KEY: ClassVar[str] = "observation_id"
    NOUN: ClassVar[str] = "observation"

    observation_id: str
    actors: list[str]
    district: str | None = None
    near_kind: Literal["PERSON", "GROUP", "ROLE"] | None = None
    near_ref: str | None = None
    control: Literal["STOP", "SEARCH"] | None = None
    origin_id: str
    observed_at: datetime
    scale: str
    source_grade: str
    information_grade: str
    handling: Literal["OPEN", "RESTRICTED", "SECRET"]
    compartment: str | None = None


class ObservationSuperseded(Event):
    """An observation no longer stands; `superseded_by` is the one that replaced it, if any."""

    TYPE: ClassVar[str] = "no.forkant.registry.observation-superseded.v1"
    OWNER: ClassVar[str] = "registry"
    KEY: ClassVar[str] = "observation_id"
    NOUN: ClassVar[str] = "observation"

    observation_id: str
    superseded_by: str | None = None
