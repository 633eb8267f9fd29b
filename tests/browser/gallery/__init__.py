"""Every macro of the web kit on four pages, served by a real server: what the kit's looks are judged by."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, StreamingResponse
from starlette.responses import Response

from forkant_shared import problems
from forkant_shared.errors import NotFound
from forkant_shared.identity import Principal
from forkant_shared.web import N_, Pages, form, install, see_other

NOW = datetime(2026, 11, 23, 2, 58, tzinfo=UTC)
WHO = Principal(
    "duty.officer", "Kari Vakt", "PERSON", roles=frozenset({"duty.officer"}), session_id="session-of-the-gallery"
)
BORDERS = [("MODERATE", 0.25), ("HIGH", 0.60), ("CRITICAL", 0.85)]
BANDS = [("LOW", 0.0, 0.25), ("MODERATE", 0.25, 0.60), ("HIGH", 0.60, 0.85), ("CRITICAL", 0.85, 1.0)]
STEPS = [
    {"label": "Foranledning", "share": 0.74, "note": "2 signaler, 1 opphav"},
    {"label": "Hensikt", "share": 3.08, "note": "3 signaler, 2 opphav"},
    {"label": "Rekognosering", "share": 2.90, "note": "2 signaler, 2 opphav"},
    {"label": "Sårbarhet", "share": 0.66, "note": "Rettsmøte 1. desember"},
    {"label": "Demping", "share": -0.52, "note": "Deres løfte teller lite før andre bekrefter det"},
]


def _days(days: float) -> datetime:
    return NOW - timedelta(days=days)


EVENTS: list[dict[str, Any]] = [
    {"at": _days(29), "title": "Rapport R-2026-000081", "text": "Patrulje. Foranledning.", "href": "#"},
    {"at": _days(9), "title": "Rapport R-2026-000114", "text": "Kildefører. Hensikt, uttalt.", "href": "#"},
    {"at": _days(5), "title": "Rapport R-2026-000119", "text": "Patrulje. Rekognosering.", "href": "#"},
    {"at": _days(5) + timedelta(seconds=1), "title": "Varsel 7F3A sendt", "kind": "page"},
    {"at": _days(4.9), "title": "Kvittert av vakthavende", "kind": "decision"},
    {"at": _days(2), "title": "Rapport R-2026-000123", "text": "Oppmøte i skranken. Hensikt.", "href": "#"},
    {"at": _days(1), "title": "Løfte gitt i dialogmøte", "kind": "review", "text": "Virkningen etterprøves fredag."},
]
POINTS = [(_days(29), 0.094), (_days(9), 0.511), (_days(5), 0.806), (_days(2), 0.937), (_days(1), 0.863)]


def gallery() -> FastAPI:
    """An app with the pages, a form and a live part. `?out=1` shows a page as to somebody not logged in."""
    pages = Pages(__name__, service="gallery")
    app = FastAPI(openapi_url=None)
    app.state.trial = True
    app.state.changes = 0
    problems.install(app)
    install(app, pages)

    def show(request: Request, template: str, status_code: int = 200, **given: Any) -> HTMLResponse:
        if "out" not in request.query_params:
            request.state.principal = WHO
        return pages.render(request, template, status_code, now=datetime.now(UTC), **given)

    @app.get("/")
    async def board(request: Request) -> Response:
        return show(request, "board.html", changes=app.state.changes, soon=datetime.now(UTC) + timedelta(seconds=64))

    @app.get("/gallery/part")
    async def part(request: Request) -> Response:
        return show(request, "part.html", changes=app.state.changes)

    @app.get("/gallery/feed")
    async def feed(request: Request) -> Response:
        return StreamingResponse(_changes(app, request), media_type="text/event-stream")

    @app.post("/gallery/change")
    async def change() -> Response:
        app.state.changes += 1
        return Response(status_code=204)

    @app.get("/gallery/threat")
    async def threat(request: Request) -> Response:
        return show(
            request, "threat.html", steps=STEPS, borders=BORDERS, events=EVENTS, points=POINTS, bands=BANDS, at=NOW
        )

    @app.get("/gallery/form")
    async def empty_form(request: Request) -> Response:
        return show(request, "form.html", errors={}, given={})

    @app.post("/gallery/form")
    async def send(request: Request) -> Response:
        request.state.principal = WHO
        given = await form(request)
        errors = {} if given.get("who") else {"who": "Skriv hvem som ringer, eller «ukjent»"}
        if not given.get("urgent"):
            errors["urgent"] = "Velg hvor mye det haster"
        if errors:
            return show(request, "form.html", 422, errors=errors, given=given)
        return see_other("/gallery/lists", notice=N_("Innringingen er lagret."))

    @app.get("/gallery/lists")
    async def lists(request: Request) -> Response:
        return show(request, "lists.html", at=NOW)

    @app.get("/gallery/missing")
    async def missing(request: Request) -> Response:
        raise NotFound("There is no such threat.")

    return app


async def _changes(app: FastAPI, request: Request) -> AsyncIterator[str]:
    """Tells of every change once, also of those that came while nobody listened."""
    seen = int(request.headers.get("last-event-id", app.state.changes))
    yield "retry: 200\n\n"
    for _ in range(600):
        if app.state.changes > seen:
            seen = app.state.changes
            yield f"event: changed\nid: {seen}\ndata: \n\n"
        await asyncio.sleep(0.05)
