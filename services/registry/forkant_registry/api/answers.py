"""What the registry answers, as JSON models."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from forkant_registry.commands.reading import CardView, Listed
from forkant_registry.domain.card import Line, Member
from forkant_registry.domain.claims import Claim
from forkant_registry.domain.conflicts import Conflict, Standing
from forkant_registry.domain.grading import Grading
from forkant_registry.store.actors import Labelled


class ActorAnswer(BaseModel):
    """An actor something points at, with its name where the reader may know it."""

    kind: str
    id: str
    label: str | None


class ReasonAnswer(BaseModel):
    """One word of the query, what it was found in, and how: EXACT, FOLDED, VARIANT, SOUND, TYPING, PREFIX, COMPOUND."""

    asked: str
    found: str
    name_kind: str
    how: str
    score: float


class FoundActor(BaseModel):
    """An actor that fits; `score` 0 to 1, null in a list of all. `also` are those judged to be the same as this one."""

    id: str
    kind: str
    label: str
    score: float | None
    why: list[ReasonAnswer]
    also: list[ActorAnswer]

    @classmethod
    def of(cls, listed: Listed) -> FoundActor:
        hit = listed.hit
        why = [
            ReasonAnswer(asked=r.asked, found=r.found, name_kind=r.name_kind, how=r.how, score=r.score)
            for r in (hit.why if hit else ())
        ]
        actor = listed.actor
        return cls(
            id=actor.id,
            kind=actor.kind,
            label=actor.label,
            score=hit.score if hit else None,
            why=why,
            also=[ActorAnswer(kind=one.kind, id=one.id, label=one.label) for one in listed.also],
        )


class FoundActors(BaseModel):
    items: list[FoundActor]
    next: str | None


class NameAnswer(BaseModel):
    kind: str
    value: str


class NamedActor(BaseModel):
    """What an actor is called; `label` is the name to show."""

    id: str
    kind: str
    label: str
    names: list[NameAnswer]

    @classmethod
    def of(cls, actor: Labelled) -> NamedActor:
        names = [NameAnswer(kind=name.kind, value=name.value) for name in actor.names]
        return cls(id=actor.id, kind=actor.kind, label=actor.label, names=names)


class NamedActors(BaseModel):
    items: list[NamedActor]


class GradingAnswer(BaseModel):
    scale: str
    source: str
    information: str

    @classmethod
    def of(cls, grading: Grading) -> GradingAnswer:
        return cls(scale=grading.scale, source=grading.source, information=grading.information)


class ClaimAnswer(BaseModel):
    """One claim with everything that was recorded about it; `actor_id` is whose card it was recorded on."""

    id: str
    actor_id: str
    predicate: str
    object: ActorAnswer | None
    value: str | None
    qualifiers: dict[str, list[str]]
    kind: str
    verified: bool
    grading: GradingAnswer
    origin: str
    report: str | None
    note: str | None
    handling: str
    compartment: str | None
    observed_at: datetime
    valid_from: datetime | None
    valid_to: datetime | None
    recorded_at: datetime
    recorded_by: str
    corrects: str | None
    superseded_at: datetime | None
    superseded_by: str | None
    superseded_reason: str | None

    @classmethod
    def of(cls, claim: Claim, labels: dict[str, Labelled] | None = None) -> ClaimAnswer:
        same = (
            "id actor_id predicate value kind verified origin report note observed_at valid_from valid_to recorded_at "
            "recorded_by corrects superseded_at superseded_by superseded_reason"
        )
        values: dict[str, Any] = {name: getattr(claim, name) for name in same.split()}
        target = None
        if claim.object is not None:
            named = (labels or {}).get(claim.object.id)
            target = ActorAnswer(kind=claim.object.kind, id=claim.object.id, label=named.label if named else None)
        return cls(
            **values,
            object=target,
            qualifiers={name: list(codes) for name, codes in claim.qualifiers.items()},
            grading=GradingAnswer.of(claim.grading),
            handling=claim.marks.handling,
            compartment=claim.marks.compartment,
        )


class Claims(BaseModel):
    items: list[ClaimAnswer]
    next: str | None


class LineAnswer(BaseModel):
    """One statement with the claims that support it, the best graded first."""

    predicate: str
    actor: ActorAnswer | None
    value: str | None
    origins: int
    competing: bool
    claims: list[ClaimAnswer]

    @classmethod
    def of(cls, line: Line, labels: dict[str, Labelled]) -> LineAnswer:
        other = labels.get(line.object_id or "")
        actor = ActorAnswer(kind=other.kind, id=other.id, label=other.label) if other else None
        return cls(
            predicate=line.predicate,
            actor=actor,
            value=line.value,
            origins=line.origins,
            competing=line.competing,
            claims=[ClaimAnswer.of(claim, labels) for claim in line.claims],
        )


class MemberAnswer(BaseModel):
    """Somebody said to belong to the group; `counted` is false for a victim, an informant-adjacent or a former one."""

    id: str
    label: str | None
    status: str | None
    counted: bool

    @classmethod
    def of(cls, member: Member, labels: dict[str, Labelled]) -> MemberAnswer:
        named = labels.get(member.person_id)
        status = member.claims[0].qualifiers.get("status")
        return cls(
            id=member.person_id,
            label=named.label if named else None,
            status=status[0] if status else None,
            counted=member.counted,
        )


class CardAnswer(BaseModel):
    """The card of an actor. `lines` is what is said of it, `pointing` what is said of others and points here.

    `canonical_id` stands for it and for those in `same_as`, who were judged to be one with it: what is said of any of
    them is on this card.
    """

    id: str
    kind: str
    label: str
    canonical_id: str
    same_as: list[ActorAnswer]
    registered_at: datetime
    handling: str
    compartment: str | None
    as_of: datetime
    known_at: datetime
    lines: list[LineAnswer]
    pointing: list[LineAnswer]
    members: list[MemberAnswer]
    member_count: int

    @classmethod
    def of(cls, view: CardView) -> CardAnswer:
        labels = dict(view.labels)
        actor = view.actor
        return cls(
            id=actor.id,
            kind=actor.kind,
            label=labels[actor.id].label,
            canonical_id=view.same[0],
            same_as=[
                ActorAnswer(kind=labels[id].kind, id=id, label=labels[id].label) for id in view.same if id != actor.id
            ],
            registered_at=actor.registered_at,
            handling=actor.marks.handling,
            compartment=actor.marks.compartment,
            as_of=view.as_of,
            known_at=view.known_at,
            lines=[LineAnswer.of(line, labels) for line in view.card.lines],
            pointing=[LineAnswer.of(line, labels) for line in view.card.pointing],
            members=[MemberAnswer.of(member, labels) for member in view.card.members],
            member_count=view.card.member_count,
        )


class StandingAnswer(BaseModel):
    id: str
    status: str
    since: datetime
    kind: str
    verified: bool
    grading: GradingAnswer
    origin: str
    note: str | None
    recorded_at: datetime
    recorded_by: str

    @classmethod
    def of(cls, standing: Standing) -> StandingAnswer:
        same = "id status since kind verified origin note recorded_at recorded_by"
        values: dict[str, Any] = {name: getattr(standing, name) for name in same.split()}
        return cls(**values, grading=GradingAnswer.of(standing.grading))


class ConflictAnswer(BaseModel):
    """Two groups, how they stand (null where nothing was known then), and how they stood before, the latest first."""

    id: str
    group_a: str
    group_b: str
    current: StandingAnswer | None
    history: list[StandingAnswer]

    @classmethod
    def of(cls, conflict: Conflict, as_of: datetime, known_at: datetime) -> ConflictAnswer:
        current = conflict.at(as_of, known_at)
        history = [StandingAnswer.of(s) for s in reversed(conflict.history) if s.recorded_at <= known_at]
        return cls(
            id=conflict.id,
            group_a=conflict.group_a,
            group_b=conflict.group_b,
            current=StandingAnswer.of(current) if current else None,
            history=history,
        )


class Conflicts(BaseModel):
    items: list[ConflictAnswer]
    next: str | None
