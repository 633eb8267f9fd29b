"""The call log: three questions, saved in under twenty seconds, also from paper afterwards."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from forkant_notifier.commands import calling, looking_up, reading
from forkant_notifier.commands.desk import NotifierParts
from forkant_notifier.commands.handing_over import credential_of
from forkant_notifier.domain.call import LONGEST, LONGEST_NAME, Caller, CallWish
from forkant_notifier.pages.face import PAGES
from forkant_shared.access import policy
from forkant_shared.clock import new_id
from forkant_shared.errors import Invalid
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser, see_other
from forkant_shared.web import form as web_form

ROUTER = APIRouter(prefix="/notifier/calls", include_in_schema=False)

OSLO = ZoneInfo("Europe/Oslo")
HANDED = {"DONE": N_("Hos dialogen"), "WAITING": N_("På vei"), "REFUSED": N_("Avvist"), "NONE": N_("Bare her")}
CALLERS = {"KNOWN": N_("En vi kjenner"), "UNKNOWN": N_("Ukjent")}
URGENCIES = {"NOW": N_("Nå"), "SOON": N_("Dette døgnet"), "LATER": N_("Kan vente")}
HINTS = {"NOW": N_("Noen kan bli skadet de nærmeste timene"), "SOON": "", "LATER": ""}


@ROUTER.get("", response_class=HTMLResponse)
async def listed(request: Request, parts: PartsOf, who: PageUser) -> HTMLResponse:
    found = await reading.recent_calls(parts, who)
    return PAGES.render(request, "calls.html", calls=found, callers=CALLERS, urgencies=URGENCIES, handed=HANDED)


@ROUTER.get("/new", response_class=HTMLResponse)
async def blank(request: Request, who: PageUser, page: UUID | None = None) -> HTMLResponse:
    policy.require(who, "notifier.call.write")
    return _form(request, {"page": str(page) if page else ""}, {})


@ROUTER.get("/paper", response_class=HTMLResponse)
async def paper(request: Request, who: PageUser) -> HTMLResponse:
    """The form to print beforehand and fill in by hand while the system is down."""
    policy.require(who, "notifier.call.write")
    return PAGES.render(request, "call_paper.html", callers=CALLERS, urgencies=URGENCIES)


@ROUTER.post("/new", response_class=HTMLResponse)
async def save(request: Request, parts: PartsOf, who: PageUser) -> Response:
    """Save, or show the form again with what was written and what is missing."""
    policy.require(who, "notifier.call.write")
    given = await web_form(request)
    written = {name: value for name, value in given.items() if isinstance(value, str)}
    written.setdefault("caller", "KNOWN" if written.get("caller_id") else "")
    if given.get("lookup"):
        name = written.get("caller_name", "").strip()[:LONGEST_NAME]
        credential = credential_of(request.headers, request.cookies)
        found = await looking_up.callers_like(parts, who, credential, name)
        return _form(request, written | {"caller": "KNOWN"}, {}, known=found)
    errors = _errors(written)
    if errors:
        return _form(request, written, errors, status_code=422)
    await calling.log_call(parts, who, _wish(parts, given))
    page_id = written.get("page")
    said = (
        N_("Lagret. Dialogen og trusselvakten får den.") if given.get("violence") else N_("Lagret. Dialogen får den.")
    )
    return see_other(f"/notifier/pages/{page_id}" if page_id else "/notifier/calls", notice=said)


def _form(
    request: Request,
    given: dict[str, str],
    errors: dict[str, str],
    status_code: int = 200,
    known: looking_up.Found | None = None,
) -> HTMLResponse:
    return PAGES.render(
        request,
        "call.html",
        status_code=status_code,
        given=given | {"key": _id(given.get("key", "")) or new_id()},
        known=known,
        errors=errors,
        callers=CALLERS,
        urgencies=URGENCIES,
        hints=HINTS,
    )


def _errors(written: dict[str, str]) -> dict[str, str]:
    errors = {}
    if written.get("caller") not in CALLERS:
        errors["caller"] = N_("Velg hvem som ringte. «Ukjent» går bra.")
    elif len(written.get("caller_name", "").strip()) > LONGEST_NAME:
        errors["caller_name"] = N_("Navnet er for langt.")
    elif written["caller"] == "KNOWN" and not (written.get("caller_name", "").strip() or written.get("caller_id")):
        errors["caller_name"] = N_("Skriv navnet, eller velg «Ukjent».")
    if not 0 < len(written.get("what", "").strip()) <= LONGEST:
        errors["what"] = N_("Skriv kort hva de sa.")
    if written.get("urgency") not in URGENCIES:
        errors["urgency"] = N_("Velg hvor mye det haster.")
    if written.get("at") and _moment(written["at"]) is None:
        errors["at"] = N_("Skriv dato og klokkeslett, eller la feltet stå tomt.")
    return errors


def _wish(parts: NotifierParts, given: FormData) -> CallWish:
    page = str(given.get("page") or "")
    try:
        page_id = str(UUID(page)) if page else None
    except ValueError as error:
        raise Invalid("There is no such page.", field="page") from error
    return CallWish(
        caller=cast(Literal["KNOWN", "UNKNOWN"], given.get("caller") or "KNOWN"),
        what=str(given["what"]).replace("\0", ""),
        urgency=cast(Literal["NOW", "SOON", "LATER"], given["urgency"]),
        violence=given.get("violence") == "yes",
        called_at=_moment(str(given.get("at") or "")) or parts.clock.now(),
        page_id=page_id,
        who=Caller(str(given.get("caller_name") or "").replace("\0", "").strip() or None, _id(given.get("caller_id"))),
        form=_id(given.get("key")),
        threatened=str(given.get("threatened") or "").replace("\0", "").strip()[:200] or None,
    )


def _id(value: object) -> str | None:
    try:
        return str(UUID(str(value or "")))
    except ValueError:
        return None


def _moment(value: str) -> datetime | None:
    """What a `datetime-local` field holds, in the unit's own time."""
    try:
        return datetime.fromisoformat(value).replace(tzinfo=OSLO)
    except ValueError:
        return None
