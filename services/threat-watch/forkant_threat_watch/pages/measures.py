"""The pages of measures: those of one threat with the control pressure beside them, and all that have not ended."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from forkant_shared.identity import Principal
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser
from forkant_threat_watch.commands import following, measuring
from forkant_threat_watch.commands.loading import ThreatWatchParts
from forkant_threat_watch.domain.followup import MeasureKind
from forkant_threat_watch.domain.measures import Wish, outside
from forkant_threat_watch.pages import followup_words
from forkant_threat_watch.pages.doing import Act, attempt, choice, id_in, moment_in, number_in, said_in
from forkant_threat_watch.pages.face import known_id, named, render

ROUTER = APIRouter(include_in_schema=False)
OF_A_THREAT = "/threat-watch/threats/{threat_id}/measures"


@ROUTER.get("/threat-watch/measures", response_class=HTMLResponse)
async def show_running(request: Request, who: PageUser, parts: PartsOf) -> HTMLResponse:
    """Every measure that nobody has ended, the first to run out first."""
    found = await following.list_measures(parts, who)
    kinds = following.measure_rules().kinds
    return render(request, parts, who, "measures_running.html", found=found, fw=followup_words, kinds=kinds)


@ROUTER.get(OF_A_THREAT, response_class=HTMLResponse)
async def show(request: Request, threat_id: str, who: PageUser, parts: PartsOf) -> HTMLResponse:
    """The measures of one threat, and the form for another."""
    return await draw(request, parts, who, known_id(threat_id))


async def draw(
    request: Request,
    parts: ThreatWatchParts,
    who: Principal,
    threat_id: str,
    *,
    status_code: int = 200,
    errors: Mapping[str, str] | None = None,
    given: Mapping[str, str] | None = None,
    form: str = "",
) -> HTMLResponse:
    """The page, with what was wrong in one of its forms, if anything was."""
    found = await following.read_measures(parts, who, threat_id)
    rules, threat, now = following.measure_rules(), found.threat, parts.clock.now()
    beyond = [kind for kind in MeasureKind if outside(kind, None, threat.level, rules)]
    parties = (*threat.aggressors, *threat.targets)
    return render(
        request,
        parts,
        who,
        "measures.html",
        status_code=status_code,
        found=found,
        threat=threat,
        aggressors=named(threat.aggressors, found.labels),
        targets=named(threat.targets, found.labels),
        parties=[(party.key, shown) for party, shown in zip(parties, named(parties, found.labels), strict=True)],
        kinds=rules.kinds,
        within=[kind for kind in MeasureKind if kind not in beyond],
        beyond=beyond,
        pressure=await following.control_pressure(parts, threat),
        pressure_days=rules.pressure_days,
        starts=now,
        expires=now + rules.suggested,
        at=now,
        me=who.subject,
        fw=followup_words,
        open=threat.open,
        errors=errors or {},
        given=given or {},
        form=form,
    )


async def _make(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    wish = Wish(
        kind=MeasureKind[choice(sent, "kind", MeasureKind)],
        what=said_in(sent, "what"),
        owner=said_in(sent, "owner"),
        starts_at=moment_in(sent, "starts_at", parts),
        expires_at=moment_in(sent, "expires_at", parts),
        toward=said_in(sent, "toward") or None,
        because=said_in(sent, "because") or None,
    )
    return await measuring.make_measure(parts, who, threat_id, wish)


async def _serve(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    because = None if said_in(sent, "served") == "yes" else said_in(sent, "not_because")
    version = number_in(sent, "version")
    return await measuring.serve_measure(parts, who, threat_id, id_in(sent, "measure"), because, version=version)


async def _end(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    measure_id, version = id_in(sent, "measure"), number_in(sent, "version")
    return await measuring.end_measure(parts, who, threat_id, measure_id, said_in(sent, "reason"), version=version)


ACTS: dict[str, tuple[Act, str]] = {
    "make": (_make, N_("Tiltaket er satt i gang.")),
    "service": (_serve, N_("Forkynningen er lagret.")),
    "end": (_end, N_("Tiltaket er avsluttet.")),
}


def _add(name: str) -> None:
    @ROUTER.post(f"{OF_A_THREAT}/{name}", name=f"measure-{name}")
    async def posted(request: Request, threat_id: str, who: PageUser, parts: PartsOf) -> Response:
        about = known_id(threat_id)
        back = f"/threat-watch/threats/{about}/measures"
        return await attempt(request, parts, who, about, name, ACTS, draw, back)


for _name in ACTS:
    _add(_name)
