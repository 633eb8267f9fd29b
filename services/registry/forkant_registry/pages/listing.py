"""The list of actors and the search. What is searched for is posted: a name never stands in an address."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from forkant_registry.commands import reading
from forkant_registry.pages.face import HOWS, KINDS, NAME_KINDS, purpose_of, render, text_of
from forkant_shared.service import PartsOf
from forkant_shared.web import PageUser, form

ROUTER = APIRouter(prefix="/registry", include_in_schema=False)
ON_A_PAGE = 25


@ROUTER.get("/actors", response_class=HTMLResponse)
async def show(request: Request, parts: PartsOf, who: PageUser) -> HTMLResponse:
    """Everybody, the newest first."""
    after, kind = request.query_params.get("after"), request.query_params.get("kind")
    kind = kind if kind in KINDS else None
    found = await reading.search_actors(
        parts, who, text="", kind=kind, after=after, limit=ON_A_PAGE, purpose=purpose_of(request)
    )
    asked = {"q": "", "kind": kind or "", "purpose": ""}
    return render(
        request,
        parts,
        who,
        "actors.html",
        found=found,
        asked=asked,
        first=after is not None,
        hows=HOWS,
        names=NAME_KINDS,
    )


@ROUTER.post("/actors", response_class=HTMLResponse)
async def find(request: Request, parts: PartsOf, who: PageUser) -> HTMLResponse:
    """Those whose names fit, the best first."""
    sent = await form(request)
    asked = {name: text_of(sent, name) for name in ("q", "kind", "purpose")}
    purposes = parts.state["reference"].catalogue.purposes
    found = await reading.search_actors(
        parts,
        who,
        text=asked["q"][:200],
        kind=asked["kind"] if asked["kind"] in KINDS else None,
        after=text_of(sent, "after") or None,
        limit=ON_A_PAGE,
        purpose=asked["purpose"] if asked["purpose"] in purposes else None,
    )
    return render(
        request, parts, who, "actors.html", found=found, asked=asked, first=False, hows=HOWS, names=NAME_KINDS
    )
