"""What is asked for, from the threat's own page."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from forkant_shared.identity import Principal
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser
from forkant_threat_watch.commands import requesting
from forkant_threat_watch.commands.loading import ThreatWatchParts
from forkant_threat_watch.domain.requests import Wish
from forkant_threat_watch.pages.doing import Act, attempt, id_in, moment_in, number_in, said_in
from forkant_threat_watch.pages.face import known_id
from forkant_threat_watch.pages.threat import draw

ROUTER = APIRouter(prefix="/threat-watch/threats/{threat_id}/requests", include_in_schema=False)


async def _ask(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    wish = Wish(
        about=said_in(sent, "about"),
        question=said_in(sent, "question"),
        owner=said_in(sent, "owner"),
        due_at=moment_in(sent, "due_at", parts),
    )
    return await requesting.ask_for(parts, who, threat_id, wish)


async def _answer(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    request_id, version = id_in(sent, "request"), number_in(sent, "version")
    report, note = said_in(sent, "report") or None, said_in(sent, "note") or None
    return await requesting.answer_request(parts, who, threat_id, request_id, report, note, version=version)


async def _withdraw(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    request_id, version = id_in(sent, "request"), number_in(sent, "version")
    return await requesting.withdraw_request(parts, who, threat_id, request_id, said_in(sent, "note"), version=version)


ACTS: dict[str, tuple[Act, str]] = {
    "request": (_ask, N_("Spørsmålet er stilt.")),
    "request-answer": (_answer, N_("Svaret er lagret.")),
    "request-withdrawal": (_withdraw, N_("Spørsmålet er trukket.")),
}


def _add(name: str) -> None:
    @ROUTER.post(f"/{name}", name=f"threat-{name}")
    async def posted(request: Request, threat_id: str, who: PageUser, parts: PartsOf) -> Response:
        about = known_id(threat_id)
        return await attempt(request, parts, who, about, name, ACTS, draw, f"/threat-watch/threats/{about}")


for _name in ACTS:
    _add(_name)
