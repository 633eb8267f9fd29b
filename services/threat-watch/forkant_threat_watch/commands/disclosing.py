"""The disclosure plan is written, approved and signed; two signatures let a dialogue about the threat be held."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from forkant_shared.access import policy
from forkant_shared.clock import new_id
from forkant_shared.database import Session
from forkant_shared.errors import Conflict, Invalid, NotFound
from forkant_shared.identity import Principal
from forkant_threat_watch.commands.acting import Acting, First, acting
from forkant_threat_watch.commands.exposing import answers_stand, reports_of
from forkant_threat_watch.commands.loading import Loaded, ThreatWatchParts
from forkant_threat_watch.commands.reading import READ_REPORT
from forkant_threat_watch.domain import clearing
from forkant_threat_watch.domain.disclosure import (
    Gate,
    Line,
    Part,
    Plan,
    Signature,
    check_approval,
    check_line,
    check_signature,
    complete,
    gate,
    on_version,
)
from forkant_threat_watch.domain.exposure import Keeper, keeper_of
from forkant_threat_watch.domain.followup import ExposureRules
from forkant_threat_watch.domain.outcomes import Said
from forkant_threat_watch.domain.words import Channel
from forkant_threat_watch.store import disclosures, exposures, followup, lifetimes, reports

WRITE, APPROVE = "threat-watch.disclosure.write", "threat-watch.disclosure.approve"
LEAD, ALONE, WITHDRAW = "threat-watch.clearance.lead", "threat-watch.clearance.alone", "threat-watch.clearance.withdraw"
#: Who signs for the sources: the keeper of what the plan rests on.
SOURCE = {Keeper.HANDLER: "threat-watch.clearance.handle", Keeper.CONTACT: "threat-watch.clearance.contact"}


async def write_line(
    parts: ThreatWatchParts,
    who: Principal,
    threat_id: str,
    text: str,
    report_ids: Sequence[str],
    *,
    replaces: str | None = None,
    plan_version: int | None = None,
) -> str:
    """Write what will be said, in words of its own; the line's id. What was cleared before is no longer."""
    rules = followup.current().exposure
    async with acting(parts, who, threat_id, WRITE) as by_hand:
        session = by_hand.session
        plan = await _plan(by_hand, plan_version)
        counting = reports_of(by_hand.threat)
        visible = policy.visible(who, READ_REPORT, reports.COLUMNS)
        known = (await reports.told(session, counting, visible)).keys()
        texts = (await disclosures.texts(session, counting)).values()
        check_line(text, report_ids, known, texts, rules)
        if replaces is not None:
            await disclosures.remove_line(session, _line(plan, replaces).id, who.subject, by_hand.now)
        line = Line(new_id(), text.strip(), tuple(sorted(report_ids)), who.subject, by_hand.now)
        await disclosures.add_line(session, threat_id, line)
        codes: dict[str, Any] = {"line": line.id, "reports": list(line.reports)}
        if replaces is not None:
            codes["replaces"] = replaces
        await by_hand.done(await _changed(by_hand), codes, what="line-written")
        return line.id


async def approve_line(parts: ThreatWatchParts, who: Principal, threat_id: str, line_id: str) -> None:
    """Approve what another person wrote."""
    async with acting(parts, who, threat_id, APPROVE) as by_hand:
        line = _line(await disclosures.load(by_hand.session, threat_id), line_id)
        check_approval(line, who.subject)
        await disclosures.approve_line(by_hand.session, line_id, who.subject, by_hand.now)
        await by_hand.done((), {"line": line_id}, what="line-approved")


async def remove_line(parts: ThreatWatchParts, who: Principal, threat_id: str, line_id: str, reason: str) -> None:
    """Take a line away, with a reason."""
    if not reason.strip():
        raise Invalid("A line is taken away for a reason.", field="reason", remedy="Write why.")
    async with acting(parts, who, threat_id, WRITE) as by_hand:
        line = _line(await disclosures.load(by_hand.session, threat_id), line_id)
        await disclosures.remove_line(by_hand.session, line.id, who.subject, by_hand.now)
        await by_hand.done(await _changed(by_hand), {"line": line_id}, reason, what="line-removed")


async def sign_plan(
    parts: ThreatWatchParts, who: Principal, threat_id: str, part: Part, plan_version: int, because: str | None
) -> bool:
    """Sign one part of this version of the plan; whether a dialogue is cleared by it."""
    action = (
        LEAD if part is Part.LEADER else ALONE if part is Part.ALONE else await _source_action(parts, who, threat_id)
    )
    rules = followup.current().exposure
    async with acting(parts, who, threat_id, action, first=_hold_answers(threat_id)) as by_hand:
        plan = await _plan(by_hand, plan_version)
        if part is Part.SOURCE:
            # The plan may rest on other origins than when the right was looked up.
            policy.require(who, SOURCE[await _keeper(by_hand, plan)])
        check_signature(plan, await _gate(by_hand, plan, rules), part, who.subject, because, rules, by_hand.now)
        signature = Signature(new_id(), part, who.subject, by_hand.now, (because or "").strip() or None)
        await disclosures.sign(by_hand.session, plan, signature)
        alone = part is Part.ALONE
        plan = await disclosures.load(by_hand.session, threat_id)
        used = [signature] if alone else list(plan.standing(rules, by_hand.now))
        said: list[Said] = []
        if alone or complete(plan, rules, by_hand.now):
            lasts = rules.alone_for if alone else rules.cleared_for
            until = by_hand.now + lasts
            cleared = await disclosures.clear(by_hand.session, plan, used, by_hand.now, until, alone=alone)
            said = clearing.clear(by_hand.loaded.watch, threat_id, cleared, rules, by_hand.now, alone=alone)
        codes = {"part": part.value, "plan_version": plan.version}
        await by_hand.done(said, codes, what="signed")
        return bool(said)


async def withdraw_clearance(parts: ThreatWatchParts, who: Principal, threat_id: str, reason: str) -> None:
    """Take a clearance back, with a reason, and the signatures given since."""
    if not reason.strip():
        raise Invalid("A clearance is withdrawn for a reason.", field="reason", remedy="Write why.")
    async with acting(parts, who, threat_id, WITHDRAW) as by_hand:
        if by_hand.threat.clearance is None:
            raise Conflict("No dialogue is cleared.", field="clearance", remedy="Read the threat again.")
        await disclosures.next_version(by_hand.session, threat_id)
        said = clearing.withdraw(by_hand.loaded.watch, threat_id, "WITHDRAWN", by_hand.now)
        await by_hand.done(said, {}, reason, what="clearance-withdrawn")


async def rests_no_longer(
    session: Session, loaded: Loaded, threat_ids: Collection[str], report_id: str, by: str
) -> list[Said]:
    """A report is destroyed: what was to be said because of it is not said any more, and clears nothing."""
    said: list[Said] = []
    for threat_id in threat_ids:
        lines = [line for line in (await disclosures.load(session, threat_id)).lines if report_id in line.reports]
        for line in lines:
            await disclosures.remove_line(session, line.id, by, loaded.now)
            await lifetimes.tell(session, threat_id, loaded.now, "line-removed", by, {"line": line.id})
        if lines:
            await disclosures.next_version(session, threat_id)
            said += clearing.withdraw(loaded.watch, threat_id, "REPORT_DESTROYED", loaded.now)
    return said


async def _plan(by_hand: Acting, version: int | None) -> Plan:
    plan = await disclosures.load(by_hand.session, by_hand.line.id)
    if version is not None:
        on_version(plan, version)
    return plan


async def _changed(by_hand: Acting) -> list[Said]:
    """What was signed or cleared does not survive another plan."""
    await disclosures.next_version(by_hand.session, by_hand.line.id)
    return clearing.withdraw(by_hand.loaded.watch, by_hand.line.id, "PLAN_CHANGED", by_hand.now)


def _hold_answers(threat_id: str) -> First:
    """No answer the plan stands on changes while it is signed: a NO at the same moment comes before or after."""

    async def first(session: Session) -> Collection[str]:
        # A plan that changes between this and the signature has another version than the one that is signed.
        await answers_stand(session, (await disclosures.load(session, threat_id)).reports)
        return ()

    return first


async def _gate(by_hand: Acting, plan: Plan, rules: ExposureRules) -> Gate:
    answers = await exposures.answers(by_hand.session, plan.reports)
    overlaps = await exposures.overlaps(by_hand.session, plan.reports)
    texts = await disclosures.texts(by_hand.session, {*reports_of(by_hand.threat), *plan.reports})
    return gate(plan, answers, overlaps, texts.values(), rules)


async def _source_action(parts: ThreatWatchParts, who: Principal, threat_id: str) -> str:
    """The right to sign for the sources of this plan, where this person has any such right at all."""
    theirs = [action for action in SOURCE.values() if policy.allows(who, action)]
    if not theirs:
        policy.require(who, SOURCE[Keeper.HANDLER])
    async with parts.database.read() as session:
        plan = await disclosures.load(session, threat_id)
        channels = await disclosures.channels(session, plan.reports)
    return SOURCE[_answers_for(channels)]


async def _keeper(by_hand: Acting, plan: Plan) -> Keeper:
    return _answers_for(await disclosures.channels(by_hand.session, plan.reports))


def _answers_for(channels: Sequence[str]) -> Keeper:
    """Who signs for the sources: the handler as soon as one of them is a handler's, the contact otherwise."""
    rules = followup.current().exposure
    keepers = {keeper_of(Channel(channel), rules) for channel in channels}
    return Keeper.HANDLER if Keeper.HANDLER in keepers else Keeper.CONTACT


def _line(plan: Plan, line_id: str) -> Line:
    for line in plan.lines:
        if line.id == line_id:
            return line
    raise NotFound("The plan has no such line.", field="line")
