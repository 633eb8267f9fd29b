"""What a person does from a threat's page: each form is one act, and what is wrong is said beside its field."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from forkant_shared.errors import Invalid
from forkant_shared.identity import Principal
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser
from forkant_threat_watch.commands import joining, living
from forkant_threat_watch.commands.loading import ThreatWatchParts
from forkant_threat_watch.domain.moves import Verify
from forkant_threat_watch.domain.words import Lane, Level, Outcome, State
from forkant_threat_watch.pages import words
from forkant_threat_watch.pages.doing import Act, attempt, choice, moment_in, said_in
from forkant_threat_watch.pages.face import known_id, text_of
from forkant_threat_watch.pages.threat import draw

ROUTER = APIRouter(prefix="/threat-watch/threats/{threat_id}", include_in_schema=False)


async def _decide(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    level = Level[choice(sent, "level", Level)]
    expires_at = moment_in(sent, "expires_at", parts)
    return await living.decide_level(parts, who, threat_id, level, said_in(sent, "reason"), expires_at)


async def _feedback(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    outcome = Outcome[choice(sent, "outcome", Outcome)]
    return await living.tell_effect(parts, who, threat_id, outcome, text_of(sent, "evidence"))


async def _verify(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    due_at = moment_in(sent, "due_at", parts)
    return await living.set_verification(parts, who, threat_id, due_at, said_in(sent, "fallback"))


async def _judge(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    lane = Lane[choice(sent, "lane", Lane)]
    return await living.judge(parts, who, threat_id, lane, said_in(sent, "reason"))


async def _move(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    state = State[choice(sent, "state", State)]
    verify = None
    if said_in(sent, "fallback"):
        verify = Verify(moment_in(sent, "due_at", parts), said_in(sent, "fallback"))
    return await living.move(parts, who, threat_id, state, said_in(sent, "reason"), verify)


async def _start_fallback(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    verify = Verify(moment_in(sent, "due_at", parts), said_in(sent, "fallback"))
    return await living.start_fallback(parts, who, threat_id, verify)


async def _decline_fallback(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    return await living.decline_fallback(parts, who, threat_id, said_in(sent, "reason"))


async def _close(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    return await living.close(parts, who, threat_id, said_in(sent, "reason"))


async def _answer(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    point = text_of(sent, "point")
    if point not in {str(number) for number in words.QUESTIONS}:
        raise Invalid("The checklist has no such point.", field="point", remedy="Choose one of the points.")
    answer = text_of(sent, "answer")
    if answer not in words.ANSWERS:
        raise Invalid("This is none of the values.", field="answer", remedy="Choose one of them.")
    await living.answer_checklist(parts, who, threat_id, int(point), answer, said_in(sent, "note"))
    return None


async def _review(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    await living.answer_review(parts, who, known_id(text_of(sent, "review")), said_in(sent, "note"))
    return None


async def _link(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    return await joining.link_signal(parts, who, threat_id, text_of(sent, "signal"), _reason(sent))


async def _dismiss(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    return await joining.dismiss_signal(parts, who, threat_id, text_of(sent, "signal"), _reason(sent))


async def _unlink(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    return await joining.unlink_signals(parts, who, threat_id, [text_of(sent, "signal")], _reason(sent))


async def _merge(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    return await joining.merge_into_named(parts, who, threat_id, said_in(sent, "into"), _reason(sent))


async def _unmerge(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    return await joining.undo_merge(parts, who, threat_id, _reason(sent))


async def _split(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    chosen = [str(value) for value in sent.getlist("signals-split") if value]
    if not chosen:
        raise Invalid("Nothing was chosen.", field="signals", remedy="Choose what is a threat of its own.")
    return await joining.split_threat(parts, who, threat_id, chosen, _reason(sent))


def _reason(sent: FormData) -> str:
    reason = said_in(sent, "reason")
    if not reason:
        raise Invalid("Joining by hand needs a reason.", field="reason", remedy="Write why.")
    return reason


ACTS: dict[str, tuple[Act, str]] = {
    "decision": (_decide, N_("Nivået er bestemt.")),
    "feedback": (_feedback, N_("Effekten er meldt.")),
    "verification": (_verify, N_("Tiden for å verifisere effekten er satt.")),
    "judgement": (_judge, N_("Varselet er på vei.")),
    "move": (_move, N_("Trusselen har fått ny tilstand.")),
    "fallback-start": (_start_fallback, N_("Alternativet er startet.")),
    "fallback-refusal": (_decline_fallback, N_("Alternativet startes ikke.")),
    "closure": (_close, N_("Trusselen er lukket.")),
    "checklist": (_answer, N_("Svaret er lagret.")),
    "review": (_review, N_("Gjennomgangen er besvart.")),
    "link": (_link, N_("Signalet teller nå her.")),
    "dismiss": (_dismiss, N_("Forslaget er avvist.")),
    "unlink": (_unlink, N_("Signalet teller ikke lenger her.")),
    "merge": (_merge, N_("Truslene er slått sammen. Det kan oppheves her.")),
    "unmerge": (_unmerge, N_("Sammenslåingen er opphevet.")),
    "split": (_split, N_("Det du valgte, er en trussel for seg.")),
}


async def act(request: Request, threat_id: str, who: PageUser, parts: PartsOf, name: str) -> Response:
    """Do what the form says; on a mistake the page again, with what was written still in it."""
    threat_id = known_id(threat_id)
    back = f"/threat-watch/threats/{threat_id}"
    return await attempt(request, parts, who, threat_id, name, ACTS, draw, back)


def _add(name: str) -> None:
    @ROUTER.post(f"/{name}", name=f"threat-{name}")
    async def posted(request: Request, threat_id: str, who: PageUser, parts: PartsOf) -> Response:
        return await act(request, threat_id, who, parts, name)


for _name in ACTS:
    _add(_name)
