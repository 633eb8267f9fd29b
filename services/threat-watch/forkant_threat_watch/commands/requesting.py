"""What is missing is asked for, and answered with a report."""

from __future__ import annotations

from forkant_shared.access import policy
from forkant_shared.clock import new_id
from forkant_shared.errors import NotFound
from forkant_shared.identity import Principal
from forkant_threat_watch.commands.acting import Acting, acting, owner_of
from forkant_threat_watch.commands.loading import ThreatWatchParts, going
from forkant_threat_watch.commands.reading import READ_REPORT
from forkant_threat_watch.domain import clocks
from forkant_threat_watch.domain import requests as domain
from forkant_threat_watch.domain.explanation import missing
from forkant_threat_watch.domain.requests import OVERDUE, Ending, Outcome, Request, Wish
from forkant_threat_watch.store import followup, reports, requests

ASK, ANSWER = "threat-watch.request.ask", "threat-watch.request.answer"
WITHDRAW = "threat-watch.request.withdraw"


async def ask_for(parts: ThreatWatchParts, who: Principal, threat_id: str, wish: Wish) -> Request:
    """Ask somebody for what the explanation lists as missing, or for something else."""
    rules = followup.current().requests
    async with acting(parts, who, threat_id, ASK) as by_hand:
        await owner_of(by_hand, wish.owner)
        watch, now = by_hand.loaded.watch, by_hand.now
        lacking = frozenset(missing(by_hand.threat, now.timestamp(), going(parts).policy.index))
        threat, asked = domain.ask(by_hand.threat, wish, lacking, new_id(), who.subject, rules, now)
        await requests.add(by_hand.session, asked)
        watch.keep(threat)
        codes = {"request": asked.id, "about": wish.about, "due_at": wish.due_at.isoformat()}
        await by_hand.done(watch.due(threat_id, now), codes, what="request-asked", objects=[asked.id])
        return asked


async def answer_request(
    parts: ThreatWatchParts,
    who: Principal,
    threat_id: str,
    request_id: str,
    report_reference: str | None,
    note: str | None,
    *,
    version: int | None = None,
) -> Request:
    """Answer a question with the report that answers it (its reference or id), or say that there is no telling."""
    outcome = Outcome.UNKNOWN if report_reference is None else Outcome.ANSWERED
    return await _end(parts, who, threat_id, request_id, ANSWER, outcome, report_reference, note, version)


async def withdraw_request(
    parts: ThreatWatchParts, who: Principal, threat_id: str, request_id: str, note: str, *, version: int | None = None
) -> Request:
    """A question needs no answer any more, with the reason."""
    return await _end(parts, who, threat_id, request_id, WITHDRAW, Outcome.WITHDRAWN, None, note, version)


async def _end(
    parts: ThreatWatchParts,
    who: Principal,
    threat_id: str,
    request_id: str,
    action: str,
    outcome: Outcome,
    report_reference: str | None,
    note: str | None,
    version: int | None,
) -> Request:
    async with acting(parts, who, threat_id, action) as by_hand:
        watch, now = by_hand.loaded.watch, by_hand.now
        before = await _request(by_hand, request_id, version)
        report_id = await _report(by_hand, report_reference)
        ending = Ending(outcome, who.subject, now, report_id, (note or "").strip() or None)
        threat, after = domain.end(by_hand.threat, before, ending)
        await requests.save(by_hand.session, after)
        if not any(one.overdue(now) for one in await requests.of_threat(by_hand.session, threat_id)):
            threat = clocks.settle(threat, OVERDUE)
        watch.keep(threat)
        codes = {"request": request_id, "about": after.wish.about, "outcome": outcome.value}
        objects = [request_id] if report_id is None else [request_id, report_id]
        await by_hand.done(watch.due(threat_id, now), codes, what="request-ended", objects=objects)
        return after


async def _request(by_hand: Acting, request_id: str, version: int | None) -> Request:
    found = await requests.find(by_hand.session, request_id)
    if found is None or found.threat != by_hand.line.id:
        raise NotFound("The threat has no such request.", field="request")
    domain.on_version(found, version)
    return found


async def _report(by_hand: Acting, reference: str | None) -> str | None:
    """The id of the report of this reference or id, as far as the one who answers may know of it, or sent it."""
    if reference is None:
        return None
    visible = policy.visible(by_hand.who, READ_REPORT, reports.COLUMNS)
    found = await requests.report_named(by_hand.session, reference, visible, by_hand.who.subject)
    if found is None:
        raise NotFound(
            "There is no such report.", field="report", remedy="Send the reference of a report that is here."
        )
    return found
