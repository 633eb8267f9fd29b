"""Going on duty: two codes out, two codes back."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from forkant_notifier.commands import checking_in
from forkant_notifier.commands.desk import NotifierParts
from forkant_notifier.pages.face import CHANNELS, PAGES
from forkant_shared.errors import Conflict, Invalid
from forkant_shared.identity import Principal
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser, see_other
from forkant_shared.web import form as web_form

ROUTER = APIRouter(prefix="/notifier/duty/check-in", include_in_schema=False)


@ROUTER.get("", response_class=HTMLResponse)
async def show(request: Request, parts: PartsOf, who: PageUser) -> HTMLResponse:
    return await _shown(request, parts, who)


@ROUTER.post("")
async def begin(request: Request, parts: PartsOf, who: PageUser) -> RedirectResponse:
    """Send the codes."""
    await web_form(request)
    await checking_in.begin_check_in(parts, who)
    return see_other("/notifier/duty/check-in", notice=N_("To koder er på vei, over hver sin kanal."))


@ROUTER.post("/codes", response_class=HTMLResponse)
async def give_code(request: Request, parts: PartsOf, who: PageUser) -> Response:
    """Take a code, or say what is wrong with it beside the field."""
    given = await web_form(request)
    try:
        after = await checking_in.give_code(parts, who, str(given.get("code") or "").replace("\0", "")[:20])
    except Invalid:
        return await _shown(request, parts, who, error=N_("Det er ikke en av kodene. Se på de nyeste meldingene."))
    except Conflict:
        return await _shown(request, parts, who, error=N_("Kodene gjelder ikke lenger. Send nye."))
    if after.done_at is not None:
        return see_other("/notifier/duty", notice=N_("Du er sjekket inn: begge kanalene når deg."))
    return see_other("/notifier/duty/check-in", notice=N_("Én kode er kommet tilbake. Skriv den andre."))


async def _shown(request: Request, parts: NotifierParts, who: Principal, error: str | None = None) -> HTMLResponse:
    found = await checking_in.own_check_in(parts, who)
    return PAGES.render(
        request,
        "check_in.html",
        status_code=422 if error else 200,
        found=found,
        waits=found is not None and found.waits(parts.clock.now()),
        channels=CHANNELS,
        error=error,
    )
