"""Slik når vi deg: one's own PIN for calls, and the browsers that take a push."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from forkant_notifier.commands import keypad, reaching
from forkant_notifier.commands.desk import desk_of
from forkant_notifier.pages.face import CHANNELS, PAGES
from forkant_shared.errors import Invalid
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser, see_other
from forkant_shared.web import form as web_form

ROUTER = APIRouter(include_in_schema=False)


@ROUTER.get("/notifier/reach", response_class=HTMLResponse)
async def show(request: Request, parts: PartsOf, who: PageUser) -> HTMLResponse:
    return await _page(request, parts, who)


async def _page(
    request: Request, parts: PartsOf, who: PageUser, error: str | None = None, status_code: int = 200
) -> HTMLResponse:
    return PAGES.render(
        request,
        "reach.html",
        status_code=status_code,
        reach=await reaching.read_reach(parts, who),
        channels=CHANNELS,
        pin=desk_of(parts).speech.pin,
        error=error,
    )


@ROUTER.post("/notifier/reach/pin", response_class=HTMLResponse)
async def set_pin(request: Request, parts: PartsOf, who: PageUser) -> Response:
    """Save it, or show the form again with what is wrong."""
    given = await web_form(request)
    try:
        await keypad.set_pin(parts, who, str(given.get("pin") or "").strip())
    except Invalid:
        wrong = N_("Velg en annen PIN: bare sifre, ikke like og ikke på rad.")
        return await _page(request, parts, who, error=wrong, status_code=422)
    return see_other("/notifier/reach", notice=N_("PIN-koden er lagret. Bruk den når telefonen ringer."))


@ROUTER.post("/notifier/reach/browsers")
async def subscribe(request: Request, parts: PartsOf, who: PageUser) -> RedirectResponse:
    """The browser that sends this takes pushes from now on."""
    given = await web_form(request)
    endpoint, key, secret = (str(given.get(name) or "") for name in ("endpoint", "key", "secret"))
    await reaching.subscribe(parts, who, endpoint, key, secret)
    return see_other("/notifier/reach", notice=N_("Denne nettleseren varsler deg nå."))


@ROUTER.post("/notifier/reach/browsers/forget")
async def unsubscribe(request: Request, parts: PartsOf, who: PageUser) -> RedirectResponse:
    given = await web_form(request)
    await reaching.unsubscribe(parts, who, str(given.get("id")))
    return see_other("/notifier/reach", notice=N_("Nettleseren varsler deg ikke lenger."))
