"""One page: what has happened, whom it has rung, and the buttons that matter now."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from forkant_notifier.commands import answering, reading
from forkant_notifier.commands.desk import NotifierParts
from forkant_notifier.domain.answers import Answer
from forkant_notifier.domain.page import CloseCause, PageState
from forkant_notifier.pages import face
from forkant_notifier.pages.face import PAGES
from forkant_shared.access import policy
from forkant_shared.errors import Invalid
from forkant_shared.identity import Principal
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser, see_other
from forkant_shared.web import form as web_form

ROUTER = APIRouter(prefix="/notifier/pages", include_in_schema=False)

SAID = {
    "ACCEPT": N_("Du har kvittert varselet."),
    "STANDBY": N_("Notert: du har sett varselet. Det går videre til neste trinn."),
    "CANNOT": N_("Notert: du kan ikke. Neste trinn varsles nå."),
    "WORKING": N_("Notert: du jobber med saken."),
}
#: An acceptance that is not enough by itself.
RINGS_ON = N_("Du har kvittert. Varselet går videre til flere har svart.")


@ROUTER.get("/{page_id}", response_class=HTMLResponse)
async def show(request: Request, parts: PartsOf, who: PageUser, page_id: UUID) -> HTMLResponse:
    return PAGES.render(request, "page.html", **await _told(parts, who, page_id))


@ROUTER.get("/{page_id}/part", response_class=HTMLResponse)
async def show_part(request: Request, parts: PartsOf, who: PageUser, page_id: UUID) -> HTMLResponse:
    """The moving part of the page."""
    return PAGES.render(request, "page_part.html", fragment=True, **await _told(parts, who, page_id))


async def _told(parts: NotifierParts, who: Principal, page_id: UUID) -> dict[str, Any]:
    view, entries = await reading.read_page(parts, who, str(page_id))
    return {
        "view": view,
        "entries": entries,
        "face": face,
        "may_answer": policy.allows(who, "notifier.page.answer"),
        "may_close": policy.allows(who, "notifier.page.close"),
    }


@ROUTER.post("/{page_id}/answer")
async def answer(request: Request, parts: PartsOf, who: PageUser, page_id: UUID) -> RedirectResponse:
    """Accept, standby, cannot, or *jobber med saken*; back to where the button was."""
    given = await web_form(request)
    chosen = str(given.get("answer"))
    if chosen not in SAID:
        raise Invalid("There is no such answer.", field="answer")
    if chosen == "WORKING":
        page = await answering.say_working(parts, who, str(page_id))
    else:
        page = await answering.answer_page(parts, who, str(page_id), Answer(chosen))
    back = "/" if given.get("back") == "board" else f"/notifier/pages/{page_id}"
    rings_on = chosen in ("ACCEPT", "WORKING") and page.state is PageState.OPEN
    return see_other(back, notice=RINGS_ON if rings_on else SAID[chosen])


@ROUTER.post("/{page_id}/notes")
async def note(request: Request, parts: PartsOf, who: PageUser, page_id: UUID) -> RedirectResponse:
    """Write down what was done."""
    given = await web_form(request)
    words = str(given.get("note", "")).replace("\0", "").strip()
    if not 0 < len(words) <= 1000:
        raise Invalid("A note has 1 to 1,000 signs.", field="note")
    await answering.add_note(parts, who, str(page_id), words)
    return see_other(f"/notifier/pages/{page_id}", notice=N_("Notatet er lagret."))


@ROUTER.post("/{page_id}/close")
async def close(request: Request, parts: PartsOf, who: PageUser, page_id: UUID) -> RedirectResponse:
    """The page is over."""
    given = await web_form(request)
    cause = str(given.get("cause"))
    if cause not in (CloseCause.HANDLED, CloseCause.FALSE_ALARM):
        raise Invalid("There is no such cause.", field="cause", remedy="Choose one of those shown.")
    await answering.close_page(parts, who, str(page_id), CloseCause(cause))
    return see_other("/", notice=N_("Varselet er lukket."))
