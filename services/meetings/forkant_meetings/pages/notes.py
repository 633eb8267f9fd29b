"""Notes of intelligence: marked on the meeting's page, complaints on their own, each with a page to take it back."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData
from starlette.responses import Response

from forkant_meetings.commands import noting, reading
from forkant_meetings.domain.dialogue import Dialogue
from forkant_meetings.domain.note import (
    NOBODY_KNOWS,
    Basis,
    Cause,
    Factor,
    Grade,
    NoteWish,
    Party,
    PartyKind,
    Strength,
)
from forkant_meetings.pages import meeting as meeting_page
from forkant_meetings.pages.face import (
    advice,
    asked,
    choice_of,
    id_of,
    known_id,
    labels,
    moment_of,
    number_of,
    render,
    sent_back,
    text_of,
)
from forkant_meetings.store import note_rules
from forkant_shared.access import policy
from forkant_shared.errors import Conflict, ForkantError, Invalid, Stale
from forkant_shared.identity import Principal
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser, form, see_other

ROUTER = APIRouter(prefix="/meetings", include_in_schema=False)

#: Which field of the form stands for one of the wish.
FIELDS = {
    "text": "note_text",
    "aggressor": "note_aggressor",
    "target": "note_target",
    "spoken_by": "note_own_words",
    "imminence_hours": "note_hours",
    "speaker_id": "note_speaker",
    "said_at": "note_said_at",
    "own_action": "note_own_action",
    "grading.scale": "form",
    "grading.source": "note_source",
    "grading.information": "note_information",
    "author": "form",
    "state": "form",
}


@ROUTER.post("/meetings/{meeting_id}/notes")
async def note(request: Request, meeting_id: str, parts: PartsOf, who: PageUser) -> Response:
    sent, found = await form(request), known_id(meeting_id)
    try:
        await noting.note_intelligence(parts, asked(who, sent, on_version=False), found, _intelligence(sent))
    except (Invalid, Conflict) as error:
        return await meeting_page.draw(request, parts, who, found, error=error, sent=sent, fields=FIELDS)
    return see_other(
        f"/meetings/meetings/{found}", notice=N_("Merket som etterretning og sendt til trusselvurderingen.")
    )


@ROUTER.get("/complaints/new", response_class=HTMLResponse)
async def new_complaint(request: Request, parts: PartsOf, who: PageUser) -> HTMLResponse:
    policy.require(who, noting.COMPLAIN)
    meeting = request.query_params.get("meeting", "")
    values = {"meeting_id": meeting and known_id(meeting)}
    return await _complaint_form(request, parts, who, known_id(request.query_params.get("dialogue", "")), values)


@ROUTER.post("/complaints")
async def complain(request: Request, parts: PartsOf, who: PageUser) -> Response:
    sent = await form(request)
    dialogue_id = known_id(text_of(sent, "dialogue_id"))
    try:
        wish = _complaint(sent, moment_of(parts, sent, "note_said_at"))
        asking = asked(who, sent, on_version=False)
        receipt = await noting.note_complaint(parts, asking, dialogue_id, id_of(sent, "meeting_id"), wish)
    except (Invalid, Conflict) as error:
        return await _complaint_form(request, parts, who, dialogue_id, sent_back(sent), error)
    return see_other(f"/meetings/notes/{receipt.id}", notice=N_("Klagen er notert og sendt til trusselvurderingen."))


@ROUTER.get("/notes/{note_id}", response_class=HTMLResponse)
async def show(request: Request, note_id: str, parts: PartsOf, who: PageUser) -> HTMLResponse:
    return await _page(request, parts, who, known_id(note_id))


@ROUTER.post("/notes/{note_id}/withdrawal")
async def withdraw(request: Request, note_id: str, parts: PartsOf, who: PageUser) -> Response:
    sent, found = await form(request), known_id(note_id)
    try:
        cause, reason = choice_of(sent, "cause", Cause), text_of(sent, "reason")
        await noting.withdraw_note(parts, asked(who, sent), found, cause, reason)
    except Stale:
        raise
    except (Invalid, Conflict) as error:
        return await _page(request, parts, who, found, error=error, sent=sent)
    return see_other(f"/meetings/notes/{found}", notice=N_("Notatet er trukket tilbake og teller ikke lenger."))


def _intelligence(sent: FormData) -> NoteWish:
    hours = number_of(sent, "note_hours", least=0, most=8760) if text_of(sent, "note_hours") else None
    return NoteWish(
        text=text_of(sent, "note_text"),
        factor=choice_of(sent, "note_factor", Factor),
        strength=choice_of(sent, "note_strength", Strength),
        grade=_grade(sent),
        basis=choice_of(sent, "note_basis", Basis),
        aggressor=_party(sent, "note_aggressor"),
        target=_target(sent),
        imminence_hours=hours,
        spoken_by_aggressor=text_of(sent, "note_own_words") == "yes",
        speaker_id=id_of(sent, "note_speaker"),
    )


def _complaint(sent: FormData, said_at: Any) -> NoteWish:
    return NoteWish(
        text=text_of(sent, "note_text"),
        factor=Factor.GRIEVANCE,
        strength=choice_of(sent, "note_strength", Strength),
        grade=_grade(sent),
        basis=choice_of(sent, "note_basis", Basis),
        own_action=text_of(sent, "note_own_action"),
        speaker_id=id_of(sent, "note_speaker"),
        said_at=said_at,
    )


def _grade(sent: FormData) -> Grade:
    scale = text_of(sent, "note_scale") or note_rules.current().form_scale
    return Grade(scale, text_of(sent, "note_source"), text_of(sent, "note_information"))


def _party(sent: FormData, name: str) -> Party:
    """A party as the form's choices write it: `GROUP:<id>`, `PERSON:<id>`, `ROLE:<code>` or `UNKNOWN`."""
    kind, _, ref = text_of(sent, name, longest=100).partition(":")
    try:
        found = Party(PartyKind(kind), ref or None)
        if found.kind in (PartyKind.PERSON, PartyKind.GROUP):
            found = Party(found.kind, known_id(ref))
    except (ValueError, ForkantError):
        raise Invalid("This is none of the values.", field=name, remedy="Choose one of the values.") from None
    return found


def _target(sent: FormData) -> Party:
    other = id_of(sent, "note_target_id")
    if other is not None:
        return Party(PartyKind.PERSON, other)
    return _party(sent, "note_target") if text_of(sent, "note_target") else NOBODY_KNOWS


async def _page(
    request: Request,
    parts: Any,
    who: Principal,
    note_id: str,
    *,
    error: ForkantError | None = None,
    sent: FormData | None = None,
) -> HTMLResponse:
    found = await noting.read_note(parts, who, note_id)
    dialogue, _ = await reading.read_dialogue(parts, who, found.dialogue_id)
    parties = [party.ref for party in (found.aggressor, found.wish.target) if party.kind in meeting_page.ACTORS]
    wanted = [dialogue.group_id, found.wish.speaker_id, *parties]
    named = await labels(request, parts, [one for one in wanted if one])
    return render(
        request,
        parts,
        who,
        "note.html",
        status_code=error.status if error else 200,
        note=found,
        dialogue=dialogue,
        named=named,
        errors=advice(error, {"by": "form", "state": "form"}) if error else {},
        values=sent_back(sent) if sent is not None else {},
    )


async def _complaint_form(
    request: Request,
    parts: Any,
    who: Principal,
    dialogue_id: str,
    values: dict[str, Any],
    error: ForkantError | None = None,
) -> HTMLResponse:
    dialogue: Dialogue
    dialogue, _ = await reading.read_dialogue(parts, who, dialogue_id)
    named = await labels(request, parts, [dialogue.group_id, *(one.person_id for one in dialogue.counterparts)])
    return render(
        request,
        parts,
        who,
        "complaint_form.html",
        status_code=error.status if error else 200,
        dialogue=dialogue,
        speakers=list(dict.fromkeys(one.person_id for one in dialogue.counterparts)),
        note_rules=note_rules.current(),
        note_scale=request.query_params.get("note_scale"),
        named=named,
        values=values,
        errors=advice(error, FIELDS) if error else {},
    )
