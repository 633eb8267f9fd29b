"""The claim is the atom: one graded statement about an actor, with the time it holds and the time we knew it.

Two clocks run beside each other. *Valid* time is when the statement is true out there (`valid_from` ≤ day <
`valid_to`); *known* time is when it stood in the register (`recorded_at` ≤ moment < `superseded_at`). Nothing is ever
overwritten: a correction marks the old claim and adds a new one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from forkant_registry.domain.grading import Grading, Scales
from forkant_registry.domain.predicates import ActorKind, Catalogue, Predicate
from forkant_registry.domain.values import checked_note, checked_qualifiers, checked_value
from forkant_shared.errors import Conflict, Invalid
from forkant_shared.events.registry import ClaimRecorded, ClaimSuperseded

Kind = Literal["FACT", "ASSESSMENT"]
Handling = Literal["OPEN", "RESTRICTED", "SECRET"]
Reason = Literal["WRONG", "OUTDATED", "REFINED", "WITHDRAWN"]

# Clocks of other systems run ahead; more than this is a mistake.
CLOCK_DRIFT = timedelta(minutes=5)
_LETTERS = "0-9A-Za-zÆØÅÄÖæøåäö"
ORIGIN_PATTERN = f"^[{_LETTERS}][{_LETTERS} .:/-]{{0,63}}$"


@dataclass(frozen=True, slots=True)
class Target:
    """The actor a claim points at, as it is known to the register."""

    kind: ActorKind
    id: str


@dataclass(frozen=True, slots=True)
class Marks:
    """Who may see it: handling, and the compartment it is kept in, if any."""

    handling: Handling = "OPEN"
    compartment: str | None = None


UNMARKED = Marks()


@dataclass(frozen=True, slots=True)
class Wish:
    """A statement somebody wants recorded, before it is checked."""

    predicate: str
    grading: Grading
    origin: str
    observed_at: datetime
    object: Target | None = None
    value: str | None = None
    kind: Kind = "FACT"
    verified: bool = False
    qualifiers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    report: str | None = None
    note: str | None = None
    marks: Marks = UNMARKED


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement as it stands in the register; `value` is text or a code, `superseded_by` the one that replaced it."""

    id: str
    actor_id: str
    predicate: str
    kind: Kind
    verified: bool
    grading: Grading
    origin: str
    observed_at: datetime
    recorded_at: datetime
    recorded_by: str
    object: Target | None = None
    value: str | None = None
    qualifiers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    report: str | None = None
    note: str | None = None
    marks: Marks = UNMARKED
    corrects: str | None = None
    superseded_at: datetime | None = None
    superseded_by: str | None = None
    superseded_reason: Reason | None = None

    @property
    def statement(self) -> tuple[str, str | None, str | None]:
        """What is said, without who says it: two claims with the same statement support each other."""
        return self.predicate, self.object.id if self.object else None, self.value

    def known(self, at: datetime) -> bool:
        """Did it stand in the register at this moment?"""
        return self.recorded_at <= at and (self.superseded_at is None or at < self.superseded_at)

    def valid(self, at: datetime, predicate: Predicate) -> bool:
        """Is it said to be true at this moment?"""
        start = self.valid_from
        if start is None and predicate.holds == "OBSERVED":
            start = self.observed_at if self.valid_to is None else min(self.observed_at, self.valid_to)
        return (start is None or start <= at) and (self.valid_to is None or at < self.valid_to)


def record(
    wish: Wish,
    *,
    claim_id: str,
    actor_id: str,
    actor_kind: ActorKind,
    catalogue: Catalogue,
    scales: Scales,
    now: datetime,
    by: str,
    corrects: str | None = None,
) -> tuple[Claim, list[ClaimRecorded]]:
    """Check the wish against the catalogue and make the claim.

    Raises Invalid that names the field, or Conflict where the actor is of another kind or the time has yet to come.
    """
    predicate = catalogue.predicate(wish.predicate)
    if actor_kind not in predicate.subjects:
        raise Conflict(
            "This cannot be said about that kind of actor.",
            field="predicate",
            remedy=f"It is for {' and '.join(sorted(predicate.subjects))}.",
        )
    _check_object(wish, predicate, actor_id)
    _check_times(wish, now)
    claim = Claim(
        id=claim_id,
        actor_id=actor_id,
        predicate=predicate.name,
        kind=wish.kind,
        verified=wish.verified,
        grading=scales.check(wish.grading),
        origin=checked_origin(wish.origin),
        observed_at=wish.observed_at,
        recorded_at=now,
        recorded_by=by,
        object=wish.object,
        value=checked_value(wish.value, predicate),
        qualifiers=checked_qualifiers(wish.qualifiers, predicate),
        valid_from=wish.valid_from,
        valid_to=wish.valid_to,
        report=wish.report,
        note=checked_note(wish.note),
        marks=wish.marks,
        corrects=corrects,
    )
    return claim, [recorded(claim, predicate)]


def recorded(claim: Claim, predicate: Predicate) -> ClaimRecorded:
    """The event that tells of the claim: ids and codes, never a name or a text."""
    return ClaimRecorded(
        claim_id=claim.id,
        actor_id=claim.actor_id,
        predicate=claim.predicate,
        object_kind=claim.object.kind if claim.object else None,
        object_id=claim.object.id if claim.object else None,
        code=claim.value if predicate.value == "CODE" else None,
        kind=claim.kind,
        verified=claim.verified,
        scale=claim.grading.scale,
        source_grade=claim.grading.source,
        information_grade=claim.grading.information,
        observed_at=claim.observed_at,
        valid_from=claim.valid_from,
        valid_to=claim.valid_to,
    )


def supersede(
    claim: Claim,
    *,
    reason: Reason,
    replacement: Claim | None,
    others: Sequence[Claim],
    predicate: Predicate,
    now: datetime,
) -> tuple[Claim, list[ClaimSuperseded]]:
    """Mark a claim as corrected. `others` are the actor's other standing claims of the same predicate.

    Raises Conflict where it was corrected before, or where it is the last one of a kind that every actor must have.
    """
    if claim.superseded_at is not None:
        raise Conflict("This claim was corrected before.", remedy="Correct the claim that replaced it.")
    if replacement is not None and replacement.predicate != claim.predicate:
        raise Invalid(
            "A correction says the same sort of thing.",
            field="replacement.predicate",
            remedy="Withdraw this claim and record the other one.",
        )
    if replacement is None and predicate.required and not others:
        raise Conflict(
            "This is the last claim of a kind that every such actor must have.",
            field="replacement",
            remedy="Give a replacement, or record another one first.",
        )
    marked = replace(
        claim,
        superseded_at=now,
        superseded_by=replacement.id if replacement else None,
        superseded_reason=reason,
    )
    event = ClaimSuperseded(claim_id=claim.id, actor_id=claim.actor_id, superseded_by=marked.superseded_by)
    return marked, [event]


def checked_origin(origin: str) -> str:
    """Who first knew, as a short reference that is no name; Invalid where it is none."""
    origin = origin.strip()
    if not re.fullmatch(ORIGIN_PATTERN, origin):
        raise Invalid(
            "The origin is a short reference to who first knew.",
            field="origin",
            remedy="Use 1 to 64 letters, digits, spaces or . : / -, never a name.",
        )
    return origin


def _check_object(wish: Wish, predicate: Predicate, actor_id: str) -> None:
    if wish.object is None:
        if predicate.object_kinds and not predicate.object_optional:
            kinds = " or ".join(sorted(predicate.object_kinds))
            raise Invalid("This predicate points at an actor.", field="object", remedy=f"Give a {kinds} and its id.")
        return
    if wish.object.kind not in predicate.object_kinds:
        allowed = " or ".join(sorted(predicate.object_kinds))
        raise Invalid(
            "This predicate does not point at such an actor.",
            field="object.kind",
            remedy=f"Give a {allowed}." if allowed else "Leave the object out and give a value.",
        )
    if wish.object.id == actor_id:
        raise Invalid("An actor cannot be tied to itself.", field="object.id")


def _check_times(wish: Wish, now: datetime) -> None:
    for name in ("observed_at", "valid_from", "valid_to"):
        moment: datetime | None = getattr(wish, name)
        if moment is not None and moment.tzinfo is None:
            raise Invalid("The time has no offset.", field=name, remedy="Write it as 2026-11-20T21:15:00+01:00.")
    if wish.observed_at > now + CLOCK_DRIFT:
        raise Conflict("Nobody can have observed it yet.", field="observed_at", remedy="Give the time it was seen.")
    if wish.valid_from and wish.valid_to and wish.valid_from >= wish.valid_to:
        raise Invalid("It must hold before it ends.", field="valid_to", remedy="Set valid_to after valid_from.")
