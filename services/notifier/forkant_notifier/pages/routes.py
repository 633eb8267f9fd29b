"""Ruter: every way to the phones, in the order it is asked, and when it was last proven."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from forkant_notifier.clients.board import RouteHealth
from forkant_notifier.commands import routing
from forkant_notifier.domain.lanes import Channel
from forkant_notifier.domain.route_health import RouteState
from forkant_notifier.pages.face import CHANNELS, PAGES
from forkant_shared.access import policy
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser, see_other
from forkant_shared.web import form as web_form

ROUTER = APIRouter(prefix="/notifier/routes", include_in_schema=False)

STATES = {
    RouteState.GOOD: (N_("Virker"), "success"),
    RouteState.FAILING: (N_("Svikter, prøves sist"), "warning"),
    RouteState.DEAD: (N_("Nede"), "danger"),
}
CAUSES = {
    "TIMEOUT": N_("svarte ikke i tide"),
    "NO_CONNECTION": N_("ingen forbindelse"),
    "GATEWAY_SAID_NO": N_("leverandøren sa nei"),
    "NO_LOGIN": N_("innloggingen gikk ikke"),
    "NO_DATABASE": N_("databasen svarte ikke"),
}


@dataclass(frozen=True, slots=True)
class Way:
    """One channel, with its routes in the order they are asked."""

    channel: Channel
    routes: list[RouteHealth]

    @property
    def alone(self) -> bool:
        """Whether there is no second route to fall back on."""
        return len(self.routes) == 1


@ROUTER.get("", response_class=HTMLResponse)
async def show(request: Request, parts: PartsOf, who: PageUser) -> HTMLResponse:
    rules, found = await routing.read_routes(parts, who)
    ways = [Way(channel, [route for route in found if channel in route.channels]) for channel in CHANNELS]
    return PAGES.render(
        request,
        "routes.html",
        ways=[way for way in ways if way.routes],
        lacking=[way.channel for way in ways if not way.routes],
        channels=CHANNELS,
        states=STATES,
        causes=CAUSES,
        rules=rules,
        may_test=policy.allows(who, "notifier.route.test"),
    )


@ROUTER.post("/test")
async def test(request: Request, parts: PartsOf, who: PageUser) -> RedirectResponse:
    """Try one route now; what came of it is on the page a moment later."""
    given = await web_form(request)
    await routing.test_now(parts, who, str(given.get("name")))
    return see_other("/notifier/routes", notice=N_("Prøven er sendt. Last siden på nytt om litt."))
