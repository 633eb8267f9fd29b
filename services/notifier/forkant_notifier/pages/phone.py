"""The fake phone: see and answer the messages as the officer would. Embedded mode and trial only."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from forkant_notifier.commands import answering, reading
from forkant_notifier.commands.desk import NotifierParts
from forkant_notifier.pages.board import follow
from forkant_notifier.pages.face import PAGES
from forkant_notifier.store import sandbox
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, see_other
from forkant_shared.web import form as web_form

ROUTER = APIRouter(prefix="/notifier/sandbox/phone", include_in_schema=False)
SHOWN = 30


@ROUTER.get("", response_class=HTMLResponse)
async def show(request: Request, parts: PartsOf, to: str = "") -> HTMLResponse:
    return PAGES.render(request, "phone.html", **await _told(parts, to))


@ROUTER.get("/part", response_class=HTMLResponse)
async def show_part(request: Request, parts: PartsOf, to: str = "") -> HTMLResponse:
    return PAGES.render(request, "phone_part.html", fragment=True, **await _told(parts, to))


@ROUTER.get("/feed", response_class=EventSourceResponse)
async def changes(
    parts: PartsOf, last_event_id: Annotated[str | None, Header()] = None
) -> AsyncIterator[ServerSentEvent]:
    async for row in follow(parts, last_event_id):
        yield ServerSentEvent(event="changed", id=str(row.seq), data={"kind": row.kind})


async def _told(parts: NotifierParts, to: str) -> dict[str, Any]:
    phones = await reading.phones(parts)
    chosen = to if to in {phone.address for phone in phones} else (phones[0].address if phones else "")
    async with parts.database.read() as session:
        messages = await sandbox.messages(session, to=chosen, newest_first=True, limit=SHOWN)
    return {"phones": phones, "chosen": chosen, "messages": messages}


@ROUTER.post("/reply")
async def reply(request: Request, parts: PartsOf) -> RedirectResponse:
    """Send an SMS from the chosen phone."""
    given = await web_form(request)
    sender, text = (str(given.get(name, "")).replace("\0", "")[:1000] for name in ("from", "body"))
    outcome = await answering.answer_by_reply(parts, sender, text)
    said = (
        N_("Svaret er sendt.") if outcome.page or outcome.check_in else N_("Svaret ble ikke forstått; se ny melding.")
    )
    phones = {phone.address for phone in await reading.phones(parts)}
    back = sender.replace("+", "%2B") if sender in phones else ""
    return see_other(f"/notifier/sandbox/phone?to={back}", notice=said)
