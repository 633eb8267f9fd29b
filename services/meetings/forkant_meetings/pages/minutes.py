"""Writing the minutes of a meeting, and printing them."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from forkant_meetings.commands import minutes as commands
from forkant_meetings.commands import reading
from forkant_meetings.pages.climate import climate_of
from forkant_meetings.pages.face import advice, asked, known_id, labels, render, sent_back, text_of
from forkant_meetings.store.promises import Wanted
from forkant_shared.access import policy
from forkant_shared.errors import Conflict, ForkantError, Invalid, NotFound, Stale
from forkant_shared.identity import Principal
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser, form, see_other

ROUTER = APIRouter(prefix="/meetings/meetings", include_in_schema=False)


@ROUTER.get("/{meeting_id}/minutes", response_class=HTMLResponse)
async def new(request: Request, meeting_id: str, parts: PartsOf, who: PageUser) -> HTMLResponse:
    policy.require(who, commands.WRITE)
    return await _form(request, parts, who, known_id(meeting_id), {})


@ROUTER.post("/{meeting_id}/minutes")
async def write(request: Request, meeting_id: str, parts: PartsOf, who: PageUser) -> Response:
    sent, found = await form(request), known_id(meeting_id)
    try:
        climate = climate_of(sent, "climate_")
        await commands.write_minutes(parts, asked(who, sent), found, text_of(sent, "text"), climate)
    except Stale:
        raise
    except (Invalid, Conflict) as error:
        return await _form(request, parts, who, found, sent_back(sent), error)
    return see_other(f"/meetings/meetings/{found}", notice=N_("Referatet er lagret og venter på godkjenning."))


@ROUTER.get("/{meeting_id}/print", response_class=HTMLResponse)
async def sheet(request: Request, meeting_id: str, parts: PartsOf, who: PageUser) -> HTMLResponse:
    view = await reading.read_meeting(parts, who, known_id(meeting_id), minutes=True)
    if view.meeting.minutes is None:
        raise NotFound("There is no such thing.")
    dialogue, _ = await reading.read_dialogue(parts, who, view.meeting.dialogue_id)
    promised = await reading.list_promises(parts, who, Wanted(meeting_id=view.meeting.id), after=None, limit=100)
    named = await labels(request, parts, [dialogue.group_id, *view.meeting.plan.counterparts])
    return render(
        request,
        parts,
        who,
        "minutes_print.html",
        meeting=view.meeting,
        plan=view.meeting.plan,
        minutes=view.meeting.minutes,
        dialogue=dialogue,
        promises=promised,
        named=named,
    )


async def _form(
    request: Request,
    parts: Any,
    who: Principal,
    meeting_id: str,
    values: dict[str, Any],
    error: ForkantError | None = None,
) -> HTMLResponse:
    view = await reading.read_meeting(parts, who, meeting_id)
    dialogue, _ = await reading.read_dialogue(parts, who, view.meeting.dialogue_id)
    named = await labels(request, parts, [dialogue.group_id])
    return render(
        request,
        parts,
        who,
        "minutes_form.html",
        status_code=error.status if error else 200,
        meeting=view.meeting,
        dialogue=dialogue,
        named=named,
        values=values,
        errors=advice(error, {"author": "form", "state": "form"}) if error else {},
    )
