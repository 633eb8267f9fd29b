"""The policy workbench, one page: what is in force, a draft and all that is known of it, and what may be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, PlainTextResponse

from forkant_shared.errors import Invalid
from forkant_shared.identity import Principal
from forkant_shared.service import PartsOf
from forkant_shared.web import PageUser
from forkant_threat_watch.commands import workbench
from forkant_threat_watch.commands.loading import ThreatWatchParts
from forkant_threat_watch.domain.documents import Misread
from forkant_threat_watch.domain.words import Lane, Level
from forkant_threat_watch.pages import workbench_words as ww
from forkant_threat_watch.pages.face import known_id, render
from forkant_threat_watch.store.policy_comparisons import Comparison

ROUTER = APIRouter(prefix="/threat-watch/policy", include_in_schema=False)
CHART_HEIGHT = 100.0
CHART_WIDTH = 1000.0


@ROUTER.get("", response_class=HTMLResponse)
async def show(request: Request, who: PageUser, parts: PartsOf) -> HTMLResponse:
    """The workbench; `draft` opens one, else the newest is open. `version` is proposed for adoption."""
    asked = request.query_params.get("draft")
    return await draw(request, parts, who, None if asked is None else known_id(asked))


async def draw(
    request: Request,
    parts: ThreatWatchParts,
    who: Principal,
    draft_id: str | None,
    *,
    status_code: int = 200,
    error: Invalid | None = None,
    errors: Mapping[str, str] | None = None,
    given: Mapping[str, str] | None = None,
    form: str = "",
) -> HTMLResponse:
    """The page, with what was wrong in one of its forms, if anything was."""
    found = await workbench.read_workbench(parts, who, draft_id)
    if draft_id is None and found.drafts:
        found = await workbench.read_workbench(parts, who, found.drafts[0].id)
    opened = found.opened
    return render(
        request,
        parts,
        who,
        "workbench.html",
        status_code=status_code,
        found=found,
        opened=opened,
        rows=[] if opened is None else by_rule(opened.draft.examples),
        wrong_text=None if error is None else told(error),
        errors=errors or {},
        given=given or {},
        form=form,
        proposed=request.query_params.get("version"),
        me=who.subject,
        ww=ww,
        **drawing(),
    )


@ROUTER.get("/comparisons/{comparison_id}", response_class=HTMLResponse)
async def comparison(request: Request, comparison_id: str, who: PageUser, parts: PartsOf) -> HTMLResponse:
    """One comparison alone: fetched again while it runs."""
    found = await workbench.read_comparison(parts, who, known_id(comparison_id))
    return render(request, parts, who, "workbench_comparison_page.html", one=found, ww=ww, **drawing())


@ROUTER.get("/versions/{version}/file", response_class=PlainTextResponse)
async def file(version: str, who: PageUser, parts: PartsOf) -> PlainTextResponse:
    """A policy as a file with its signature line."""
    found = await workbench.read_version(parts, who, version)
    named = {"content-disposition": f'attachment; filename="{found.version}.yaml"'}
    return PlainTextResponse(found.file(), media_type="application/yaml; charset=utf-8", headers=named)


def drawing() -> dict[str, Any]:
    """What a comparison is drawn with."""
    return {
        "levels": [level.name for level in reversed(Level)],
        "lanes": [lane.name for lane in reversed(Lane)],
        "bars": bars,
        "share": share,
    }


def told(error: Invalid) -> dict[str, Any]:
    """What is wrong in a text: the line, the place, and the sentences with what is filled into them."""
    line, path, complaint = None, "", error.detail
    if isinstance(error, Misread):
        line, path, complaint = error.line, error.path, error.complaint
    return {
        "line": line,
        "path": path,
        "complaint": ww.put(complaint, ww.COMPLAINTS),
        "remedy": ww.put(error.remedy or "", ww.REMEDIES),
    }


def by_rule(examples: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The examples of each rule: how many of each kind hold, and those that do not."""
    found: dict[str, dict[str, Any]] = {}
    for example in examples:
        row = found.setdefault(example["rule"], {"rule": example["rule"], "kinds": {}, "failing": []})
        held, all_ = row["kinds"].get(example["kind"], (0, 0))
        row["kinds"][example["kind"]] = (held + bool(example["holds"]), all_ + 1)
        if not example["holds"]:
            row["failing"].append(example)
    return list(found.values())


def share(one: Comparison) -> float:
    """How much of a comparison is done, in percent."""
    return round(100 * one.done / one.total, 1) if one.total else 0.0


def bars(weeks: Sequence[Mapping[str, Any]]) -> list[dict[str, float]]:
    """Two bars for each week, pages before and after, as plain numbers for a drawing of 1000 by 100."""
    sums = [(sum(week["before"].values()), sum(week["after"].values())) for week in weeks]
    most = max((max(pair) for pair in sums), default=0) or 1
    width = CHART_WIDTH / max(1, len(weeks))
    drawn = []
    for place, (before, after) in enumerate(sums):
        high, tall = (round(CHART_HEIGHT * count / most, 1) for count in (before, after))
        drawn.append(
            {
                "x": round(place * width + width * 0.1, 1),
                "next": round(place * width + width * 0.5, 1),
                "width": round(width * 0.36, 1),
                "before": high,
                "after": tall,
                "before_y": round(CHART_HEIGHT - high, 1),
                "after_y": round(CHART_HEIGHT - tall, 1),
            }
        )
    return drawn
