"""Calls for help that came to the duty phone: who called, what, how urgent."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from forkant_meetings.commands import calling
from forkant_meetings.pages.face import known_id, labels, render
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser

ROUTER = APIRouter(prefix="/meetings/calls", include_in_schema=False)
ON_A_PAGE = 50
URGENCIES = {"NOW": N_("Nå"), "SOON": N_("Dette døgnet"), "LATER": N_("Kan vente")}


@ROUTER.get("", response_class=HTMLResponse)
async def listed(request: Request, parts: PartsOf, who: PageUser) -> HTMLResponse:
    after = request.query_params.get("after")
    found = await calling.list_calls(parts, who, before=known_id(after) if after else None, limit=ON_A_PAGE)
    named = await labels(request, parts, [one.wish.caller.actor_id for one in found if one.wish.caller.actor_id])
    return render(
        request,
        parts,
        who,
        "calls.html",
        calls=found,
        named=named,
        urgencies=URGENCIES,
        next=f"/meetings/calls?after={found[-1].id}" if len(found) == ON_A_PAGE else None,
        first="/meetings/calls" if after else None,
    )


@ROUTER.get("/{contact_id}", response_class=HTMLResponse)
async def shown(request: Request, parts: PartsOf, who: PageUser, contact_id: str) -> HTMLResponse:
    found = await calling.read_call(parts, who, known_id(contact_id))
    actor_id = found.wish.caller.actor_id
    named = await labels(request, parts, [actor_id] if actor_id else [])
    return render(request, parts, who, "call.html", contact=found, named=named, urgencies=URGENCIES)
