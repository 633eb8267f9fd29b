"""What a person does from a threat's page: each form is one act, and what is wrong is said beside its field."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from forkant_shared.errors import Conflict, Invalid
from forkant_shared.identity import Principal
from forkant_shared.service import PartsOf
from forkant_shared.web import FORM_FIELD, N_, PageUser, form, see_other
from forkant_threat_watch.commands import joining, living
from forkant_threat_watch.commands.loading import ThreatWatchParts
from forkant_threat_watch.domain.words import Lane, Level, Outcome, State
from forkant_threat_watch.pages import words
from forkant_threat_watch.pages.face import known_id, moment_of, text_of
from forkant_threat_watch.pages.threat import draw

ROUTER = APIRouter(prefix="/threat-watch/threats/{threat_id}", include_in_schema=False)

Act = Callable[[ThreatWatchParts, Principal, str, FormData], Awaitable[object]]


def _choice(sent: FormData, name: str, allowed: object) -> str:
    value = text_of(sent, name)
    if value not in getattr(allowed, "__members__", ()):
        raise Invalid("This is none of the values.", field=name, remedy="Choose one of them.")
    return value


def _said(sent: FormData, what: str) -> str:
    """What was written in the form's field of this kind; each form names its own so that no two on a page are one."""
    return next((text_of(sent, name) for name in sent if name == what or name.split("-", 1)[0] == what), "")


async def _decide(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    level = Level[_choice(sent, "level", Level)]
    expires_at = moment_of(sent, "expires_at", parts)
    return await living.decide_level(parts, who, threat_id, level, _said(sent, "reason"), expires_at)


async def _feedback(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    outcome = Outcome[_choice(sent, "outcome", Outcome)]
    return await living.tell_effect(parts, who, threat_id, outcome, text_of(sent, "evidence"))


async def _verify(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    due_at = moment_of(sent, "due_at", parts)
    return await living.set_verification(parts, who, threat_id, due_at, text_of(sent, "fallback"))


async def _judge(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    lane = Lane[_choice(sent, "lane", Lane)]
    return await living.judge(parts, who, threat_id, lane, _said(sent, "reason"))


async def _move(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    state = State[_choice(sent, "state", State)]
    return await living.move(parts, who, threat_id, state, _said(sent, "reason"))


async def _close(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    return await living.close(parts, who, threat_id, _said(sent, "reason"))


async def _answer(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    point = text_of(sent, "point")
    if point not in {str(number) for number in words.QUESTIONS}:
        raise Invalid("The checklist has no such point.", field="point", remedy="Choose one of the points.")
    answer = text_of(sent, "answer")
    if answer not in words.ANSWERS:
        raise Invalid("This is none of the values.", field="answer", remedy="Choose one of them.")
    await living.answer_checklist(parts, who, threat_id, int(point), answer, _said(sent, "note"))
    return None


async def _review(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    await living.answer_review(parts, who, known_id(text_of(sent, "review")), _said(sent, "note"))
    return None


async def _link(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    return await joining.link_signal(parts, who, threat_id, text_of(sent, "signal"), _reason(sent))


async def _dismiss(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    return await joining.dismiss_signal(parts, who, threat_id, text_of(sent, "signal"), _reason(sent))


async def _unlink(parts: ThreatWatchParts, who: Principal, threat_id: str, sent: FormData) -> object:
    return await joining.unlink_signals(parts, who, threat_id, [text_of(sent, "signal")], _reason(sent))


def _reason(sent: FormData) -> str:
    reason = _said(sent, "reason")
    if not reason:
        raise Invalid("Joining by hand needs a reason.", field="reason", remedy="Write why.")
    return reason


ACTS: dict[str, tuple[Act, str]] = {
    "decision": (_decide, N_("Nivået er bestemt.")),
    "feedback": (_feedback, N_("Effekten er meldt.")),
    "verification": (_verify, N_("Tiden for å verifisere effekten er satt.")),
    "judgement": (_judge, N_("Varselet er på vei.")),
    "move": (_move, N_("Trusselen har fått ny tilstand.")),
    "closure": (_close, N_("Trusselen er lukket.")),
    "checklist": (_answer, N_("Svaret er lagret.")),
    "review": (_review, N_("Gjennomgangen er besvart.")),
    "link": (_link, N_("Signalet teller nå her.")),
    "dismiss": (_dismiss, N_("Forslaget er avvist.")),
    "unlink": (_unlink, N_("Signalet teller ikke lenger her.")),
}


async def act(request: Request, threat_id: str, who: PageUser, parts: PartsOf, name: str) -> Response:
    """Do what the form says; on a mistake the page again, with what was written still in it."""
    threat_id = known_id(threat_id)
    sent = await form(request)
    do, done = ACTS[name]
    try:
        await do(parts, who, threat_id, sent)
    except (Invalid, Conflict) as error:
        if error.field is None:
            raise
        errors = {error.field: words.ADVICE.get(error.field, error.detail)}
        given = {key: str(value) for key, value in sent.multi_items() if key != FORM_FIELD}
        return await draw(
            request, parts, who, threat_id, status_code=error.status, errors=errors, given=given, form=name
        )
    return see_other(f"/threat-watch/threats/{threat_id}", notice=done)


def _add(name: str) -> None:
    @ROUTER.post(f"/{name}", name=f"threat-{name}")
    async def posted(request: Request, threat_id: str, who: PageUser, parts: PartsOf) -> Response:
        return await act(request, threat_id, who, parts, name)


for _name in ACTS:
    _add(_name)
