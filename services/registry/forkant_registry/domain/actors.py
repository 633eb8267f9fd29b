"""Registering a group or a person: an actor, and the first claims about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from forkant_registry.domain.claims import UNMARKED, Claim, Marks, Target, Wish, record
from forkant_registry.domain.grading import Grading, Scales
from forkant_registry.domain.predicates import GROUND, GROUP_KIND, WORKING_LABEL, ActorKind, Catalogue
from forkant_shared.errors import Conflict, Invalid
from forkant_shared.events.registry import ClaimRecorded, GroupRegistered, PersonRegistered

MOST_NAMES = 20


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody the registry knows; everything else about them is a claim. `version` counts its changes."""

    id: str
    kind: ActorKind
    registered_at: datetime
    registered_by: str
    marks: Marks = UNMARKED
    version: int = 1


@dataclass(frozen=True, slots=True)
class Name:
    """A name with its kind: legal, alias, nickname, previous, club."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class GroupWish:
    """A group to register; the working label never leaves the house."""

    label: str
    group_kind: str
    grading: Grading
    origin: str
    observed_at: datetime
    marks: Marks = UNMARKED


@dataclass(frozen=True, slots=True)
class PersonWish:
    """A person to register. `connected_to` is the person a CONNECTION is to; `reason` is why the ground holds."""

    names: Sequence[Name]
    ground: str
    grading: Grading
    origin: str
    observed_at: datetime
    connected_to: str | None = None
    reason: str | None = None
    marks: Marks = UNMARKED


@dataclass(frozen=True, slots=True)
class Registration:
    """What registering made: the actor, its first claims, and what to tell."""

    actor: Actor
    claims: tuple[Claim, ...]
    events: tuple[GroupRegistered | PersonRegistered | ClaimRecorded, ...]


def register_group(
    wish: GroupWish,
    *,
    new_id: Callable[[], str],
    catalogue: Catalogue,
    scales: Scales,
    now: datetime,
    by: str,
) -> Registration:
    """A group with its working label and kind. Raises Invalid that names the field."""
    actor = Actor(new_id(), "GROUP", now, by, wish.marks)
    first = [(WORKING_LABEL, wish.label, None, None, "label"), (GROUP_KIND, wish.group_kind, None, None, "group_kind")]
    claims, told = _first_claims(actor, wish, first, new_id, catalogue, scales, by)
    registered = GroupRegistered.model_validate({"group_id": actor.id, "group_kind": wish.group_kind})
    return Registration(actor, claims, (registered, *told))


def register_person(
    wish: PersonWish,
    *,
    new_id: Callable[[], str],
    link_grounds: frozenset[str],
    catalogue: Catalogue,
    scales: Scales,
    now: datetime,
    by: str,
) -> Registration:
    """A person with names and one ground. `link_grounds` are the grounds `connected_to` stands registered on.

    Raises Invalid that names the field.
    """
    if not 1 <= len(wish.names) <= MOST_NAMES:
        raise Invalid(f"A person is registered with 1 to {MOST_NAMES} names.", field="names")
    actor = Actor(new_id(), "PERSON", now, by, wish.marks)
    check_ground(wish.ground, wish.connected_to, link_grounds, catalogue, "ground", "connected_to")
    link = Target("PERSON", wish.connected_to) if wish.connected_to else None
    first: list[tuple[str, str, Target | None, str | None, str]] = [(GROUND, wish.ground, link, wish.reason, "ground")]
    for position, name in enumerate(wish.names):
        predicate = catalogue.of_name_kind(name.kind, "PERSON", f"names.{position}.kind")
        first.append((predicate.name, name.value, None, None, f"names.{position}.value"))
    claims, told = _first_claims(actor, wish, first, new_id, catalogue, scales, by)
    return Registration(actor, claims, (PersonRegistered(person_id=actor.id, ground=wish.ground), *told))


def check_ground(
    code: str | None,
    link: str | None,
    link_grounds: frozenset[str],
    catalogue: Catalogue,
    code_field: str,
    link_field: str,
) -> None:
    """A ground is one of the legal ones, and a connection is to a person registered on the ground it needs."""
    ground = catalogue.grounds.get(code or "")
    if ground is None:
        known = ", ".join(catalogue.grounds)
        raise Invalid("This is not a registration ground.", field=code_field, remedy=f"Use one of {known}.")
    if ground.needs_link_to is None:
        if link is not None:
            raise Invalid("This ground takes no link.", field=link_field, remedy="Leave it out.")
        return
    if link is None or ground.needs_link_to not in link_grounds:
        raise Invalid(
            "This ground needs a link to a person registered on another.",
            field=link_field,
            remedy=f"Give the id of a person registered as {ground.needs_link_to}.",
        )


def changed(actor: Actor) -> Actor:
    """The actor one version on."""
    return replace(actor, version=actor.version + 1)


def _first_claims(
    actor: Actor,
    wish: GroupWish | PersonWish,
    first: Sequence[tuple[str, str, Target | None, str | None, str]],
    new_id: Callable[[], str],
    catalogue: Catalogue,
    scales: Scales,
    by: str,
) -> tuple[tuple[Claim, ...], list[ClaimRecorded]]:
    claims: list[Claim] = []
    told: list[ClaimRecorded] = []
    for predicate, value, link, note, field in first:
        statement = Wish(
            predicate=predicate,
            grading=wish.grading,
            origin=wish.origin,
            observed_at=wish.observed_at,
            object=link,
            value=value,
            note=note,
            marks=wish.marks,
        )
        try:
            claim, events = record(
                statement,
                claim_id=new_id(),
                actor_id=actor.id,
                actor_kind=actor.kind,
                catalogue=catalogue,
                scales=scales,
                now=actor.registered_at,
                by=by,
            )
        except (Invalid, Conflict) as error:
            # The caller wrote `label`, not `value`; tell them about what they wrote.
            own = {"value": field, "note": "reason"}
            raise type(error)(
                error.detail, field=own.get(error.field or "", error.field), remedy=error.remedy
            ) from error
        claims.append(claim)
        told.extend(events)
    return tuple(claims), told
