"""Drills: start one, see those that were, and what each showed."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from forkant_notifier.commands import drilling
from forkant_notifier.commands.desk import NotifierParts, desk_of
from forkant_notifier.domain.lanes import Lane
from forkant_notifier.pages import face
from forkant_notifier.pages.face import PAGES
from forkant_shared.access import policy
from forkant_shared.errors import Conflict
from forkant_shared.identity import Principal
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser, see_other
from forkant_shared.web import form as web_form

ROUTER = APIRouter(prefix="/notifier/drills", include_in_schema=False)


@ROUTER.get("", response_class=HTMLResponse)
async def listed(request: Request, parts: PartsOf, who: PageUser) -> HTMLResponse:
    return await _list(request, parts, who)


@ROUTER.post("", response_class=HTMLResponse)
async def start(request: Request, parts: PartsOf, who: PageUser) -> Response:
    policy.require(who, "notifier.drill.write")
    chosen = str((await web_form(request)).get("lane"))
    if chosen not in set(Lane):
        return await _list(request, parts, who, error=N_("Velg hva det skal øves på."), status=422)
    try:
        drill = await drilling.start(parts, who, Lane(chosen))
    except Conflict:
        said = N_("En øvelse eller et virkelig varsel som haster, pågår. Vent til det er over.")
        return await _list(request, parts, who, error=said, status=409)
    return see_other(f"/notifier/drills/{drill.page.id}", notice=N_("Øvelsen er i gang. Telefonene ringer nå."))


@ROUTER.get("/{drill_id}", response_class=HTMLResponse)
async def show(request: Request, parts: PartsOf, who: PageUser, drill_id: UUID) -> HTMLResponse:
    view = await drilling.read_drill(parts, who, str(drill_id))
    may_end = policy.allows(who, "notifier.drill.write")
    return PAGES.render(request, "drill.html", view=view, face=face, may_end=may_end)


@ROUTER.post("/{drill_id}/end")
async def end(request: Request, parts: PartsOf, who: PageUser, drill_id: UUID) -> RedirectResponse:
    await web_form(request)
    await drilling.stop(parts, who, str(drill_id))
    return see_other(f"/notifier/drills/{drill_id}", notice=N_("Øvelsen er avsluttet."))


async def _list(
    request: Request, parts: NotifierParts, who: Principal, *, error: str | None = None, status: int = 200
) -> HTMLResponse:
    found = await drilling.list_drills(parts, who)
    return PAGES.render(
        request,
        "drills.html",
        status_code=status,
        found=found,
        running=next((drill for drill in found.items if drill.running), None),
        minutes={lane.value: span.total_seconds() / 60 for lane, span in desk_of(parts).rules.drill_for.items()},
        may_start=policy.allows(who, "notifier.drill.write"),
        error=error,
    )
