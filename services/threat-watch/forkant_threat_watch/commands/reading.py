"""What people and systems may read, each look at something graded in the audit log."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from forkant_shared import audit
from forkant_shared.access import policy
from forkant_shared.database import Session
from forkant_shared.errors import NotFound
from forkant_shared.identity import Principal
from forkant_threat_watch.commands.loading import ThreatWatchParts
from forkant_threat_watch.domain.threat import Threat
from forkant_threat_watch.domain.triage.queue import Standing
from forkant_threat_watch.domain.words import Level, State
from forkant_threat_watch.store import lifetimes, links, officers, report_clock, reports, threats, triage
from forkant_threat_watch.store.threats import Listed

READ_THREAT, READ_REPORT = "threat-watch.threat.read", "threat-watch.report.read"


@dataclass(frozen=True, slots=True)
class Seen:
    """A threat as a reader sees it: its line, its standing, its newest assessment, and its checklist.

    `explanation` names sources and reports only to those who may read reports.
    """

    line: Listed
    threat: Threat
    assessment: Any
    answers: dict[int, Any]
    labels: dict[str, str]
    explanation: dict[str, Any]


async def read_threat(
    parts: ThreatWatchParts,
    who: Principal,
    threat_id: str,
    *,
    as_of: datetime | None = None,
    purpose: str | None = None,
) -> Seen:
    """One threat as it stands, with the assessment that held at `as_of`. Raises NotFound."""
    policy.require(who, READ_THREAT)
    async with parts.database.write() as session:
        line = await _line(session, who, threat_id)
        (threat,) = await threats.load(session, [threat_id], lock=False)
        assessment = await lifetimes.last_assessment(session, threat_id, as_of)
        if assessment is None:
            raise NotFound("There was no such threat at that time.", field="as_of")
        answers = await lifetimes.answers(session, threat_id)
        actors = [
            party.ref for party in (*threat.aggressors, *threat.targets) if party.kind.value in ("PERSON", "GROUP")
        ]
        labels = await links.labels(session, actors)
        await officers.remember(session, who)
        why = purpose or f"threat:{threat_id}"
        await audit.record(session, who, READ_THREAT, [threat_id], kind="CONSULTATION", purpose=why)
    rendering = "full" if policy.allows(who, READ_REPORT) else "sanitised"
    return Seen(line, threat, assessment, answers, labels, assessment.explanation[rendering])


async def _line(session: Session, who: Principal, threat_id: str) -> Listed:
    found = await threats.find(session, threat_id, policy.visible(who, READ_THREAT, threats.COLUMNS))
    if found is None:
        raise NotFound("There is no such threat.")
    return found


async def list_threats(
    parts: ThreatWatchParts,
    who: Principal,
    *,
    states: Collection[State] = (),
    levels: Collection[Level] = (),
    after: str | None = None,
    limit: int = 50,
) -> tuple[list[Listed], str | None]:
    """Threats, the highest level first, and where to go on from. `after` is what was given before."""
    policy.require(who, READ_THREAT)
    async with parts.database.read() as session:
        visible = policy.visible(who, READ_THREAT, threats.COLUMNS)
        place: tuple[int, str] | None = None
        if after is not None:
            level, _, threat_id = after.partition(".")
            place = (int(level), threat_id)
        found = await threats.listed(session, visible, states=states, levels=levels, after=place, limit=limit)
    last = found[-1] if len(found) == limit else None
    return found, f"{last.level.value}.{last.id}" if last else None


async def list_assessments(
    parts: ThreatWatchParts,
    who: Principal,
    threat_id: str,
    *,
    after: str | None,
    limit: int,
    until: datetime | None = None,
) -> Sequence[Any]:
    """How a threat was weighed over time, until then, newest first."""
    policy.require(who, READ_THREAT)
    async with parts.database.read() as session:
        await _line(session, who, threat_id)
        return await lifetimes.assessments(session, threat_id, after=after, limit=limit, until=until)


async def list_indices(
    parts: ThreatWatchParts, who: Principal, threat_id: str, *, limit: int, until: datetime | None = None
) -> Sequence[tuple[datetime, float]]:
    """When a threat was weighed until then, newest first, and the index each time; no reasons, which are long."""
    policy.require(who, READ_THREAT)
    async with parts.database.read() as session:
        await _line(session, who, threat_id)
        return await lifetimes.indices(session, threat_id, limit=limit, until=until)


async def list_timeline(
    parts: ThreatWatchParts,
    who: Principal,
    threat_id: str,
    *,
    after: int | None,
    limit: int,
    until: datetime | None = None,
) -> Sequence[Any]:
    """What happened to a threat until then, newest first."""
    policy.require(who, READ_THREAT)
    async with parts.database.read() as session:
        await _line(session, who, threat_id)
        return await lifetimes.timeline(session, threat_id, after=after, limit=limit, until=until)


async def list_escalations(parts: ThreatWatchParts, who: Principal, threat_id: str) -> Sequence[Any]:
    """What a threat has rung for, newest first; the last hundred."""
    policy.require(who, READ_THREAT)
    async with parts.database.read() as session:
        await _line(session, who, threat_id)
        return await lifetimes.escalations(session, threat_id)


@dataclass(frozen=True, slots=True)
class Told:
    """A report, the threats its signals are in, and where its text stands in the triage queue, if it is there."""

    row: Any
    threats: list[tuple[str, str]]
    triage: Standing | None


async def read_report(parts: ThreatWatchParts, who: Principal, report_id: str, *, purpose: str | None = None) -> Told:
    """One report. Raises NotFound."""
    policy.require(who, READ_REPORT)
    async with parts.database.write() as session:
        row = await reports.find(session, report_id, policy.visible(who, READ_REPORT, reports.COLUMNS))
        if row is None:
            gone = await report_clock.receipt(session, report_id)
            raise NotFound("The report was destroyed." if gone else "There is no such report.")
        joined = await reports.threats_of(session, report_id)
        standing = await triage.standing(session, report_id)
        await audit.record(session, who, READ_REPORT, [report_id], kind="CONSULTATION", purpose=purpose)
    return Told(row, joined, standing)


async def list_reports(
    parts: ThreatWatchParts, who: Principal, *, ungraded: bool, after: str | None, limit: int
) -> list[Any]:
    """Reports, newest first: codes and references, the text only one by one."""
    policy.require(who, READ_REPORT)
    async with parts.database.read() as session:
        visible = policy.visible(who, READ_REPORT, reports.COLUMNS)
        return await reports.listed(session, visible, ungraded=ungraded, after=after, limit=limit)


async def list_reviews(
    parts: ThreatWatchParts, who: Principal, *, threat_id: str | None, after: tuple[datetime, str] | None, limit: int
) -> Sequence[Any]:
    """The reviews nobody has answered, the most urgent first, of threats that may be known of."""
    policy.require(who, "threat-watch.review.read")
    async with parts.database.read() as session:
        visible = policy.visible(who, READ_THREAT, threats.COLUMNS)
        return await lifetimes.open_reviews(session, visible, threat_id=threat_id, after=after, limit=limit)
