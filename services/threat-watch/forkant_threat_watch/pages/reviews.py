"""Everything a person has been asked to look at and has not, the most urgent first."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from forkant_shared.service import PartsOf
from forkant_shared.web import PageUser
from forkant_threat_watch.commands.loading import going
from forkant_threat_watch.commands.overviewing import list_due
from forkant_threat_watch.pages.face import known_id, named, render

ROUTER = APIRouter(prefix="/threat-watch/reviews", include_in_schema=False)
ON_A_PAGE = 50


@ROUTER.get("", response_class=HTMLResponse)
async def show(request: Request, who: PageUser, parts: PartsOf) -> HTMLResponse:
    """Reviews and tasks that nobody has answered; `after` goes on."""
    after = _after(request.query_params.get("after"))
    found = await list_due(parts, who, after=after, limit=ON_A_PAGE)
    here = "/threat-watch/reviews"
    last = found.waiting[-1] if found.more else None
    return render(
        request,
        parts,
        who,
        "reviews.html",
        found=found,
        named=lambda parties: named(parties, found.labels),
        guides={rule.id: rule.guide for rule in going(parts).policy.rules},
        next=f"{here}?after={last.due_at.timestamp()}~{last.review_id}" if last else None,
        first=here if after else None,
    )


def _after(text: str | None) -> tuple[datetime, str] | None:
    moment, _, review_id = (text or "").partition("~")
    try:
        return (datetime.fromtimestamp(float(moment)).astimezone(), known_id(review_id)) if review_id else None
    except (ValueError, OverflowError, OSError):
        return None
