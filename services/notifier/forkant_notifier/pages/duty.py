"""Who is on duty, and *I take it now*."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from forkant_notifier.commands import duty, reading
from forkant_notifier.pages.face import PAGES, TIERS
from forkant_shared.access import policy
from forkant_shared.errors import Invalid
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser, see_other
from forkant_shared.web import form as web_form

ROUTER = APIRouter(prefix="/notifier/duty", include_in_schema=False)


@ROUTER.get("", response_class=HTMLResponse)
async def show(request: Request, parts: PartsOf, who: PageUser) -> HTMLResponse:
    return PAGES.render(
        request,
        "duty.html",
        duty=await reading.duty_now(parts, who),
        ahead=await reading.duty_ahead(parts, who),
        tiers=TIERS,
        may_take=policy.allows(who, "notifier.duty.write"),
    )


@ROUTER.post("/take-over")
async def take_over(request: Request, parts: PartsOf, who: PageUser) -> RedirectResponse:
    """The one who presses the button has the tier from now for twelve hours."""
    given = await web_form(request)
    tier = str(given.get("tier"))
    if not tier.isdigit():
        raise Invalid("There is no such tier.", field="tier")
    await duty.take_over(parts, who, int(tier))
    return see_other("/notifier/duty", notice=N_("Du har vakten nå, i tolv timer."))
