"""The short form for a contact that has taken place: for a phone, in half a minute."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData
from starlette.responses import Response

from forkant_meetings.commands import planning as commands
from forkant_meetings.commands import reading
from forkant_meetings.domain.meeting import Initiative, Plan
from forkant_meetings.domain.policy import Level
from forkant_meetings.pages.face import (
    advice,
    asked,
    choice_of,
    known_id,
    labels,
    line_of,
    moment_of,
    number_of,
    render,
    sent_back,
    text_of,
)
from forkant_meetings.store.dialogues import Wanted
from forkant_shared.access import policy
from forkant_shared.errors import Conflict, ForkantError, Invalid
from forkant_shared.identity import Principal
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser, form, see_other

ROUTER = APIRouter(prefix="/meetings/contacts", include_in_schema=False)


@ROUTER.get("/new", response_class=HTMLResponse)
async def new(request: Request, parts: PartsOf, who: PageUser) -> HTMLResponse:
    policy.require(who, commands.LOG)
    now = parts.clock.now().astimezone(parts.state["policy"].zone)
    values = {
        "dialogue_id": request.query_params.get("dialogue", ""),
        "held_at": now.strftime("%Y-%m-%dT%H:%M"),
        "initiative": "OURS",
        "counterpart_count": "1",
    }
    return await _form(request, parts, who, values)


@ROUTER.post("")
async def log(request: Request, parts: PartsOf, who: PageUser) -> Response:
    sent = await form(request)
    try:
        held_at = moment_of(parts, sent, "held_at")
        if held_at is None:
            raise Invalid("This is not a time.", field="held_at", remedy="Write a time.")
        receipt = await commands.log_contact(
            parts,
            asked(who, sent, on_version=False),
            _dialogue_of(sent),
            _plan_of(sent),
            held_at,
            line_of(sent, "decided_by"),
        )
    except (Invalid, Conflict) as error:
        return await _form(request, parts, who, sent_back(sent), error)
    return see_other(f"/meetings/meetings/{receipt.id}", notice=N_("Kontakten er loggført. Skriv referatet nå."))


def _dialogue_of(sent: FormData) -> str:
    given = text_of(sent, "dialogue_id")
    if not given:
        raise Invalid("No dialogue is chosen.", field="dialogue_id", remedy="Choose one of the values.")
    return known_id(given)


def _plan_of(sent: FormData) -> Plan:
    return Plan(
        level=Level.OPERATIONAL,
        initiative=choice_of(sent, "initiative", Initiative),
        purpose=text_of(sent, "purpose"),
        not_recruitment=text_of(sent, "not_recruitment") == "yes",
        place=line_of(sent, "place"),
        counterpart_count=number_of(sent, "counterpart_count", least=0, most=500),
    )


async def _form(
    request: Request, parts: Any, who: Principal, values: dict[str, Any], error: ForkantError | None = None
) -> HTMLResponse:
    found = await reading.list_dialogues(parts, who, Wanted(), after=None, limit=100)
    named = await labels(request, parts, [one.group_id for one in found])
    return render(
        request,
        parts,
        who,
        "contact_form.html",
        status_code=error.status if error else 200,
        dialogues=[(one.id, named.of(one.group_id)) for one in found],
        named=named,
        values=values,
        errors=advice(error) if error else {},
    )
