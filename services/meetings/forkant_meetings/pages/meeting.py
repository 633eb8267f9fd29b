"""One meeting: its plan, its checks, and the buttons for each step it can take now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData
from starlette.responses import Response

from forkant_meetings.commands import meetings as commands
from forkant_meetings.commands import minutes, noting, planning, reading
from forkant_meetings.commands.asking import Asked, Receipt
from forkant_meetings.domain.dialogue import Dialogue
from forkant_meetings.domain.meeting import CheckCode, Meeting
from forkant_meetings.domain.note import SAID_IN, Note, PartyKind
from forkant_meetings.pages.climate import climate_of
from forkant_meetings.pages.face import advice, asked, known_id, labels, moment_of, render, sent_back, text_of
from forkant_meetings.store import note_rules
from forkant_meetings.store import notes as notes_store
from forkant_meetings.store.promises import Wanted
from forkant_shared.access import policy
from forkant_shared.errors import Conflict, ForkantError, Invalid, Stale
from forkant_shared.identity import Principal
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser, form, see_other

ROUTER = APIRouter(prefix="/meetings/meetings", include_in_schema=False)

Act = Callable[[Asked], Awaitable[Receipt]]
#: Parties that the registry has a name for.
ACTORS = (PartyKind.PERSON, PartyKind.GROUP)
NOTES_SHOWN = 100


@ROUTER.get("/{meeting_id}", response_class=HTMLResponse)
async def show(request: Request, meeting_id: str, parts: PartsOf, who: PageUser) -> HTMLResponse:
    return await draw(request, parts, who, known_id(meeting_id))


@ROUTER.post("/{meeting_id}/planning")
async def plan(request: Request, meeting_id: str, parts: PartsOf, who: PageUser) -> Response:
    sent, found = await form(request), known_id(meeting_id)
    return await _step(
        request,
        parts,
        who,
        found,
        sent,
        lambda asking: planning.plan_meeting(parts, asking, found),
        N_("Møtet er planlagt."),
    )


@ROUTER.post("/{meeting_id}/confirmation")
async def confirm(request: Request, meeting_id: str, parts: PartsOf, who: PageUser) -> Response:
    sent, found = await form(request), known_id(meeting_id)

    async def act(asking: Asked) -> Receipt:
        reasons = {code: text_of(sent, f"reason-{code}") for code in CheckCode if text_of(sent, f"reason-{code}")}
        return await commands.confirm_meeting(parts, asking, found, reasons)

    return await _step(request, parts, who, found, sent, act, N_("Møtet er bekreftet."))


@ROUTER.post("/{meeting_id}/holding")
async def hold(request: Request, meeting_id: str, parts: PartsOf, who: PageUser) -> Response:
    sent, found = await form(request), known_id(meeting_id)

    async def act(asking: Asked) -> Receipt:
        held_at = moment_of(parts, sent, "held_at")
        if held_at is None:
            raise Invalid("This is not a time.", field="held_at", remedy="Write a time.")
        return await commands.hold_meeting(parts, asking, found, held_at)

    return await _step(request, parts, who, found, sent, act, N_("Møtet er registrert som holdt. Skriv referatet nå."))


@ROUTER.post("/{meeting_id}/cancellation")
async def cancel(request: Request, meeting_id: str, parts: PartsOf, who: PageUser) -> Response:
    sent, found = await form(request), known_id(meeting_id)

    async def act(asking: Asked) -> Receipt:
        return await commands.cancel_meeting(parts, asking, found, text_of(sent, "cancel_reason"))

    fields = {"reason": "cancel_reason"}
    return await _step(request, parts, who, found, sent, act, N_("Møtet er avlyst."), fields)


@ROUTER.post("/{meeting_id}/break-off")
async def break_off(request: Request, meeting_id: str, parts: PartsOf, who: PageUser) -> Response:
    sent, found = await form(request), known_id(meeting_id)

    async def act(asking: Asked) -> Receipt:
        return await commands.break_off_meeting(parts, asking, found, text_of(sent, "break_reason"))

    fields = {"reason": "break_reason"}
    return await _step(request, parts, who, found, sent, act, N_("Møtet er registrert som avbrutt."), fields)


@ROUTER.post("/{meeting_id}/approval")
async def approve(request: Request, meeting_id: str, parts: PartsOf, who: PageUser) -> Response:
    sent, found = await form(request), known_id(meeting_id)
    return await _step(
        request,
        parts,
        who,
        found,
        sent,
        lambda asking: minutes.approve_minutes(parts, asking, found),
        N_("Referatet er godkjent."),
        {"by": "form", "state": "form"},
    )


@ROUTER.post("/{meeting_id}/corrections")
async def correct(request: Request, meeting_id: str, parts: PartsOf, who: PageUser) -> Response:
    sent, found = await form(request), known_id(meeting_id)

    async def act(asking: Asked) -> Receipt:
        climate = climate_of(sent, "corrected_") if text_of(sent, "of_climate") == "yes" else None
        return await minutes.correct_minutes(parts, asking, found, text_of(sent, "correction"), climate)

    fields = {"text": "correction", "climate_ours": "corrected_ours", "climate_theirs": "corrected_theirs"}
    return await _step(request, parts, who, found, sent, act, N_("Rettelsen er lagt til."), fields)


async def _step(
    request: Request,
    parts: Any,
    who: Principal,
    meeting_id: str,
    sent: FormData,
    act: Act,
    notice: str,
    fields: dict[str, str] | None = None,
) -> Response:
    """Take the step, and go back to the meeting; or draw it again with what stands in the way."""
    try:
        await act(asked(who, sent))
    except Stale:
        raise
    except (Invalid, Conflict) as error:
        return await draw(request, parts, who, meeting_id, error=error, sent=sent, fields=fields)
    return see_other(f"/meetings/meetings/{meeting_id}", notice=notice)


async def draw(
    request: Request,
    parts: Any,
    who: Principal,
    meeting_id: str,
    *,
    error: ForkantError | None = None,
    sent: FormData | None = None,
    fields: dict[str, str] | None = None,
) -> HTMLResponse:
    """The meeting's page; with an error, what was sent and what stands in the way."""
    view = await reading.read_meeting(parts, who, meeting_id)
    promised = await reading.list_promises(parts, who, Wanted(meeting_id=meeting_id), after=None, limit=100)
    dialogue, _ = await reading.read_dialogue(parts, who, view.meeting.dialogue_id)
    notes = await _notes(parts, who, view.meeting)
    may_note = _may_note(who, view.meeting)
    groups = await reading.known_groups(parts, who) if may_note else []
    named = await labels(request, parts, [*_actors(view.meeting, dialogue, notes), *groups])
    return render(
        request,
        parts,
        who,
        "meeting.html",
        status_code=error.status if error else 200,
        meeting=view.meeting,
        plan=view.meeting.plan,
        checks=view.checks,
        may_read_minutes=view.may_read_minutes,
        promises=promised,
        dialogue=dialogue,
        notes=notes,
        may_note=may_note,
        said_in=view.meeting.state in SAID_IN,
        groups=[one for one in groups if one != dialogue.group_id],
        speakers=_speakers(view.meeting, dialogue),
        note_rules=note_rules.current(),
        note_scale=request.query_params.get("note_scale"),
        named=named,
        errors=advice(error, fields) if error else {},
        values=sent_back(sent) if sent is not None else {},
    )


async def _notes(parts: Any, who: Principal, meeting: Meeting) -> list[Note]:
    if meeting.state not in SAID_IN or not policy.allows(who, noting.READ):
        return []
    wanted = notes_store.Wanted(meeting_id=meeting.id)
    return await noting.list_notes(parts, who, wanted, after=None, limit=NOTES_SHOWN)


def _may_note(who: Principal, meeting: Meeting) -> bool:
    return meeting.state in SAID_IN and meeting.represents(who.subject) and policy.allows(who, noting.WRITE)


def _speakers(meeting: Meeting, dialogue: Dialogue) -> list[str]:
    """Those of the counterpart who can have said something: who was there first."""
    return list(dict.fromkeys([*meeting.plan.counterparts, *(one.person_id for one in dialogue.counterparts)]))


def _actors(meeting: Meeting, dialogue: Dialogue, notes: list[Note]) -> list[str]:
    """Everybody the page calls by name."""
    parties = [party for note in notes for party in (note.aggressor, note.wish.target)]
    noted = [party.ref for party in parties if party.kind in ACTORS and party.ref]
    return [dialogue.group_id, *_speakers(meeting, dialogue), *noted]
