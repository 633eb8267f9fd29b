"""Checking reports before their clock runs out: the list, and the form on a report's page."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from forkant_shared.errors import Conflict, Invalid
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser, form, see_other
from forkant_threat_watch.commands import report_clock
from forkant_threat_watch.pages.face import known_id, render, text_of
from forkant_threat_watch.pages.reports import draw

ROUTER = APIRouter(include_in_schema=False)
ON_A_PAGE = 25


@ROUTER.get("/threat-watch/relevance-checks", response_class=HTMLResponse)
async def show(request: Request, who: PageUser, parts: PartsOf) -> HTMLResponse:
    """Reports whose clock runs out soon, the first to run out first."""
    try:
        after = report_clock.read_after(request.query_params.get("after"))
    except Invalid:
        after = None
    found = await report_clock.list_due(parts, who, after=after, limit=ON_A_PAGE)
    following = None if found.next is None else report_clock.written_after(found.next)
    return render(
        request, parts, who, "relevance_checks.html", found=found.rows, next=following, first=after is None,
        now=parts.clock.now(),
    )  # fmt: skip


@ROUTER.post("/threat-watch/reports/{report_id}/relevance")
async def check(request: Request, report_id: str, who: PageUser, parts: PartsOf) -> Response:
    """The form on a report's page: it is still needed, or goes."""
    sent = await form(request)
    kept = text_of(sent, "outcome") == "KEPT"
    try:
        if text_of(sent, "outcome") not in ("KEPT", "DESTROYED"):
            raise Invalid("Nothing was chosen.", field="outcome", remedy="Choose one of the two.")
        reason = text_of(sent, "reason")
        await report_clock.check_report(parts, who, known_id(report_id), kept=kept, reason=reason)
    except (Invalid, Conflict) as error:
        return await draw(request, parts, who, report_id, status_code=error.status, wrong=error.field, given=sent)
    if kept:
        return see_other(f"/threat-watch/reports/{report_id}", notice=N_("Klokken for rapporten er stoppet."))
    return see_other("/threat-watch/relevance-checks", notice=N_("Rapporten er slettet med signalene sine."))
