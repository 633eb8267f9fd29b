"""`/meetings/v1/notes`: what was said, marked as intelligence, and complaints of what we did."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from forkant_meetings.api.asked import After, Asking, Done, Limit, cursor, done, etag
from forkant_meetings.api.fields import Id, Moment, Said
from forkant_meetings.commands import noting
from forkant_meetings.domain.note import (
    NOBODY_KNOWS,
    Basis,
    Cause,
    Factor,
    Grade,
    Note,
    NoteKind,
    NoteWish,
    Party,
    PartyKind,
    Strength,
)
from forkant_meetings.store.notes import Wanted
from forkant_shared.identity import SignedIn
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf

router = APIRouter(prefix="/meetings/v1", tags=["notes"])

Code = Annotated[str, Field(min_length=1, max_length=30, pattern=r"^[A-Z0-9_]+$")]
GradeCode = Annotated[str, Field(min_length=1, max_length=4)]


class ActorParty(Body):
    """A person or a group of the registry."""

    kind: Literal["PERSON", "GROUP"]
    id: Id

    def party(self) -> Party:
        return Party(PartyKind(self.kind), self.id)


class RoleParty(Body):
    """Whoever holds a role."""

    kind: Literal["ROLE"]
    code: Code

    def party(self) -> Party:
        return Party(PartyKind.ROLE, self.code)


class UnknownParty(Body):
    """Nobody knows who."""

    kind: Literal["UNKNOWN"]

    def party(self) -> Party:
        return NOBODY_KNOWS


AggressorBody = Annotated[ActorParty | UnknownParty, Field(discriminator="kind")]
TargetBody = Annotated[ActorParty | RoleParty | UnknownParty, Field(discriminator="kind")]


class GradeBody(Body):
    """Both axes as codes of a scale."""

    scale: Code
    source: GradeCode
    information: GradeCode


class NoteBody(Body):
    """What was said. `aggressor` left out: the dialogue's group. `speaker_id`: who said it, of the counterpart."""

    text: Said
    factor: Annotated[Factor, Field(strict=False)]
    strength: Annotated[Strength, Field(strict=False)]
    grading: GradeBody
    kind: Annotated[Basis, Field(strict=False)] = Basis.FACT
    aggressor: AggressorBody | None = None
    target: TargetBody | None = None
    imminence_hours: Annotated[float, Field(ge=0, le=8760)] | None = None
    spoken_by: Literal["AGGRESSOR"] | None = None
    speaker_id: Id | None = None

    def wish(self) -> NoteWish:
        return NoteWish(
            text=self.text.strip(),
            factor=self.factor,
            strength=self.strength,
            grade=Grade(self.grading.scale, self.grading.source, self.grading.information),
            basis=self.kind,
            aggressor=self.aggressor.party() if self.aggressor else None,
            target=self.target.party() if self.target else NOBODY_KNOWS,
            imminence_hours=self.imminence_hours,
            spoken_by_aggressor=self.spoken_by == "AGGRESSOR",
            speaker_id=self.speaker_id,
        )


class ComplaintBody(Body):
    """What the group holds against us. `said_at` left out: when the meeting was held, or now."""

    text: Said
    own_action: Code
    strength: Annotated[Strength, Field(strict=False)]
    grading: GradeBody
    kind: Annotated[Basis, Field(strict=False)] = Basis.FACT
    meeting_id: Id | None = None
    speaker_id: Id | None = None
    said_at: Moment | None = None

    def wish(self) -> NoteWish:
        return NoteWish(
            text=self.text.strip(),
            factor=Factor.GRIEVANCE,
            strength=self.strength,
            grade=Grade(self.grading.scale, self.grading.source, self.grading.information),
            basis=self.kind,
            own_action=self.own_action,
            speaker_id=self.speaker_id,
            said_at=self.said_at,
        )


class WithdrawalBody(Body):
    """Why a note is taken back."""

    cause: Annotated[Cause, Field(strict=False)]
    reason: Said


class NotePartyView(BaseModel):
    """Who it comes from or is aimed at: an actor's id or a role's code."""

    kind: PartyKind
    ref: str | None


class WithdrawalView(BaseModel):
    """Who took it back, when and why."""

    by: str
    at: datetime
    cause: Cause
    reason: str


class NoteView(BaseModel):
    """A note to those who may read what was said."""

    id: str
    dialogue_id: str
    meeting_id: str | None
    note_kind: NoteKind
    text: str
    kind: Basis
    factor: Factor
    strength: Strength
    grading: dict[str, str]
    aggressor: NotePartyView
    target: NotePartyView
    imminence_hours: float | None
    spoken_by: Literal["AGGRESSOR"] | None
    own_action: str | None
    speaker_id: str | None
    origin_id: str
    said_at: datetime
    noted_by: str
    noted_at: datetime
    withdrawal: WithdrawalView | None
    version: int


class NotePage(BaseModel):
    """Some notes; `next` asks for more."""

    items: list[NoteView]
    next: str | None


@router.post("/meetings/{meeting_id}/notes", status_code=201)
async def note_intelligence(
    parts: PartsOf, asking: Asking, meeting_id: UUID, body: NoteBody, response: Response
) -> Done:
    """Mark what was said in a meeting as intelligence, as one of its police representatives."""
    receipt = await noting.note_intelligence(parts, asking, str(meeting_id), body.wish())
    return done(response, receipt, location="/meetings/v1/notes")


@router.post("/dialogues/{dialogue_id}/complaints", status_code=201)
async def note_complaint(
    parts: PartsOf, asking: Asking, dialogue_id: UUID, body: ComplaintBody, response: Response
) -> Done:
    """Note what the group holds against us, said in a meeting or outside any."""
    receipt = await noting.note_complaint(parts, asking, str(dialogue_id), body.meeting_id, body.wish())
    return done(response, receipt, location="/meetings/v1/notes")


@router.get("/notes")
async def list_notes(
    parts: PartsOf,
    who: SignedIn,
    dialogue_id: UUID | None = None,
    meeting_id: UUID | None = None,
    after: After = None,
    limit: Limit = 50,
) -> NotePage:
    """Notes, by id; withdrawn ones too."""
    wanted = Wanted(cursor(dialogue_id), cursor(meeting_id))
    found = await noting.list_notes(parts, who, wanted, after=cursor(after), limit=limit)
    return NotePage(items=[_view(one) for one in found], next=found[-1].id if len(found) == limit else None)


@router.get("/notes/{note_id}")
async def get_note(parts: PartsOf, who: SignedIn, note_id: UUID, response: Response) -> NoteView:
    """A note."""
    found = await noting.read_note(parts, who, str(note_id))
    response.headers["etag"] = etag(found.version)
    return _view(found)


@router.post("/notes/{note_id}/withdrawal")
async def withdraw_note(
    parts: PartsOf, asking: Asking, note_id: UUID, body: WithdrawalBody, response: Response
) -> Done:
    """Take a note back; what it said no longer counts in any threat."""
    return done(response, await noting.withdraw_note(parts, asking, str(note_id), body.cause, body.reason))


def _view(note: Note) -> NoteView:
    wish, grade, gone = note.wish, note.wish.grade, note.withdrawal
    return NoteView(
        id=note.id,
        dialogue_id=note.dialogue_id,
        meeting_id=note.meeting_id,
        note_kind=note.kind,
        text=wish.text,
        kind=wish.basis,
        factor=wish.factor,
        strength=wish.strength,
        grading={"scale": grade.scale, "source": grade.source, "information": grade.information},
        aggressor=NotePartyView(kind=note.aggressor.kind, ref=note.aggressor.ref),
        target=NotePartyView(kind=wish.target.kind, ref=wish.target.ref),
        imminence_hours=wish.imminence_hours,
        spoken_by="AGGRESSOR" if wish.spoken_by_aggressor else None,
        own_action=wish.own_action,
        speaker_id=wish.speaker_id,
        origin_id=note.origin_id,
        said_at=note.said_at,
        noted_by=note.noted_by,
        noted_at=note.noted_at,
        withdrawal=WithdrawalView(by=gone.by, at=gone.at, cause=gone.cause, reason=gone.reason) if gone else None,
        version=note.version,
    )
