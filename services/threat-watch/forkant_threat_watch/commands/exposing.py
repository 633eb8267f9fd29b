"""The keepers of origins answer whether reports can be shown; what was cleared on another answer is withdrawn."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from forkant_shared.access import policy
from forkant_shared.database import Session
from forkant_shared.errors import NotFound
from forkant_shared.identity import Principal
from forkant_threat_watch.commands.acting import Acting, First, acting
from forkant_threat_watch.commands.loading import ThreatWatchParts
from forkant_threat_watch.domain import clearing
from forkant_threat_watch.domain.exposure import (
    Answer,
    Exposure,
    Keeper,
    Overlap,
    check_answer,
    check_overlap,
    keeper_of,
)
from forkant_threat_watch.domain.outcomes import Said
from forkant_threat_watch.domain.threat import Threat
from forkant_threat_watch.domain.words import Channel, Source
from forkant_threat_watch.store import disclosures, exposures, followup, lifetimes, reports

ACTIONS = {Keeper.HANDLER: "threat-watch.exposure.handle", Keeper.CONTACT: "threat-watch.exposure.contact"}


def reports_of(threat: Threat) -> list[str]:
    """The ids of the reports that count in a threat, each once."""
    return list(dict.fromkeys(signal.report for signal in threat.signals if signal.source is Source.REPORT))


async def answer_report(
    parts: ThreatWatchParts,
    who: Principal,
    threat_id: str,
    report_id: str,
    exposure: Exposure,
    could_know: int,
    open_origin: bool,
    note: str | None,
) -> int:
    """Answer for one report of this threat, as the keeper of its origin. It holds wherever the report counts."""
    check_answer(could_know)
    action = await _action_for(parts, who, [report_id])
    async with acting(parts, who, threat_id, action, first=_elsewhere([report_id])) as by_hand:
        _must_count(by_hand, [report_id])
        session = by_hand.session
        before = (await exposures.answers(session, [report_id])).get(report_id)
        answer = Answer(
            report_id, exposure, could_know, open_origin, who.subject, by_hand.now, (note or "").strip() or None
        )
        await exposures.add_answer(session, answer)
        said: Sequence[Said] = ()
        if exposure is Exposure.NO and (before is None or before.exposure is not Exposure.NO):
            said = await _no_longer_cleared(by_hand, [report_id], "ANSWERED_NO", planned=False)
        elif before is not None and _says(before) != _says(answer):
            said = await _no_longer_cleared(by_hand, [report_id], "ANSWER_CHANGED", planned=True)
        codes = {"report": report_id, "exposure": exposure.value, "could_know": could_know, "open_origin": open_origin}
        return await by_hand.done(said, codes, what="exposure", objects=[report_id])


def _says(answer: Answer) -> tuple[object, ...]:
    return answer.exposure, answer.could_know, answer.open_origin


async def answer_overlap(
    parts: ThreatWatchParts, who: Principal, threat_id: str, report_ids: Collection[str], could_know: int
) -> int:
    """Say how many people could have known what two reports of this threat say, as the keeper of one of them."""
    action = await _action_for(parts, who, report_ids)
    async with acting(parts, who, threat_id, action, first=_elsewhere(report_ids)) as by_hand:
        _must_count(by_hand, report_ids)
        session = by_hand.session
        check_overlap(report_ids, could_know, await exposures.answers(session, report_ids))
        both = frozenset(report_ids)
        before = (await exposures.overlaps(session, both)).get(both)
        await exposures.add_overlap(session, Overlap(both, could_know, who.subject, by_hand.now))
        said: Sequence[Said] = ()
        if before is not None and before.could_know != could_know:
            said = await _no_longer_cleared(by_hand, report_ids, "ANSWER_CHANGED", planned=True)
        codes: dict[str, Any] = {"reports": sorted(both), "could_know": could_know}
        return await by_hand.done(said, codes, what="overlap", objects=sorted(both))


async def _action_for(parts: ThreatWatchParts, who: Principal, report_ids: Collection[str]) -> str:
    """Which right this person answers by: that of the keeper of one of these. Raises NotFound, Forbidden."""
    rules = followup.current().exposure
    theirs = [action for action in ACTIONS.values() if policy.allows(who, action)]
    if not theirs:
        policy.require(who, ACTIONS[Keeper.HANDLER])
    async with parts.database.read() as session:
        found = await reports.told(session, report_ids, policy.visible(who, theirs[0], reports.COLUMNS))
    if len(found) != len(set(report_ids)):
        raise NotFound("There is no such report.", field="report")
    wanted = [ACTIONS[keeper_of(Channel(row.channel), rules)] for row in found.values()]
    for action in wanted:
        if action in theirs:
            return action
    policy.require(who, wanted[0])
    raise AssertionError("unreachable")


async def answers_stand(session: Session, report_ids: Collection[str]) -> None:
    """Nobody else answers for these reports, or signs a plan that rests on one of them, until the transaction ends."""
    await session.lock(f"exposure/{report_id}" for report_id in report_ids)


def _elsewhere(report_ids: Collection[str]) -> First:
    """The cleared threats where one of these reports counts or the plan rests on it, while nobody clears another."""

    async def first(session: Session) -> Collection[str]:
        await answers_stand(session, report_ids)
        found: set[str] = set()
        for report_id in report_ids:
            found |= {threat_id for threat_id, _ in await reports.threats_of(session, report_id)}
            found |= set(await disclosures.resting_on(session, report_id))
        return found & set(await disclosures.cleared_threats(session))

    return first


def _must_count(by_hand: Acting, report_ids: Collection[str]) -> None:
    if not set(report_ids) <= set(reports_of(by_hand.threat)):
        raise NotFound("The threat has no such report.", field="report")


async def _no_longer_cleared(by_hand: Acting, report_ids: Collection[str], cause: str, *, planned: bool) -> list[Said]:
    """Take back what was signed or cleared on other answers, here and wherever the reports count; with `planned` only
    where the plan rests on all of them."""
    said: list[Said] = []
    for threat_id in by_hand.loaded.before:
        plan = await disclosures.load(by_hand.session, threat_id)
        if not plan.version or (planned and not set(report_ids) <= set(plan.reports)):
            continue
        await disclosures.next_version(by_hand.session, threat_id)
        ended = clearing.withdraw(by_hand.loaded.watch, threat_id, cause, by_hand.now)
        said += ended
        if ended and threat_id != by_hand.line.id:
            codes = {"reports": sorted(report_ids), "cause": cause}
            by = by_hand.who.subject
            await lifetimes.tell(by_hand.session, threat_id, by_hand.now, "exposure-elsewhere", by, codes)
    return said
