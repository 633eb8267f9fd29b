"""Varslingsplan: who is rung when, and which version of it new pages climb by."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import yaml
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from forkant_notifier.commands import paging_policies
from forkant_notifier.commands.desk import NotifierParts
from forkant_notifier.domain.lanes import Lane
from forkant_notifier.pages.face import CHANNELS, PAGES, TIERS
from forkant_shared.access import policy
from forkant_shared.errors import Conflict, Invalid
from forkant_shared.identity import Principal
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser, see_other
from forkant_shared.web import form as web_form

ROUTER = APIRouter(prefix="/notifier/policies", include_in_schema=False)

#: What is wrong, by the last word of the field that the command names.
WRONG = {
    "version": N_("Gi planen en versjon som ikke finnes fra før, på 1 til 40 tegn."),
    "text": N_("Teksten kan ikke leses som YAML. Skriv den slik planen som gjelder er skrevet."),
    "reason": N_("Skriv hvorfor, på 1 til 300 tegn."),
    "seen": N_("Noen andre har nettopp valgt en annen plan. Se over og velg igjen."),
    "lanes": N_("En plan har begge køene, LIFE og NORMAL."),
    "steps": N_(
        "Første trinn er ved 0 sekunder, hvert trinn er senere enn det forrige og sier hvem som ringes, og det "
        "siste ringer alle om og om igjen eller gjør varselet til et som haster."
    ),
    "timeout": N_("Tiden en rute har på å svare, må være kortere enn tiden en sending er reservert."),
    "needed": N_("Et varsel trenger ett eller to svar."),
    "of_tiers": N_("Nevn trinn som har vakt; operasjonssentralen kan svare for hvert av dem."),
}
STRANGE = N_("Feltet finnes ikke, mangler eller har en verdi som ikke kan brukes.")
TAKEN = N_("Nye varsler følger denne planen allerede. Velg en annen.")


def after(span: timedelta) -> str:
    """A span as it is read aloud: seconds, or minutes where they are whole."""
    seconds = int(span.total_seconds())
    if seconds >= 120 and not seconds % 60:
        return f"{seconds // 60} min"
    return f"{seconds} s"


@ROUTER.get("", response_class=HTMLResponse)
async def show(request: Request, parts: PartsOf, who: PageUser) -> HTMLResponse:
    return await _drawn(request, parts, who)


@ROUTER.post("")
async def write(request: Request, parts: PartsOf, who: PageUser) -> Response:
    """Keep a new version."""
    text = str((await web_form(request)).get("text", ""))
    try:
        written = await paging_policies.write_policy(parts, who, text)
    except (Invalid, Conflict) as error:
        return await _drawn(request, parts, who, text=text, wrong=error)
    return see_other(
        f"/notifier/policies#policy-{written.version}",
        notice=N_("Planen er lagret. Ingen bruker den før du velger den."),
    )


@ROUTER.post("/choices")
async def choose(request: Request, parts: PartsOf, who: PageUser) -> Response:
    """Let new pages climb by another version."""
    given = await web_form(request)
    version, reason, seen = (str(given.get(name, "")) for name in ("version", "reason", "seen"))
    try:
        await paging_policies.choose_policy(parts, who, version, reason, seen=seen or None)
    except (Invalid, Conflict) as error:
        return await _drawn(request, parts, who, chosen=version, reason=reason, wrong=error)
    return see_other("/notifier/policies", notice=N_("Nye varsler følger planen fra nå av."))


async def _drawn(
    request: Request, parts: NotifierParts, who: Principal, *, wrong: Invalid | Conflict | None = None, **given: str
) -> HTMLResponse:
    found = await paging_policies.read_policies(parts, who)
    text = given.get("text") or yaml.safe_dump(dict(found.current.document), sort_keys=False, allow_unicode=True)
    told: dict[str, Any] = {
        "found": found,
        "lanes": (Lane.LIFE, Lane.NORMAL),
        "tiers": TIERS,
        "channels": CHANNELS,
        "after": after,
        "text": text,
        "given": given,
        "wrong": None if wrong is None else _told(wrong),
        "field": wrong.field if wrong else None,
        "writing": "text" in given,
        "may_choose": policy.allows(who, paging_policies.CHOOSE),
    }
    status = 200 if wrong is None else 422 if isinstance(wrong, Invalid) else 409
    return PAGES.render(request, "policies.html", status_code=status, **told)


def _told(wrong: Invalid | Conflict) -> str:
    """The sentence for what was refused."""
    name = (wrong.field or "").rsplit(".", 1)[-1]
    if isinstance(wrong, paging_policies.InForce):
        return TAKEN
    return WRONG.get(name, STRANGE)
