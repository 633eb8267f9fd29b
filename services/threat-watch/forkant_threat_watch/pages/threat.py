"""A threat's own page: where it stands, why, what has happened, and what a person can do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from forkant_shared.access import policy
from forkant_shared.identity import Principal
from forkant_shared.service import PartsOf
from forkant_shared.web import PageUser
from forkant_threat_watch.commands import following, reading
from forkant_threat_watch.commands.loading import ThreatWatchParts, going
from forkant_threat_watch.commands.overviewing import name_reports
from forkant_threat_watch.commands.policy_in_force import policy_that_said
from forkant_threat_watch.commands.reading import READ_REPORT, Seen
from forkant_threat_watch.domain.explanation import missing
from forkant_threat_watch.domain.fading import fading_of
from forkant_threat_watch.domain.index import index_of
from forkant_threat_watch.domain.moves import MOVES
from forkant_threat_watch.domain.policy import Policy
from forkant_threat_watch.domain.signals import Signal
from forkant_threat_watch.domain.words import Level
from forkant_threat_watch.pages import followup_words, why, words
from forkant_threat_watch.pages.face import known_id, named, render

ROUTER = APIRouter(prefix="/threat-watch/threats", include_in_schema=False)
EVENTS_SHOWN = 60


@ROUTER.get("/{threat_id}", response_class=HTMLResponse)
async def show(request: Request, threat_id: str, who: PageUser, parts: PartsOf) -> HTMLResponse:
    """The page; `sources=hidden` draws it without pointing to any source, for a screen that others can see, and
    `as_of` as it stood at that moment, in the unit's own time."""
    return await draw(request, parts, who, known_id(threat_id))


@ROUTER.get("/{threat_id}/print", response_class=HTMLResponse)
async def show_print(request: Request, threat_id: str, who: PageUser, parts: PartsOf) -> HTMLResponse:
    """The threat on one sheet of paper, whole or without sources, now or `as_of` a moment."""
    return await draw(request, parts, who, known_id(threat_id), template="threat_print.html")


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
    template: str = "threat.html",
) -> HTMLResponse:
    """The threat's page, with what was wrong in one of its forms, if anything was."""
    then = _then(request, parts)
    seen = await reading.read_threat(parts, who, threat_id, as_of=then, purpose=f"threat:{threat_id}")
    timeline = await reading.list_timeline(parts, who, threat_id, after=None, limit=EVENTS_SHOWN, until=then)
    indices = await reading.list_indices(parts, who, threat_id, limit=EVENTS_SHOWN, until=then)
    pages = await reading.list_escalations(parts, who, threat_id)
    may_know_sources = policy.allows(who, READ_REPORT)
    hidden = not may_know_sources or request.query_params.get("sources") == "hidden"
    told = seen.assessment.explanation["sanitised" if hidden else "full"]
    card = await following.read_card(parts, who, seen)
    now = parts.clock.now()
    gone_by = going(parts).policy if then is None else await policy_that_said(parts, seen.assessment.policy_version)
    clearance = seen.threat.clearance
    everything = request.query_params.get("all") == "1"
    shown = why.factors(told, everything=everything)
    sources = [*why.sources(shown), *(one.report for one in (*seen.threat.signals, *seen.threat.suggested))]
    return render(
        request,
        parts,
        who,
        template,
        status_code=status_code,
        then=then,
        seen=seen,
        told=told,
        hidden=hidden,
        reports=await name_reports(parts, who, sources),
        may_know_sources=may_know_sources,
        aggressors=named(seen.threat.aggressors, seen.labels),
        targets=named(seen.threat.targets, seen.labels),
        level=Level(seen.assessment.level).name,
        fading=fading_of(_heard(seen, then), gone_by.index, (then or now).timestamp()),
        levels=[level.name for level in Level],
        lower=[level.name for level in Level if level < seen.threat.level],
        start=index_of(told["prior"]),
        factors=shown,
        without=why.without(told, everything=everything),
        steps=_steps(told),
        widest=max((abs(factor["share"]) for factor in told["factors"]), default=1.0),
        events=[_event(row, hidden=hidden) for row in timeline],
        points=indices,
        pages=pages,
        states=sorted(state.value for state in MOVES.get(seen.threat.state, frozenset())),
        at=now,
        moment=then or now,
        shown_by=who.name,
        from_seconds=lambda seconds: datetime.fromtimestamp(seconds, UTC),
        card=card,
        clearance=clearance if clearance is not None and clearance.valid_until > now else None,
        kinds=following.measure_rules().kinds,
        missing=missing(seen.threat, now.timestamp(), gone_by.index),
        ask_by=now + following.request_rules().suggested,
        me=who.subject,
        fw=followup_words,
        errors=errors or {},
        given=given or {},
        form=form,
        proposed=_proposed(seen),
        **_by_policy(gone_by, now),
    )


def _by_policy(gone_by: Policy, now: datetime) -> dict[str, Any]:
    """What the policy says that the page shows by."""
    return {
        "borders": _borders(gone_by.levels),
        "bands": _bands(gone_by.levels),
        "guides": {rule.id: rule.guide for rule in gone_by.rules},
        "expires": now + gone_by.decisions.suggested,
        "verify_at": now + gone_by.feedback.verify_within,
        "longest_days": gone_by.decisions.longest.days,
    }


def _then(request: Request, parts: ThreatWatchParts) -> datetime | None:
    """The moment a reader wants to go back to, if it is one that has been."""
    try:
        local = datetime.fromisoformat(request.query_params.get("as_of", ""))
    except ValueError:
        return None
    then = local if local.tzinfo else local.replace(tzinfo=going(parts).policy.timezone)
    return then if then < parts.clock.now() else None


def _heard(seen: Seen, then: datetime | None) -> list[Signal]:
    """The signals that counted: all that do, or those that the assessment of that moment names."""
    if then is None:
        return list(seen.threat.signals)
    named = {s["signal"] for factor in seen.assessment.explanation["full"]["factors"] for s in factor["signals"]}
    return [signal for signal in seen.threat.signals if signal.id in named]


def _borders(levels: Any) -> list[tuple[str, float]]:
    return [("MODERATE", levels.moderate), ("HIGH", levels.high), ("CRITICAL", levels.critical)]


def _bands(levels: Any) -> list[tuple[str, float, float]]:
    marks = [0.0, levels.moderate, levels.high, levels.critical, 1.0]
    return [(level.name, marks[level], marks[level + 1]) for level in Level]


def _steps(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One step of the waterfall for each factor, what pushes up first."""
    ordered = sorted(told["factors"], key=lambda factor: -factor["share"])
    return [{"factor": factor["factor"], "share": factor["share"]} for factor in ordered]


def _proposed(seen: Seen) -> str | None:
    """The level that a lowering was proposed to, where one was and the automatic level is still below."""
    asked = any(review.cause == "lowering-proposed" for review in seen.threat.reviews)
    return seen.threat.automatic.name if asked and seen.threat.automatic < seen.threat.level else None


def _event(row: Any, *, hidden: bool) -> dict[str, Any]:
    """A line of the timeline: the codes as msgids for the template to put into words."""
    codes: Mapping[str, Any] = row.codes
    details: Sequence[str] = [
        text
        for text in (
            words.CAUSES.get(codes.get("cause", "")),
            words.OUTCOMES.get(codes.get("outcome", "")),
            words.STATES.get(codes.get("state", "")),
            words.ANSWERS.get(codes.get("answer", "")),
            *(words.RULES.get(rule) for rule in codes.get("rules", ())),
        )
        if text
    ]
    return {
        "at": row.at,
        "what": row.what,
        "kind": words.EVENT_KINDS.get(row.what, "signal"),
        "details": details,
        "level": codes.get("level"),
        "lane": codes.get("lane"),
        "index": codes.get("index"),
        "point": codes.get("point"),
        "by": None if str(row.by).startswith("rule:") else row.by,
        "note": None if hidden else row.note,
    }
