"""Reports: one with its text, for those who may read it, and the list of those nobody has graded yet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from forkant_shared.identity import Principal
from forkant_shared.service import PartsOf
from forkant_shared.web import PageUser
from forkant_threat_watch.commands import reading
from forkant_threat_watch.commands.loading import ThreatWatchParts
from forkant_threat_watch.pages import triage_words
from forkant_threat_watch.pages.face import known_id, render

ROUTER = APIRouter(prefix="/threat-watch/reports", include_in_schema=False)
ON_A_PAGE = 25
_ID = re.compile(r"[0-9a-f-]{36}")


@ROUTER.get("", response_class=HTMLResponse)
async def show_list(request: Request, who: PageUser, parts: PartsOf) -> HTMLResponse:
    """Reports, newest first; `graded=no` shows those that wait for a grade."""
    ungraded = request.query_params.get("graded") == "no"
    after = request.query_params.get("after", "")
    going_on = after if _ID.fullmatch(after) else None
    found = await reading.list_reports(parts, who, ungraded=ungraded, after=going_on, limit=ON_A_PAGE)
    return render(
        request,
        parts,
        who,
        "reports.html",
        found=found,
        ungraded=ungraded,
        next=found[-1].id if len(found) == ON_A_PAGE else None,
        first=going_on is None,
    )


@ROUTER.get("/{report_id}", response_class=HTMLResponse)
async def show(request: Request, report_id: str, who: PageUser, parts: PartsOf) -> HTMLResponse:
    """One report; where it was opened from is the purpose in the audit log."""
    return await draw(request, parts, who, report_id)


async def draw(
    request: Request,
    parts: ThreatWatchParts,
    who: Principal,
    report_id: str,
    *,
    status_code: int = 200,
    wrong: str | None = None,
    given: Mapping[str, Any] | None = None,
) -> HTMLResponse:
    """The report's page; `wrong` is the field of its form that did not hold, `given` what was written."""
    purpose = f"threat:{known_id(request.query_params['threat'])}" if "threat" in request.query_params else None
    told = await reading.read_report(parts, who, known_id(report_id), purpose=purpose)
    return render(
        request,
        parts,
        who,
        "report.html",
        status_code=status_code,
        told=told,
        report=told.row,
        triage_words=triage_words,
        wrong=wrong,
        given=given or {},
    )
