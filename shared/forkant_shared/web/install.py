"""Makes an app a web app: headers, preferences, static files, and failures told to people as pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from forkant_shared.errors import ForkantError
from forkant_shared.problems import record_refusal
from forkant_shared.web import static_files
from forkant_shared.web.headers import Preferences, SecurityHeaders
from forkant_shared.web.language import N_
from forkant_shared.web.login import SignInNeeded, send_to_login
from forkant_shared.web.pages import Pages

Handler = Callable[[Request, Any], Awaitable[Response]]

# What is said to a person: what happened, and what to do now. Details stay in problem+json.
_SENTENCES = {
    401: (N_("Du er ikke logget inn"), N_("Logg inn og prøv igjen.")),
    403: (N_("Du har ikke tilgang til dette"), N_("Trenger du det i tjenesten, snakk med lederen din.")),
    404: (
        N_("Vi finner ikke siden"),
        N_("Den finnes ikke, eller du har ikke tilgang til den. Gå til vaktpulten og let derfra."),
    ),
    405: (N_("Dette ble ikke utført"), N_("Gå tilbake, last siden på nytt og prøv igjen.")),
    409: (N_("Dette går ikke nå"), N_("Noen kan ha vært her før deg. Last siden på nytt og se hva som gjelder.")),
    412: (
        N_("Noen andre har endret dette"),
        N_("Last siden på nytt, se hva som er endret, og gjør endringen din på nytt."),
    ),
    413: (N_("Det du sendte er for stort"), N_("Del det opp og send det i flere deler.")),
    422: (N_("Noe i skjemaet mangler eller er feil"), N_("Gå tilbake, rett det og send på nytt.")),
    503: (
        N_("Noe vi trenger er nede akkurat nå"),
        N_("Prøv igjen om litt. Haster det, ring operasjonssentralen."),
    ),
    500: (
        N_("Noe gikk galt hos oss"),
        N_("Feilen er registrert. Prøv igjen. Haster det, ring operasjonssentralen."),
    ),
}


def install(app: FastAPI, pages: Pages) -> None:
    """Call it once, after the app has its API error handlers: those keep answering everyone but browsers."""
    app.add_route(f"/{pages.service}/static/{{name}}", static_files.serve, include_in_schema=False)
    app.add_middleware(Preferences)
    app.add_middleware(SecurityHeaders)
    app.add_exception_handler(SignInNeeded, send_to_login)
    for kind in (ForkantError, HTTPException, RequestValidationError, Exception):
        known = app.exception_handlers.get(kind)
        if known is not None:
            app.add_exception_handler(kind, _for_people(pages, known))  # type: ignore[arg-type]  # of a subclass


def _for_people(pages: Pages, for_machines: Handler) -> Handler:
    async def handle(request: Request, error: Exception) -> Response:
        if not is_for_people(request):
            return await for_machines(request, error)
        status = _status(error)
        await record_refusal(request, error)
        if status >= 500:
            await for_machines(request, error)  # it also logs and counts
        title, advice = _SENTENCES.get(status, _SENTENCES[500])
        return pages.render(
            request,
            "error.html",
            status_code=status,
            title=title,
            advice=advice,
            status=status,
            detail=error.detail if isinstance(error, ForkantError) else None,
            remedy=error.remedy if isinstance(error, ForkantError) else None,
        )

    return handle


def is_for_people(request: Request) -> bool:
    """Whether a browser shows the answer: it accepts HTML, and the path is a page and not the API."""
    return "text/html" in request.headers.get("accept", "") and "/v1/" not in request.url.path


def _status(error: Exception) -> int:
    if isinstance(error, ForkantError):
        return error.status
    if isinstance(error, HTTPException):
        return error.status_code
    return 422 if isinstance(error, RequestValidationError) else 500
