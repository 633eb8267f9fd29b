"""The situation picture as a page, for those who lead."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser
from forkant_threat_watch.commands.situation import draw_situation
from forkant_threat_watch.domain.words import Level
from forkant_threat_watch.pages.face import named, render

ROUTER = APIRouter(include_in_schema=False)
CONFLICTS = {"war": N_("Krig"), "tense": N_("Spent"), "cold": N_("Kjølig"), "peace": N_("Fred")}
CONFLICT_KINDS = {"war": "danger", "tense": "warning", "cold": "info", "peace": "success"}

CLIMATES = {
    -2: N_("−2 fiendtlig"),
    -1: N_("−1 kjølig"),
    0: N_("0 nøytral"),
    1: N_("+1 åpen"),
    2: N_("+2 varm"),
}


@ROUTER.get("/threat-watch/situation", response_class=HTMLResponse)
async def show(request: Request, who: PageUser, parts: PartsOf) -> HTMLResponse:
    """Levels and trend per district, conflicts, coming days, climate of dialogues, reviews overdue."""
    found = await draw_situation(parts, who)
    return render(
        request,
        parts,
        who,
        "situation.html",
        found=found,
        Level=Level,
        conflict_words=CONFLICTS,
        conflict_kinds=CONFLICT_KINDS,
        climate_words=CLIMATES,
        named=lambda parties: named(parties, found.labels),
    )
