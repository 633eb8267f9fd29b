"""What people see of how a threat is followed up: its disclosure plan, its measures, its questions. Each look is in the
audit log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from forkant_shared import audit
from forkant_shared.access import policy
from forkant_shared.database import Session
from forkant_shared.errors import NotFound, Unavailable
from forkant_shared.identity import Principal
from forkant_threat_watch.clients import Pressure, RegistryClient
from forkant_threat_watch.commands.exposing import ACTIONS, reports_of
from forkant_threat_watch.commands.loading import ThreatWatchParts
from forkant_threat_watch.commands.reading import READ_REPORT, READ_THREAT, Seen
from forkant_threat_watch.domain.deadlines import NextDeadline, next_deadline
from forkant_threat_watch.domain.disclosure import Gate, Plan, Signature, gate
from forkant_threat_watch.domain.exposure import Answer, Keeper, Overlap, keeper_of
from forkant_threat_watch.domain.followup import MeasureRules, RequestRules
from forkant_threat_watch.domain.measures import Measure
from forkant_threat_watch.domain.requests import Request
from forkant_threat_watch.domain.threat import Threat
from forkant_threat_watch.domain.words import Channel, Level, PartyKind
from forkant_threat_watch.store import (
    disclosures,
    exposures,
    followup,
    links,
    measures,
    officers,
    reports,
    requests,
    threats,
)
from forkant_threat_watch.store.officers import Officer
from forkant_threat_watch.store.people import Knows, who_know
from forkant_threat_watch.store.threats import Listed

READ_DISCLOSURE = "threat-watch.disclosure.read"
READ_MEASURE, READ_REQUEST = "threat-watch.measure.read", "threat-watch.request.read"
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Exposed:
    """One report of the threat as this reader may know of it. `text` is there for the keeper who has to answer for it
    and has no other way to read it."""

    row: Any
    keeper: Keeper
    answer: Answer | None
    may_answer: bool
    may_open: bool
    text: str | None


@dataclass(frozen=True, slots=True)
class Disclosure:
    """The plan and what stands in its way. `hidden` counts the answers (None: not answered) of the reports that this
    reader may not know of; `arrived` the reports in the threat that nobody has answered for."""

    line: Listed
    threat: Threat
    labels: dict[str, str]
    plan: Plan
    gate: Gate
    reports: Sequence[Exposed]
    hidden: Mapping[str | None, int]
    overlaps: Mapping[frozenset[str], Overlap]
    signatures: Sequence[Signature]
    clearances: Sequence[tuple[Any, Sequence[Signature]]]
    source_keeper: Keeper
    unanswered: int


async def read_disclosure(parts: ThreatWatchParts, who: Principal, threat_id: str) -> Disclosure:
    """The disclosure plan of a threat. Raises Forbidden, NotFound."""
    policy.require(who, READ_DISCLOSURE)
    rules = followup.current().exposure
    async with parts.database.write() as session:
        line, threat = await _threat(session, who, threat_id)
        plan = await disclosures.load(session, threat_id)
        ids = list(dict.fromkeys((*reports_of(threat), *plan.reports)))
        answers = await exposures.answers(session, ids)
        overlaps = await exposures.overlaps(session, ids)
        texts = await disclosures.texts(session, ids)
        shown = await _exposed(session, who, ids, answers)
        channels = await disclosures.channels(session, plan.reports)
        told = [*(one.row.id for one in shown if one.text is not None)]
        await audit.record(
            session, who, READ_DISCLOSURE, [threat_id, *told], kind="CONSULTATION", purpose=f"threat:{threat_id}"
        )
        keepers = {keeper_of(Channel(channel), rules) for channel in channels}
        return Disclosure(
            line=line,
            threat=threat,
            labels=await _labels(session, threat),
            plan=plan,
            gate=gate(plan, answers, overlaps, texts.values(), rules),
            reports=shown,
            hidden=_counted(set(ids) - {one.row.id for one in shown}, answers),
            overlaps=overlaps,
            signatures=plan.standing(rules, parts.clock.now()),
            clearances=await disclosures.clearances(session, threat_id),
            source_keeper=Keeper.HANDLER if Keeper.HANDLER in keepers else Keeper.CONTACT,
            unanswered=sum(report not in answers for report in ids),
        )


async def _threat(session: Session, who: Principal, threat_id: str) -> tuple[Listed, Threat]:
    line = await threats.find(session, threat_id, policy.visible(who, READ_THREAT, threats.COLUMNS))
    if line is None:
        raise NotFound("There is no such threat.")
    await officers.remember(session, who)
    (threat,) = await threats.load(session, [threat_id], lock=False)
    return line, threat


async def _labels(session: Session, threat: Threat) -> dict[str, str]:
    parties = (*threat.aggressors, *threat.targets)
    actors = [party.ref for party in parties if party.kind in (PartyKind.PERSON, PartyKind.GROUP)]
    return await links.labels(session, actors)


async def _exposed(
    session: Session, who: Principal, ids: Sequence[str], answers: Mapping[str, Answer]
) -> list[Exposed]:
    """The reports this reader may know of: all they may read, and those whose origin they keep."""
    rules = followup.current().exposure
    may_open = policy.allows(who, READ_REPORT)
    action = READ_REPORT if may_open else ACTIONS[Keeper.CONTACT]
    rows = await reports.told(session, ids, policy.visible(who, action, reports.COLUMNS))
    found = []
    for report_id in ids:
        row = rows.get(report_id)
        if row is None:
            continue
        keeper = keeper_of(Channel(row.channel), rules)
        may_answer = policy.allows(who, ACTIONS[keeper])
        if may_open or may_answer:
            text = row.text if may_answer and not may_open else None
            found.append(Exposed(row, keeper, answers.get(report_id), may_answer, may_open, text))
    return sorted(found, key=lambda one: one.row.reference)


def _counted(hidden: set[str], answers: Mapping[str, Answer]) -> dict[str | None, int]:
    counts: dict[str | None, int] = {}
    for report_id in hidden:
        answer = answers.get(report_id)
        code = None if answer is None else answer.exposure.value
        counts[code] = counts.get(code, 0) + 1
    return counts


@dataclass(frozen=True, slots=True)
class Followed:
    """The measures and the questions of a threat, as far as this reader may see them, and whom they can be given to."""

    line: Listed
    threat: Threat
    labels: dict[str, str]
    measures: Sequence[Measure]
    requests: Sequence[Request]
    references: dict[str, str]
    officers: Sequence[Officer]
    outside: int


async def read_measures(parts: ThreatWatchParts, who: Principal, threat_id: str) -> Followed:
    """The measures of a threat. Raises Forbidden, NotFound."""
    policy.require(who, READ_MEASURE)
    return await _followed(parts, who, threat_id, READ_MEASURE)


async def read_requests(parts: ThreatWatchParts, who: Principal, threat_id: str) -> Followed:
    """The questions of a threat. Raises Forbidden, NotFound."""
    policy.require(who, READ_REQUEST)
    return await _followed(parts, who, threat_id, READ_REQUEST)


async def _followed(parts: ThreatWatchParts, who: Principal, threat_id: str, action: str) -> Followed:
    async with parts.database.write() as session:
        line, threat = await _threat(session, who, threat_id)
        await audit.record(session, who, action, [threat_id], kind="CONSULTATION", purpose=f"threat:{threat_id}")
        return await _gathered(session, who, line, threat)


async def _gathered(session: Session, who: Principal, line: Listed, threat: Threat) -> Followed:
    made = await measures.of_threat(session, line.id) if policy.allows(who, READ_MEASURE) else []
    asked = await requests.of_threat(session, line.id) if policy.allows(who, READ_REQUEST) else []
    answering = [one.ending.report for one in asked if one.ending is not None and one.ending.report is not None]
    named = await reports.told(session, answering, policy.visible(who, READ_REPORT, reports.COLUMNS))
    return Followed(
        line=line,
        threat=threat,
        labels=await _labels(session, threat),
        measures=made,
        requests=asked,
        references={report_id: row.reference for report_id, row in named.items()},
        officers=await officers.known(session),
        outside=sum(one.outside for one in made),
    )


def measure_rules() -> MeasureRules:
    """The table of proportion in use."""
    return followup.current().measures


def request_rules() -> RequestRules:
    """How long those who are asked have."""
    return followup.current().requests


async def control_pressure(parts: ThreatWatchParts, threat: Threat) -> dict[str, Pressure] | None:
    """How often those the threat comes from have been controlled of late; None where the registry tells nothing."""
    actors = [party.ref for party in threat.aggressors if party.kind in (PartyKind.PERSON, PartyKind.GROUP)]
    if not actors:
        return {}
    client: RegistryClient = parts.state["registry"]
    try:
        return await client.control_pressure(actors, measure_rules().pressure_days)
    except Unavailable:
        return None


@dataclass(frozen=True, slots=True)
class Card:
    """What a threat's own page shows of how it is followed up; a part this reader may not see is None, and counts in
    no `deadline`. `knows` are those who have acted on it."""

    plan: Plan | None
    followed: Followed
    deadline: NextDeadline | None
    knows: Sequence[Knows]


async def read_card(parts: ThreatWatchParts, who: Principal, seen: Seen) -> Card:
    """What stands beside a threat that has been read; its own look is in the audit log already."""
    async with parts.database.read() as session:
        plan = await disclosures.load(session, seen.line.id) if policy.allows(who, READ_DISCLOSURE) else None
        followed = await _gathered(session, who, seen.line, seen.threat)
        deadline = next_deadline(seen.threat, followed.measures, followed.requests)
        return Card(plan, followed, deadline, await who_know(session, seen.line.id))


@dataclass(frozen=True, slots=True)
class Running:
    """Every measure that nobody has ended, and how many of late were made outside the table of proportion."""

    measures: Sequence[tuple[Measure, str, Level]]
    officers: Sequence[Officer]
    outside: int
    made: int
    since: datetime


async def list_measures(parts: ThreatWatchParts, who: Principal) -> Running:
    """The measures that have not ended, of threats this reader may know of, the first to run out first."""
    policy.require(who, READ_MEASURE)
    since = parts.clock.now() - timedelta(days=followup.current().measures.pressure_days)
    async with parts.database.read() as session:
        visible = policy.visible(who, READ_MEASURE, threats.COLUMNS)
        found = await measures.not_ended(session, visible, SHOWN)
        outside, made = await measures.counted_outside(session, visible, since)
        return Running(found, await officers.known(session), outside, made, since)
