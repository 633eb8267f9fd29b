"""What all pages of the registry share."""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse

from forkant_registry.commands.deed import reference_of
from forkant_registry.domain.reference import Reference
from forkant_registry.settings import Settings
from forkant_shared.access import policy
from forkant_shared.errors import ForkantError
from forkant_shared.identity import Principal
from forkant_shared.parts import Parts
from forkant_shared.web import N_, Pages

PAGES = Pages("forkant_registry", service="registry")

KINDS = {"PERSON": N_("Person"), "GROUP": N_("Gruppe")}
HANDLINGS = {"OPEN": N_("Åpen i tjenesten"), "RESTRICTED": N_("Begrenset"), "SECRET": N_("Skjermet")}
CLAIM_KINDS = {"FACT": N_("Faktum"), "ASSESSMENT": N_("Vurdering")}
STATUSES = {"war": N_("Krig"), "tense": N_("Spent"), "cold": N_("Kjølig"), "peace": N_("Fred")}
ENTRY_KINDS = {
    "COURT_DATE": N_("Rettsmøte"),
    "RELEASE": N_("Løslatelse"),
    "FUNERAL": N_("Begravelse"),
    "ANNIVERSARY": N_("Merkedag"),
}
REASONS = {"WRONG": N_("Feil"), "OUTDATED": N_("Utdatert"), "REFINED": N_("Presisert"), "WITHDRAWN": N_("Trukket")}
ENTRY_REASONS = {
    "MOVED": N_("Flyttet til en annen dag"),
    "CANCELLED": N_("Avlyst"),
    "WRONG": N_("Feil fra starten"),
}
VERDICTS = {"POSITIVE": N_("Samme"), "NEGATIVE": N_("Ikke samme"), "UNSURE": N_("Usikkert")}
STATES = {"WAITS": N_("Venter på en til"), "STANDS": N_("Gjelder"), "REVOKED": N_("Tatt tilbake")}
SAME = {"PERSON": N_("Samme person"), "GROUP": N_("Samme gruppe")}
FEATURES = {
    "name": N_("Navn"),
    "born_on": N_("Født"),
    "groups": N_("Grupper"),
    "district": N_("Bydel"),
    "without_birth_date": N_("Uten samme fødselsdato er ingen sikker"),
    "bounds": N_("Mellom 0 og 1"),
}
NAME_KINDS = {
    "legal": N_("Juridisk navn"),
    "alias": N_("Alias"),
    "nickname": N_("Kallenavn (svakt)"),
    "previous": N_("Tidligere navn"),
    "club": N_("Klubbnavn"),
    "working": N_("Arbeidsnavn"),
    "public": N_("Navn utad"),
}
HOWS = {
    "EXACT": N_("skrevet likt"),
    "FOLDED": N_("samme navn, annen skrivemåte"),
    "VARIANT": N_("kjent skrivemåte av samme navn"),
    "SOUND": N_("høres likt ut"),
    "TYPING": N_("mulig skrivefeil"),
    "PREFIX": N_("begynner slik"),
    "COMPOUND": N_("del av et sammensatt navn"),
}
ALIKE = HOWS | {
    "SAME": N_("likt"),
    "NEAR": N_("nesten likt"),
    "CONTRADICTION": N_("motsier hverandre"),
    "BLANK": N_("ukjent på den ene siden"),
    "CAPPED": N_("holdes igjen"),
    "BOUNDED": N_("holdes igjen"),
}
# Where one can go in the registry: name, address, text, what one must be allowed to.
ROOMS = (
    ("actors", "/registry/actors", N_("Aktører"), "actor.search"),
    ("identity", "/registry/identity", N_("Identitet"), "identity.read"),
    ("observations", "/registry/observations", N_("Observasjoner"), "observation.read"),
    ("conflicts", "/registry/conflicts", N_("Konflikter"), "conflict.read"),
    ("calendar", "/registry/calendar", N_("Kalender"), "calendar-entry.read"),
)
# What to say beside a field that did not hold; the field's own rule, in the reader's words.
ADVICE = {
    "label": N_("Skriv et navn på 1 til 200 tegn."),
    "group_kind": N_("Velg hva slags gruppe det er."),
    "name": N_("Skriv et navn på 1 til 200 tegn."),
    "ground": N_("Velg et registreringsgrunnlag."),
    "connected_to": N_("Velg en person som er registrert fordi hun eller han antas å begå lovbrudd."),
    "reason": N_("Skriv en kort begrunnelse, uten tegn som ikke kan vises."),
    "origin": N_("Skriv hvem som først visste det, som en kort henvisning på 1 til 64 tegn."),
    "observed_at": N_("Skriv når det ble observert; det kan ikke være fram i tid."),
    "valid_from": N_("Skriv en dato, eller la feltet stå tomt."),
    "valid_to": N_("Sluttdatoen må komme etter startdatoen."),
    "value": N_("Fyll ut dette slik opplysningen krever."),
    "object": N_("Velg hvem det gjelder."),
    "qualifiers": N_("Velg blant de oppgitte verdiene."),
    "grading": N_("Velg begge gradene på samme skala."),
    "handling": N_("Velg en merking du selv har tilgang til; nær en beskyttet adresse kan den ikke være åpen."),
    "since": N_("Skriv når det ble slik; det kan ikke være fram i tid."),
    "group_a": N_("Velg en gruppe."),
    "group_b": N_("Velg en annen gruppe enn den første."),
    "status": N_("Velg hvordan de står til hverandre."),
    "on": N_("Skriv en dato."),
    "parties": N_("Velg minst én det gjelder, og høyst 50."),
    "entry_kind": N_("Velg hva slags dag det er."),
    "why": N_("Velg hvorfor den rettes."),
    "then": N_("Dette må erstattes: hver aktør må ha en slik opplysning."),
    "other": N_("Velg en annen av samme slag."),
    "verdict": N_("Dette kan ikke gjelde nå: det motsatte er vurdert og gjelder, eller du har sagt det før."),
    "actors": N_("Velg minst én som ble sett, og høyst 50. Ukjente kan bare stå nær en beskyttet adresse."),
    "observation_kind": N_("Velg hva slags observasjon det er."),
    "legal_reason": N_("Velg en hjemmel som passer til kontrollen."),
    "family": N_("Svar på om familie var til stede."),
    "near": N_("Velg enten hvem adressen tilhører, eller en rolle, og ikke en av dem som ble sett."),
    "place": N_("Skriv inntil 200 tegn. Nær en beskyttet adresse skal dette stå tomt."),
    "district": N_("Skriv bydelen som 0301-06, eller kommunen som 0301."),
    "vehicle": N_("Skriv inntil 200 tegn på én linje."),
    "clothing": N_("Skriv inntil 200 tegn på én linje."),
    "phone": N_("Skriv inntil 200 tegn på én linje."),
    "unit": N_("Skriv hvilken enhet som observerte, på 1 til 64 tegn."),
    "effort_minutes": N_("Skriv et helt antall minutter, fra 1 til 10080."),
    "form": N_("Dette lot seg ikke gjøre slik det står nå. Åpne siden på nytt og se hva som er endret."),
    "note": N_("Skriv inntil 2000 tegn, uten tegn som ikke kan vises."),
}


def render(
    request: Request, parts: Parts[Settings], who: Principal, template: str, status_code: int = 200, **context: object
) -> HTMLResponse:
    """A page that knows the catalogue and what the reader may do."""
    reference = reference_of(parts)
    given = {
        "catalogue": reference.catalogue,
        "scales": reference.scales,
        "controls": reference.controls,
        "kinds": KINDS,
        "rooms_of_the_house": ROOMS,
        "may": lambda action: policy.allows(who, f"registry.{action}"),
    }
    return PAGES.render(request, template, status_code=status_code, **(given | context))


def text_of(form: FormData, name: str) -> str:
    """A field of a form as text; empty where it was not sent."""
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


def sent_back(form: FormData) -> dict[str, str]:
    """What was written, to be shown again in a form that did not hold."""
    return {name: value for name, value in form.items() if isinstance(value, str)}


def advice(error: ForkantError, fields: Mapping[str, str]) -> dict[str, str]:
    """Field of the form → what to do about an error. `fields` maps fields of the wish to fields of the form."""
    if not error.field:
        return {"form": ADVICE["form"]}
    named = error.field
    first = named.partition(".")[0]
    name: str = fields.get(named) or fields.get(first) or first
    return {name: ADVICE.get(name.partition(":")[0], ADVICE["value"])}


def scale_of(reference: Reference, asked: str | None) -> str:
    """The scale a form grades on: the one asked for, else the first."""
    scales = reference.scales.by_name
    return asked if asked is not None and asked in scales else next(iter(scales))


def purpose_of(request: Request) -> str | None:
    """Where a reader came from, as `threat:<id>`, or why; what does not look like one is no purpose."""
    given = request.query_params.get("purpose", "")
    shape = r"PREVENT|UNCOVER|PROTECT|(page|threat|meeting|task):[0-9a-f-]{36}"
    return given if re.fullmatch(shape, given) else None
