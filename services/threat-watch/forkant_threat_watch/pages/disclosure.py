"""The page of a threat's disclosure plan: what can be shown, what will be said, and who lets it be said."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from forkant_shared.identity import Principal
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser
from forkant_threat_watch.commands import disclosing, exposing, following
from forkant_threat_watch.commands.loading import ThreatWatchParts
from forkant_threat_watch.domain.disclosure import Part
from forkant_threat_watch.domain.exposure import Exposure
from forkant_threat_watch.pages import followup_words
from forkant_threat_watch.pages.doing import Act, attempt, choice, id_in, number_in, said_in
from forkant_threat_watch.pages.face import known_id, named, render

ROUTER = APIRouter(prefix="/threat-watch/threats/{threat_id}/disclosure", include_in_schema=False)


@ROUTER.get("", response_class=HTMLResponse)
async def show(request: Request, threat_id: str, who: PageUser, parts: PartsOf) -> HTMLResponse:
    """The plan, what stands in its way, and the forms for those who may do something about it."""
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
    found = await following.read_disclosure(parts, who, threat_id)
    now = parts.clock.now()
    clearance = found.threat.clearance
    return render(
        request,
        parts,
        who,
        "disclosure.html",
        status_code=status_code,
        found=found,
        plan=found.plan,
        known={one.row.id: one for one in found.reports},
        clearance=clearance if clearance is not None and clearance.valid_until > now else None,
        aggressors=named(found.threat.aggressors, found.labels),
        targets=named(found.threat.targets, found.labels),
        standing=[one for row, signed in found.clearances if row.ended_at is None for one in signed],
        ended=[(row, signed) for row, signed in found.clearances if row.ended_at is not None],
        fw=followup_words,
        me=who.subject,
        signed={one.part.value: one for one in found.signatures},
        open=found.threat.open,
        errors=errors or {},
        given=given or {},
        form=form,
    )


async def _answer(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    exposure = Exposure[choice(sent, "exposure", Exposure)]
    could_know, open_origin = number_in(sent, "could_know"), said_in(sent, "open_origin") == "yes"
    report_id = id_in(sent, "report")
    return await exposing.answer_report(
        parts, who, threat_id, report_id, exposure, could_know, open_origin, said_in(sent, "note")
    )


async def _overlap(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    both = [id_in(sent, "one"), id_in(sent, "other")]
    return await exposing.answer_overlap(parts, who, threat_id, both, number_in(sent, "could_know"))


async def _write(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    rests_on = [known_id(str(report)) for report in sent.getlist("reports")]
    return await disclosing.write_line(
        parts, who, threat_id, said_in(sent, "text"), rests_on, plan_version=number_in(sent, "plan_version")
    )


async def _approve(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    await disclosing.approve_line(parts, who, threat_id, id_in(sent, "line"))
    return None


async def _remove(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    await disclosing.remove_line(parts, who, threat_id, id_in(sent, "line"), said_in(sent, "reason"))
    return None


def _signing(part: Part) -> Act:
    async def sign(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
        version, because = number_in(sent, "plan_version"), said_in(sent, "because") or None
        return await disclosing.sign_plan(parts, who, threat_id, part, version, because)

    return sign


async def _withdraw(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    await disclosing.withdraw_clearance(parts, who, threat_id, said_in(sent, "reason"))
    return None


ACTS: dict[str, tuple[Act, str]] = {
    "answer": (_answer, N_("Svaret er lagret.")),
    "overlap": (_overlap, N_("Tallet er lagret.")),
    "line": (_write, N_("Teksten er lagt i planen.")),
    "approval": (_approve, N_("Teksten er godkjent.")),
    "removal": (_remove, N_("Teksten er fjernet.")),
    "source": (_signing(Part.SOURCE), N_("Planen er signert for kildene.")),
    "leader": (_signing(Part.LEADER), N_("Planen er signert for dialogen.")),
    "alone": (_signing(Part.ALONE), N_("Dialogen er klarert. En annen ser på det i morgen.")),
    "withdrawal": (_withdraw, N_("Klareringen er trukket.")),
}


def _add(name: str) -> None:
    @ROUTER.post(f"/{name}", name=f"disclosure-{name}")
    async def posted(request: Request, threat_id: str, who: PageUser, parts: PartsOf) -> Response:
        about = known_id(threat_id)
        back = f"/threat-watch/threats/{about}/disclosure"
        return await attempt(request, parts, who, about, name, ACTS, draw, back)


for _name in ACTS:
    _add(_name)
