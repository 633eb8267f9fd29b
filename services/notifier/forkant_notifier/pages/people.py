"""Folk på vakt: who may be on duty, by which phones, and which of those have stopped answering."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from forkant_notifier.commands import people
from forkant_notifier.commands.desk import NotifierParts
from forkant_notifier.domain.devices import DeviceState, masked
from forkant_notifier.domain.duty_file import COUNTRY, E164, Wrong
from forkant_notifier.domain.lanes import Channel
from forkant_notifier.domain.phone_number import as_dialled
from forkant_notifier.domain.plan import Gapped
from forkant_notifier.pages.face import CHANNELS, PAGES, TIERS
from forkant_shared.access import policy
from forkant_shared.errors import Conflict, Invalid
from forkant_shared.identity import Principal
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser, see_other
from forkant_shared.web import form as web_form

ROUTER = APIRouter(prefix="/notifier/duty/people", include_in_schema=False)

SHOWN = 20
STATES = {
    DeviceState.DEAD: (N_("Svarer ikke"), "danger"),
    DeviceState.EXPIRED: (N_("Nettleseren er borte"), "warning"),
}
TEXTS = ("user", "name", "phone", "sms", "call", "mail", "webhook", "actor_id")
NUMBERS = ("phone", "sms", "call")
WRONG = {
    "user": N_("Skriv brukeren slik den står i innloggingen, 1 til 80 tegn."),
    "name": N_("Skriv et navn på 1 til 120 tegn."),
    "mail": N_("Skriv adressen som vakt@enhet.example."),
    "webhook": N_("Adressen har høyst 200 tegn."),
    "actor_id": N_("Dette er ingen ID fra registeret."),
    "floor": N_("Operasjonssentralen ville stå uten telefon. Merk en annen linje som operasjonssentralens først."),
}
TAKEN = N_("Noen andre har dette nummeret. Ta det bort der først, eller skriv et annet.")
NOT_A_NUMBER = N_("Skriv + , landet og nummeret.")
THERE = N_("Brukeren står i lista fra før. Endre den som er der.")


@ROUTER.get("", response_class=HTMLResponse)
async def listed(request: Request, parts: PartsOf, who: PageUser, after: UUID | None = None) -> HTMLResponse:
    found = await people.list_people(parts, who, limit=SHOWN, after=str(after) if after else None)
    path, may_plan = "/notifier/duty/people", policy.allows(who, "notifier.duty.plan")
    return PAGES.render(
        request,
        "people.html",
        views=found.views,
        channels=CHANNELS,
        states=STATES,
        address_of=(lambda device: device.address) if may_plan else masked,
        may_plan=may_plan,
        first=path if after else None,
        next=f"{path}?after={found.views[-1].id}" if found.more else None,
    )


@ROUTER.get("/new", response_class=HTMLResponse)
async def blank(request: Request, parts: PartsOf, who: PageUser) -> HTMLResponse:
    policy.require(who, "notifier.duty.plan")
    return await _form(request, parts, who, {}, None)


@ROUTER.get("/{person_id}", response_class=HTMLResponse)
async def edit(request: Request, parts: PartsOf, who: PageUser, person_id: UUID) -> HTMLResponse:
    policy.require(who, "notifier.duty.plan")
    written = await _now(parts, who, str(person_id))
    return await _form(request, parts, who, written, str(person_id))


@ROUTER.post("/new", response_class=HTMLResponse)
async def add(request: Request, parts: PartsOf, who: PageUser) -> Response:
    return await _save(request, parts, who, None)


@ROUTER.post("/{person_id}", response_class=HTMLResponse)
async def change(request: Request, parts: PartsOf, who: PageUser, person_id: UUID) -> Response:
    return await _save(request, parts, who, str(person_id))


@ROUTER.post("/{person_id}/leave", response_class=HTMLResponse)
async def leave(request: Request, parts: PartsOf, who: PageUser, person_id: UUID) -> Response:
    """Let somebody go, or show the form again with what that would leave empty."""
    policy.require(who, "notifier.duty.plan")
    written = await _written(request)
    try:
        await people.let_go(parts, who, str(person_id), revision=_revision(written))
    except Invalid as error:
        return await _form(request, parts, who, await _now(parts, who, str(person_id)), str(person_id), error=error)
    except Conflict:
        return await _form(request, parts, who, await _now(parts, who, str(person_id)), str(person_id), stale=True)
    return see_other("/notifier/duty/people", notice=N_("Telefonene er tatt bort. Navnet står i det som var."))


async def _save(request: Request, parts: NotifierParts, who: Principal, id_: str | None) -> Response:
    policy.require(who, "notifier.duty.plan")
    written = await _written(request)
    row = {name: written[name] for name in TEXTS if written.get(name)} | {"floor": bool(written.get("floor"))}
    try:
        if id_ is None:
            await people.add_person(parts, who, row, revision=_revision(written))
        else:
            await people.change_person(parts, who, id_, row, revision=_revision(written))
    except Invalid as error:
        return await _form(request, parts, who, written, id_, error=error)
    except Conflict as error:
        there = error.field == "user"
        return await _form(request, parts, who, written, id_, stale=not there, there=there)
    return see_other("/notifier/duty/people", notice=N_("Lagret, fra nå av."))


async def _now(parts: NotifierParts, who: Principal, id_: str) -> dict[str, str]:
    """The form's fields as the person is."""
    view, revision = await people.read_person(parts, who, id_)
    contact = view.person.contact
    sms, call = contact.addresses.get(Channel.SMS, ""), contact.addresses.get(Channel.CALL, "")
    written = {"phone": sms} if sms == call else {"sms": sms, "call": call}
    written |= {
        "user": contact.user,
        "name": view.person.name,
        "mail": contact.addresses.get(Channel.MAIL, ""),
        "webhook": contact.addresses.get(Channel.WEBHOOK, ""),
        "actor_id": contact.actor_id or "",
        "floor": "yes" if view.person.floor else "",
        "revision": str(revision),
    }
    return written


async def _written(request: Request) -> dict[str, str]:
    given = await web_form(request)
    return {name: value.replace("\0", "").strip() for name, value in given.items() if isinstance(value, str)}


def _revision(written: dict[str, str]) -> int | None:
    text = written.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


async def _form(
    request: Request,
    parts: NotifierParts,
    who: Principal,
    written: dict[str, str],
    id_: str | None,
    *,
    error: Invalid | None = None,
    stale: bool = False,
    there: bool = False,
) -> HTMLResponse:
    """The form as it was written; after somebody else's change with the revision as it is now."""
    now = await _now(parts, who, id_) if id_ is not None else {}
    if now:
        written = {**written, "user": now["user"]} | ({"revision": now["revision"]} if stale else {})
    wrong = error.wrong if isinstance(error, people.PersonRefused) else ()
    return PAGES.render(
        request,
        "person.html",
        status_code=422 if error else 409 if stale or there else 200,
        given=written,
        name=now.get("name"),
        person_id=id_,
        errors=_told(wrong, written) | ({"user": (THERE, {})} if there else {}),
        gap=error.gap if isinstance(error, Gapped) else None,
        stale=stale,
        tiers=TIERS,
    )


def _told(wrong: Sequence[Wrong], written: dict[str, str]) -> dict[str, tuple[str, dict[str, str]]]:
    """By field the sentence for what is wrong, and what belongs into it; a number gets its remedy."""
    told: dict[str, tuple[str, dict[str, str]]] = {}
    for one in wrong:
        if one.field in NUMBERS:
            meant = as_dialled(written.get(one.field, ""), COUNTRY)
            if E164.fullmatch(written.get(one.field, "")):
                told[one.field] = (TAKEN, {})
            elif E164.fullmatch(meant):
                told[one.field] = (N_("Skriv nummeret som %(number)s."), {"number": meant})
            else:
                told[one.field] = (NOT_A_NUMBER, {})
        else:
            told[one.field] = (WRONG[one.field], {})
    return told
