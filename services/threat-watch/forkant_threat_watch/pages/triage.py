"""Texts that wait for a person: the queue, and one text with the words that told and what they propose."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from forkant_shared.errors import Conflict, Invalid, Stale
from forkant_shared.identity import Principal
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser, form, see_other
from forkant_threat_watch.commands import triaging
from forkant_threat_watch.commands.loading import ThreatWatchParts
from forkant_threat_watch.commands.text_intake import book_of
from forkant_threat_watch.domain.triage.queue import Standing
from forkant_threat_watch.domain.words import Factor
from forkant_threat_watch.pages import triage_words
from forkant_threat_watch.pages.face import known_id, render, text_of
from forkant_threat_watch.pages.triage_form import Row, rows_in, rows_of, wishes_in

ROUTER = APIRouter(prefix="/threat-watch/triage", include_in_schema=False)
ON_A_PAGE = 25
DECIDED = N_("Noen andre har avgjort denne teksten mens du leste. Se under hva som ble bestemt.")


@ROUTER.get("", response_class=HTMLResponse)
async def show_queue(request: Request, who: PageUser, parts: PartsOf) -> HTMLResponse:
    """The queue; `standing` shows those of another standing, `after` goes on."""
    asked = request.query_params.get("standing", "")
    standing = Standing(asked) if asked in Standing.__members__ else Standing.WAITING
    after = request.query_params.get("after", "")
    going_on = after if triaging.is_place(after) else None
    found = await triaging.list_texts(parts, who, standing, after=going_on, limit=ON_A_PAGE)
    return render(
        request,
        parts,
        who,
        "triage.html",
        found=found.items,
        standing=standing.value,
        triage_words=triage_words,
        next=found.next,
        first=going_on is None,
    )


@ROUTER.get("/{report_id}", response_class=HTMLResponse)
async def show(request: Request, report_id: str, who: PageUser, parts: PartsOf) -> HTMLResponse:
    """One text."""
    return await draw(request, parts, who, known_id(report_id))


async def draw(
    request: Request,
    parts: ThreatWatchParts,
    who: Principal,
    report_id: str,
    *,
    status_code: int = 200,
    sent: FormData | None = None,
    errors: Mapping[str, str] | None = None,
    notice: str | None = None,
) -> HTMLResponse:
    """The text's page, with what was wrong in its form, and what was written still in it."""
    queued = await triaging.read_entry(parts, who, report_id)
    rows: Sequence[Row] = rows_of(queued.entry) if sent is None else rows_in(sent, queued.entry)
    return render(
        request,
        parts,
        who,
        "triage_text.html",
        status_code=status_code,
        queued=queued,
        entry=queued.entry,
        report=queued.report,
        paragraphs=[list(_marked(line, queued.entry.triggers)) for line in (queued.report.text or "").splitlines()],
        rows=rows,
        factors=[factor.value for factor in Factor],
        triage_words=triage_words,
        guide=book_of(parts).paging.guide,
        reason="" if sent is None else text_of(sent, "reason"),
        errors=errors or {},
        decided_notice=notice,
    )


def _marked(text: str, triggers: Iterable[str]) -> Iterable[tuple[str, bool]]:
    """The text in pieces, each with whether it is one of the words that told."""
    told: set[int] = set()
    for trigger in triggers:
        words = [re.escape(word) for word in trigger.split()]
        if words:
            for match in re.finditer(r"\b" + r"\W{1,3}".join(words) + r"\b", text):
                told.update(range(match.start(), match.end()))
    start = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or (place in told) != (start in told):
            yield text[start:place], start in told
            start = place


@ROUTER.post("/{report_id}/confirmation")
async def confirm(request: Request, report_id: str, who: PageUser, parts: PartsOf) -> Response:
    """The form: these signals count from now on."""
    report_id, sent = known_id(report_id), await form(request)
    try:
        seen = await triaging.read_entry(parts, who, report_id)
        wishes = wishes_in(sent, seen.entry)
        await triaging.confirm(
            parts,
            who,
            report_id,
            wishes,
            [triaging.shown(wish) for wish in wishes],
            text_of(sent, "reason"),
            version=_version(sent),
        )
    except (Invalid, Conflict) as error:
        return await _again(request, parts, who, report_id, sent, error)
    return see_other(f"/threat-watch/triage/{report_id}", notice=N_("Signalene teller nå."))


@ROUTER.post("/{report_id}/dismissal")
async def dismiss(request: Request, report_id: str, who: PageUser, parts: PartsOf) -> Response:
    """The form: the text is nothing, and why."""
    report_id, sent = known_id(report_id), await form(request)
    try:
        await triaging.dismiss(parts, who, report_id, text_of(sent, "reason"), version=_version(sent))
    except (Invalid, Conflict) as error:
        return await _again(request, parts, who, report_id, None, error)
    return see_other("/threat-watch/triage", notice=N_("Teksten er avvist."))


def _version(sent: FormData) -> int | None:
    text = text_of(sent, "version")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


async def _again(
    request: Request,
    parts: ThreatWatchParts,
    who: Principal,
    report_id: str,
    sent: FormData | None,
    error: Invalid | Conflict,
) -> Response:
    """The page once more: with what was wrong beside its field, or with what somebody else has decided."""
    if isinstance(error, Stale) or error.field is None:
        return await draw(request, parts, who, report_id, status_code=error.status, notice=DECIDED)
    kind = error.field.split(".")[0].split("-")[0]
    advice = triage_words.ADVICE.get("name" if kind in ("aggressor", "target") else kind, error.detail)
    return await draw(request, parts, who, report_id, status_code=error.status, sent=sent, errors={error.field: advice})
