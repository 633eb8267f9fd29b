"""The handover report, on one sheet."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from forkant_notifier.commands import handing_over
from forkant_notifier.commands.handing_over import HandoverView
from forkant_notifier.domain.handover import LONGEST_NOTE
from forkant_notifier.domain.page import PageState
from forkant_notifier.pages.face import CHANNELS, PAGES, STATES, TIERS
from forkant_shared.access import policy
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser, see_other
from forkant_shared.web import form as web_form

ROUTER = APIRouter(prefix="/notifier/handovers", include_in_schema=False)


@ROUTER.get("", response_class=HTMLResponse)
async def listed(request: Request, parts: PartsOf, who: PageUser) -> HTMLResponse:
    found = await handing_over.list_reports(parts, who)
    may_write = policy.allows(who, "notifier.handover.write")
    return PAGES.render(request, "handovers.html", found=found, may_write=may_write)


@ROUTER.get("/new", response_class=HTMLResponse)
async def blank(request: Request, parts: PartsOf, who: PageUser) -> HTMLResponse:
    """What the report will tell, and a note to write."""
    credential = handing_over.credential_of(request.headers, request.cookies)
    return _sheet(request, await handing_over.draw_up(parts, who, credential))


@ROUTER.post("/new", response_class=HTMLResponse)
async def give(request: Request, parts: PartsOf, who: PageUser) -> Response:
    policy.require(who, "notifier.handover.write")
    note = str((await web_form(request)).get("note") or "").replace("\0", "")
    credential = handing_over.credential_of(request.headers, request.cookies)
    if len(note.strip()) > LONGEST_NOTE:
        view = await handing_over.draw_up(parts, who, credential)
        return _sheet(request, view, note=note, error=N_("Notatet er for langt. Skriv kortere."))
    given = await handing_over.give(parts, who, note, credential)
    said = N_("Du har skrevet under. Den som går på, skriver under etter deg.")
    return see_other(f"/notifier/handovers/{given.id}", notice=said)


@ROUTER.get("/{handover_id}", response_class=HTMLResponse)
async def show(request: Request, parts: PartsOf, who: PageUser, handover_id: UUID) -> HTMLResponse:
    view = await handing_over.read_report(parts, who, str(handover_id))
    own = view.handover is not None and view.handover.given_by == who.subject
    may_take = policy.allows(who, "notifier.handover.write") and not own
    return _sheet(request, view, may_take=may_take)


@ROUTER.post("/{handover_id}/take")
async def take(request: Request, parts: PartsOf, who: PageUser, handover_id: UUID) -> RedirectResponse:
    await web_form(request)
    await handing_over.take_over_report(parts, who, str(handover_id))
    return see_other(f"/notifier/handovers/{handover_id}", notice=N_("Du har skrevet under. Vakta er din."))


def _sheet(
    request: Request, view: HandoverView, *, note: str = "", error: str | None = None, may_take: bool = False
) -> HTMLResponse:
    return PAGES.render(
        request,
        "handover.html",
        status_code=422 if error else 200,
        view=view,
        note=note,
        error=error,
        may_take=may_take,
        tiers=TIERS,
        states={state.value: STATES[state] for state in PageState},
        channels={channel.value: name for channel, name in CHANNELS.items()},
    )
