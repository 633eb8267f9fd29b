"""The front page: what needs somebody now, and the threats that stand."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser, form, see_other
from forkant_threat_watch.commands.living import answer_review
from forkant_threat_watch.commands.loading import going
from forkant_threat_watch.commands.overviewing import look_over
from forkant_threat_watch.commands.triaging import count_waiting
from forkant_threat_watch.domain.words import Level, State
from forkant_threat_watch.pages.face import known_id, named, render

ROUTER = APIRouter(include_in_schema=False)
ON_A_PAGE = 25
OPEN = tuple(state for state in State if state not in (State.CLOSED, State.MERGED))
_AFTER = re.compile(r"[0-3]\.[0-9a-f-]{36}")


@ROUTER.get("/threat-watch/", response_class=RedirectResponse)
async def front() -> RedirectResponse:
    """The service's own door leads to its list."""
    return RedirectResponse("/threat-watch/threats", status_code=303)


@ROUTER.get("/threat-watch/threats", response_class=HTMLResponse)
async def show(request: Request, who: PageUser, parts: PartsOf) -> HTMLResponse:
    """The list; `level` and `state` narrow it, `after` goes on."""
    asked = request.query_params
    levels = [Level[name] for name in asked.getlist("level") if name in Level.__members__]
    closed = asked.get("state") == "closed"
    after = asked.get("after", "")
    states: Sequence[State] = (State.CLOSED, State.MERGED) if closed else OPEN
    going_on = after if _AFTER.fullmatch(after) else None
    found = await look_over(parts, who, states=states, levels=levels, after=going_on, limit=ON_A_PAGE)
    return render(
        request,
        parts,
        who,
        "threats.html",
        found=found,
        texts=await count_waiting(parts, who),
        named=lambda parties: named(parties, found.labels),
        levels=[level.name for level in levels],
        closed=closed,
        first=going_on is None,
        guides={rule.id: rule.guide for rule in going(parts).policy.rules},
    )


@ROUTER.post("/threat-watch/tasks/{review_id}")
async def task_done(request: Request, review_id: str, who: PageUser, parts: PartsOf) -> Response:
    """A person has done what a rule asked for that is about no one threat."""
    await form(request)
    await answer_review(parts, who, known_id(review_id), "")
    return see_other("/threat-watch/threats", notice=N_("Oppgaven er gjort."))
