"""Administration of rotas: write, write anew, end, and answer for a gap."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from forkant_notifier.commands import rotas
from forkant_notifier.commands.desk import NotifierParts, desk_of
from forkant_notifier.domain.plan import Gapped
from forkant_notifier.domain.rota import Rotation
from forkant_notifier.domain.rota_wish import RotaWish
from forkant_notifier.pages.face import OSLO, PAGES, TIERS, moment_in_oslo
from forkant_shared.access import policy
from forkant_shared.errors import Conflict, Invalid, NotFound
from forkant_shared.fields import read_moment
from forkant_shared.identity import Principal
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser, see_other
from forkant_shared.web import form as web_form

ROUTER = APIRouter(prefix="/notifier/duty/rotas", include_in_schema=False)

SHIFTS = {
    "d1": N_("Ett døgn"),
    "d7": N_("Én uke"),
    "d14": N_("To uker"),
    "h12": N_("12 timer"),
    "h8": N_("8 timer"),
    "h6": N_("6 timer"),
    "h4": N_("4 timer"),
}
CHANGES = {
    "TAKEN": N_("Tok vakta"),
    "COVERED": N_("Tok en annens vakt"),
    "GIVEN_BACK": N_("Ga vakta tilbake"),
    "SWAP_ASKED": N_("Ba om bytte"),
    "SWAP_ACCEPTED": N_("Godtok bytte"),
    "SWAP_DECLINED": N_("Avslo bytte"),
    "SWAP_WITHDRAWN": N_("Trakk bytte"),
    "ROTA": N_("Skrev vaktliste"),
    "ROTA_ENDED": N_("Avsluttet vaktliste"),
    "WAIVED": N_("Svarer for et hull"),
    "PEOPLE": N_("Skrev inn folk"),
    "PERSON": N_("Skrev inn eller endret en person"),
    "PERSON_LEFT": N_("Tok en person bort fra vakt"),
}
WRONG = {
    "name": N_("Skriv et navn på 1 til 60 tegn."),
    "members": N_("Velg minst én med telefon."),
    "days": N_("Velg hvor lenge en vakt varer."),
    "handover": N_("Skriv klokkeslettet som 08:00."),
    "zone": N_("Skriv tidssonen som Europe/Oslo."),
    "starts_on": N_("Velg en dag innen et år fra i dag."),
    "ends_on": N_("Vaktlista må slutte etter at den begynner."),
    "reason": N_("Skriv hvorfor ingen trengs."),
    "until": N_("Velg når ansvaret slutter, innen fire uker."),
    "rotations": N_("Vaktlista får et hull de neste 14 dagene. Sett inn noen, eller skriv hvem som svarer for det."),
}


@ROUTER.get("", response_class=HTMLResponse)
async def listed(request: Request, parts: PartsOf, who: PageUser) -> HTMLResponse:
    return await _list(request, parts, who)


async def _list(
    request: Request, parts: NotifierParts, who: Principal, written: dict[str, str] | None = None, wrong: str = ""
) -> HTMLResponse:
    """The rotas; with what was `written` for a gap and the field of it that is `wrong`."""
    found, given = await rotas.list_rotas(parts, who), written or {}
    latest = parts.clock.now() + desk_of(parts).rules.longest_waiver
    return PAGES.render(
        request,
        "rotas.html",
        status_code=422 if wrong else 200,
        found=found,
        given=given,
        wrong={wrong: WRONG[wrong]} if wrong else {},
        ends=[min(gap.until, latest).astimezone(OSLO).strftime("%Y-%m-%dT%H:%M") for gap in found.gaps],
        tiers=TIERS,
        kinds=CHANGES,
        shift_of=_shift_of,
        shifts=SHIFTS,
        may_plan=policy.allows(who, "notifier.duty.plan"),
        may_see_policy=policy.allows(who, "notifier.policy.read"),
    )


@ROUTER.get("/new", response_class=HTMLResponse)
async def blank(request: Request, parts: PartsOf, who: PageUser) -> HTMLResponse:
    policy.require(who, "notifier.duty.plan")
    written = {"handover": "08:00", "zone": "Europe/Oslo", "shift": "d7", "tier": "1"}
    return await _form(request, parts, who, written)


@ROUTER.get("/{rota_id}", response_class=HTMLResponse)
async def edit(request: Request, parts: PartsOf, who: PageUser, rota_id: UUID) -> HTMLResponse:
    policy.require(who, "notifier.duty.plan")
    rotation = await _rotation(parts, who, str(rota_id))
    written = {
        "name": rotation.name,
        "tier": str(rotation.tier),
        "shift": _shift_of(rotation),
        "handover": rotation.handover.strftime("%H:%M"),
        "zone": rotation.zone,
        "starts_on": rotation.starts_on.isoformat(),
        "ends_on": rotation.ends_on.isoformat() if rotation.ends_on else "",
    }
    written |= {f"member{place}": member for place, member in enumerate(rotation.members)}
    return await _form(request, parts, who, written, rota_id=str(rota_id))


@ROUTER.post("/new", response_class=HTMLResponse)
async def create(request: Request, parts: PartsOf, who: PageUser) -> Response:
    return await _save(request, parts, who, None)


@ROUTER.post("/waivers", response_class=HTMLResponse)
async def waive(request: Request, parts: PartsOf, who: PageUser) -> Response:
    """Who presses the button answers by name for a gap that is there; what is wrong is shown beside it."""
    policy.require(who, "notifier.duty.plan")
    written = await _written(request)
    tier, place = written.get("tier", ""), written.get("place", "")
    if tier not in ("1", "2", "3"):
        raise Invalid("There is no such tier.", field="tier")
    given = {name: written.get(f"{name}{place}", "") for name in ("reason", "until")}
    try:
        since = read_moment(written.get("since", ""))
        waiver = _waiver(given)
        if waiver is None:
            raise Invalid("A waiver says why, and until when.", field="reason")
        await rotas.waive(parts, who, int(tier), waiver, since=since)
    except ValueError:
        raise Invalid("A gap begins at some time.", field="since", remedy="Look at the page again.") from None
    except Invalid as error:
        if error.field not in ("reason", "until"):
            raise
        return await _list(request, parts, who, {**given, "gap": f"{tier} {place}"}, wrong=error.field)
    return see_other("/notifier/duty/rotas", notice=N_("Du svarer for hullet. Navnet ditt og grunnen står i lista."))


@ROUTER.post("/{rota_id}", response_class=HTMLResponse)
async def rewrite(request: Request, parts: PartsOf, who: PageUser, rota_id: UUID) -> Response:
    return await _save(request, parts, who, str(rota_id))


@ROUTER.post("/{rota_id}/end")
async def end(request: Request, parts: PartsOf, who: PageUser, rota_id: UUID) -> RedirectResponse:
    """The rota ends now; a gap needs a reason and an end with it."""
    written = await _written(request)
    written |= {name: written.get(f"end_{name}", "") for name in ("reason", "until")}
    await rotas.end_rota(parts, who, str(rota_id), waiver=_waiver(written))
    return see_other("/notifier/duty/rotas", notice=N_("Vaktlista er avsluttet. Det som var, står."))


async def _save(request: Request, parts: NotifierParts, who: Principal, rota_id: str | None) -> Response:
    """Save, or show the form again with what is wrong beside its field."""
    policy.require(who, "notifier.duty.plan")
    written = await _written(request)
    revision = written.get("revision", "")
    try:
        await rotas.write_rota(
            parts,
            who,
            _wish(written),
            rota_id=rota_id,
            waiver=_waiver(written),
            revision=int(revision) if revision.isascii() and revision.isdigit() and len(revision) < 10 else None,
        )
    except Invalid as error:
        field = (error.field or "name").partition(".")[0]
        if field not in WRONG:
            raise
        return await _form(request, parts, who, written, rota_id=rota_id, errors={field: error})
    except Conflict:
        return await _form(request, parts, who, written, rota_id=rota_id, stale=True)
    return see_other("/notifier/duty/rotas", notice=N_("Vaktlista er lagret, fra nå av."))


async def _written(request: Request) -> dict[str, str]:
    given = await web_form(request)
    return {name: value.replace("\0", "").strip() for name, value in given.items() if isinstance(value, str)}


def _wish(written: dict[str, str]) -> RotaWish:
    shift = written.get("shift", "")
    if shift not in SHIFTS and not (shift[:1] == "d" and shift[1:].isdigit() and len(shift) < 4):
        raise Invalid("A shift lasts some days or some hours.", field="days")
    tier = written.get("tier", "")
    if tier not in ("1", "2", "3"):
        raise Invalid("There is no such tier.", field="tier")
    length = int(shift[1:])
    return RotaWish(
        name=written.get("name", ""),
        tier=int(tier),
        members=tuple(written[name] for name in _places(written) if written[name]),
        handover=written.get("handover", ""),
        days=length if shift[0] == "d" else None,
        hours=length if shift[0] == "h" else None,
        zone=written.get("zone", ""),
        starts_on=_day(written, "starts_on"),
        ends_on=_day(written, "ends_on"),
    )


def _places(written: dict[str, str]) -> list[str]:
    """The members' fields in the order of their numbers."""
    names = [name for name in written if name.startswith("member") and name[6:].isascii() and name[6:].isdigit()]
    return sorted(names, key=lambda name: int(name[6:]))


def _day(written: dict[str, str], field: str) -> date | None:
    text = written.get(field, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Invalid("There is no such day.", field=field) from error


def _waiver(written: dict[str, str]) -> rotas.WaiverWish | None:
    if not written.get("reason") and not written.get("until"):
        return None
    until = moment_in_oslo(written.get("until", ""))
    if until is None:
        raise Invalid("A waiver ends.", field="until")
    if len(written.get("reason", "")) > 300:
        raise Invalid("A reason has at most 300 signs.", field="reason")
    return rotas.WaiverWish(written.get("reason", ""), until)


async def _rotation(parts: NotifierParts, who: Principal, rota_id: str) -> Rotation:
    found = await rotas.list_rotas(parts, who)
    rotation = next((r for r in found.rotations if r.rota_id == rota_id), None)
    if rotation is None:
        raise NotFound("There is no such rota.")
    return rotation


def _shift_of(rotation: Rotation) -> str:
    return f"h{rotation.hours}" if rotation.hours else f"d{rotation.days}"


async def _form(
    request: Request,
    parts: NotifierParts,
    who: Principal,
    written: dict[str, str],
    *,
    rota_id: str | None = None,
    errors: dict[str, Invalid] | None = None,
    stale: bool = False,
) -> HTMLResponse:
    found = await rotas.list_rotas(parts, who)
    listed = found.book.people.items()
    people = sorted(((u, p.name) for u, p in listed if p.contact.addresses and not p.floor), key=lambda one: one[1])
    length = written.get("shift", "d7")
    shifts = SHIFTS if length in SHIFTS else {length: N_("Som før"), **SHIFTS}
    told: dict[str, Any] = {
        "given": written,
        "errors": {field: WRONG[field] for field in errors or {}},
        "gap": next((error.gap for error in (errors or {}).values() if isinstance(error, Gapped)), None),
        "rota_id": rota_id,
        "people": people,
        "shifts": shifts,
        "tiers": TIERS,
        "revision": found.revision,
        "stale": stale,
        "members": [written[name] for name in _places(written)],
    }
    return PAGES.render(request, "rota.html", status_code=422 if errors else 409 if stale else 200, **told)
