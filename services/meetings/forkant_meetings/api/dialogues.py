"""`/meetings/v1/dialogues`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, Field

from forkant_meetings.api.asked import After, Asking, Done, Limit, cursor, done, etag
from forkant_meetings.api.fields import Id, Line, Subject
from forkant_meetings.commands import dialogues as commands
from forkant_meetings.commands import reading
from forkant_meetings.commands.dialogues import DialogueWish, Named
from forkant_meetings.domain.dialogue import Counterpart, Dialogue, EntryForm, Standing
from forkant_meetings.domain.health import Health, Tally
from forkant_meetings.domain.policy import Phase
from forkant_meetings.store.dialogues import Wanted
from forkant_shared.identity import SignedIn
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf

router = APIRouter(prefix="/meetings/v1/dialogues", tags=["dialogues"])

PhaseField = Annotated[Phase, Field(strict=False)]
EntryFormField = Annotated[EntryForm, Field(strict=False)]
CadenceDays = Annotated[int, Field(ge=1, le=3650)]


class NamedBody(Body):
    """An officer; the name may be left out for one who has signed in."""

    subject: Subject
    name: Line = ""

    def wish(self) -> Named:
        return Named(self.subject, self.name.strip())


class CounterpartBody(Body):
    """A person of the group, by the registry's id."""

    person_id: Id
    standing: Annotated[Standing, Field(strict=False)]

    def wish(self) -> Counterpart:
        return Counterpart(self.person_id, self.standing)


class OpenDialogue(Body):
    """A dialogue to be opened. Without a cadence: as the policy proposes for the phase."""

    group_id: Id
    phase: PhaseField
    entry_form: EntryFormField | None = None
    cadence_days: CadenceDays | None = None
    contacts: Annotated[list[NamedBody], Field(max_length=20, json_schema_extra={"minItems": 2})]
    counterparts: list[CounterpartBody] = Field(default_factory=list, max_length=50)
    handling: Literal["OPEN", "RESTRICTED", "SECRET"] = "RESTRICTED"
    compartment: Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[a-z0-9-]+$")] | None = None


class ChangePhase(Body):
    """The phase the dialogue moves to."""

    phase: PhaseField
    entry_form: EntryFormField | None = None
    cadence_days: CadenceDays | None = None


class SetCounterparts(Body):
    """Whom of the group we talk with."""

    counterparts: Annotated[list[CounterpartBody], Field(max_length=50)]


class ContactView(BaseModel):
    """An officer who carries the dialogue, or did until `until`."""

    subject: str
    name: str
    since: datetime
    until: datetime | None


class CounterpartView(BaseModel):
    """A person of the group."""

    person_id: str
    standing: Standing


class DialogueView(BaseModel):
    """A dialogue."""

    id: str
    group_id: str
    phase: Phase
    entry_form: EntryForm | None
    cadence_days: int
    contacts: list[ContactView]
    counterparts: list[CounterpartView]
    handling: str
    compartment: str | None
    opened_at: datetime
    opened_by: str
    last_contact_at: datetime | None
    next_contact_by: datetime
    version: int


class TallyView(BaseModel):
    """One side's promises. `share_kept` is kept / (kept + broken) with n = `settled`; null where n is 0."""

    share_kept: float | None
    settled: int
    open: int
    overdue: int
    kept: int
    broken: int
    excused: int
    lapsed: int


class HealthView(BaseModel):
    """How the dialogue stands; our side first."""

    police: TallyView
    counterpart: TallyView
    overdue: bool


class DialogueAnswer(DialogueView):
    """A dialogue and how it stands."""

    health: HealthView


class DialoguePage(BaseModel):
    """Some dialogues; `next` asks for more."""

    items: list[DialogueView]
    next: str | None


@router.post("", status_code=201)
async def open_dialogue(parts: PartsOf, asking: Asking, body: OpenDialogue, response: Response) -> Done:
    """Open a dialogue with a group."""
    wish = DialogueWish(
        group_id=body.group_id,
        phase=body.phase,
        entry_form=body.entry_form,
        cadence_days=body.cadence_days,
        contacts=[one.wish() for one in body.contacts],
        counterparts=[one.wish() for one in body.counterparts],
        handling=body.handling,
        compartment=body.compartment,
    )
    receipt = await commands.open_dialogue(parts, asking, wish)
    return done(response, receipt, location="/meetings/v1/dialogues")


@router.get("")
async def list_dialogues(
    parts: PartsOf,
    who: SignedIn,
    group_id: UUID | None = None,
    phase: Phase | None = None,
    after: After = None,
    limit: Limit = 50,
) -> DialoguePage:
    """Dialogues, by id."""
    wanted = Wanted(cursor(group_id), phase.value if phase else None)
    found = await reading.list_dialogues(parts, who, wanted, after=cursor(after), limit=limit)
    return DialoguePage(
        items=[DialogueView(**_fields(one)) for one in found], next=found[-1].id if len(found) == limit else None
    )


@router.get("/{dialogue_id}")
async def get_dialogue(parts: PartsOf, who: SignedIn, dialogue_id: UUID, response: Response) -> DialogueAnswer:
    """A dialogue and how it stands."""
    found, health = await reading.read_dialogue(parts, who, str(dialogue_id))
    response.headers["etag"] = etag(found.version)
    return DialogueAnswer(**_fields(found), health=_health(health))


@router.post("/{dialogue_id}/phases")
async def change_phase(
    parts: PartsOf, asking: Asking, dialogue_id: UUID, body: ChangePhase, response: Response
) -> Done:
    """Move the dialogue to another phase."""
    return done(
        response,
        await commands.change_phase(parts, asking, str(dialogue_id), body.phase, body.entry_form, body.cadence_days),
    )


@router.post("/{dialogue_id}/contacts")
async def add_contact(parts: PartsOf, asking: Asking, dialogue_id: UUID, body: NamedBody, response: Response) -> Done:
    """Let one more officer carry the dialogue."""
    return done(response, await commands.add_contact(parts, asking, str(dialogue_id), body.wish()))


@router.delete("/{dialogue_id}/contacts/{subject}")
async def end_contact(
    parts: PartsOf,
    asking: Asking,
    dialogue_id: UUID,
    subject: Annotated[str, Path(min_length=1, max_length=120)],
    response: Response,
) -> Done:
    """Let an officer stop carrying the dialogue; the record of it stays."""
    return done(response, await commands.end_contact(parts, asking, str(dialogue_id), subject))


@router.put("/{dialogue_id}/counterparts")
async def set_counterparts(
    parts: PartsOf, asking: Asking, dialogue_id: UUID, body: SetCounterparts, response: Response
) -> Done:
    """Say whom of the group we talk with."""
    people = [one.wish() for one in body.counterparts]
    return done(response, await commands.set_counterparts(parts, asking, str(dialogue_id), people))


def _fields(dialogue: Dialogue) -> dict[str, object]:
    return {
        "id": dialogue.id,
        "group_id": dialogue.group_id,
        "phase": dialogue.phase,
        "entry_form": dialogue.entry_form,
        "cadence_days": dialogue.cadence.days,
        "contacts": [
            ContactView(subject=one.subject, name=one.name, since=one.since, until=one.until)
            for one in dialogue.contacts
        ],
        "counterparts": [
            CounterpartView(person_id=one.person_id, standing=one.standing) for one in dialogue.counterparts
        ],
        "handling": dialogue.handling,
        "compartment": dialogue.compartment,
        "opened_at": dialogue.opened_at,
        "opened_by": dialogue.opened_by,
        "last_contact_at": dialogue.last_contact_at,
        "next_contact_by": dialogue.next_contact_by,
        "version": dialogue.version,
    }


def _health(health: Health) -> HealthView:
    return HealthView(police=_tally(health.police), counterpart=_tally(health.counterpart), overdue=health.overdue)


def _tally(tally: Tally) -> TallyView:
    return TallyView(
        share_kept=tally.share_kept,
        settled=tally.settled,
        open=tally.open,
        overdue=tally.overdue,
        kept=tally.kept,
        broken=tally.broken,
        excused=tally.excused,
        lapsed=tally.lapsed,
    )
