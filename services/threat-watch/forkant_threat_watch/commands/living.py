"""What people do with a threat: each a named person's act, in one transaction, on the timeline and in the audit log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from forkant_shared import audit
from forkant_shared.access import policy
from forkant_shared.clock import new_id
from forkant_shared.errors import Conflict, Invalid, NotFound
from forkant_shared.identity import Principal
from forkant_threat_watch.commands.acting import acting
from forkant_threat_watch.commands.loading import Loaded, ThreatWatchParts
from forkant_threat_watch.domain import life, moves
from forkant_threat_watch.domain.clearing import SIGNED_ALONE
from forkant_threat_watch.domain.measures import DISPROPORTIONATE, disproportionate
from forkant_threat_watch.domain.moves import Verify
from forkant_threat_watch.domain.outcomes import Said
from forkant_threat_watch.domain.paging import ask_review
from forkant_threat_watch.domain.words import Lane, Level, Outcome, State
from forkant_threat_watch.store import checklists, disclosures, followup, lifetimes, measures, requests

Act = Callable[[Loaded, datetime], Sequence[Said]]


async def _act(
    parts: ThreatWatchParts,
    who: Principal,
    threat_id: str,
    action: str,
    act: Act,
    codes: dict[str, Any],
    *,
    note: str | None = None,
    version: int | None = None,
) -> int:
    """One person's act on one threat; its new version."""
    async with acting(parts, who, threat_id, action, version=version) as by_hand:
        said = act(by_hand.loaded, by_hand.now)
        return await by_hand.done(said, codes, note)


async def decide_level(
    parts: ThreatWatchParts,
    who: Principal,
    threat_id: str,
    level: Level,
    reason: str,
    expires_at: datetime,
    *,
    version: int | None = None,
) -> int:
    """A named officer sets the level until a time, with a reason. Measures it is too low for are asked about."""
    rules = followup.current().measures
    async with acting(parts, who, threat_id, "threat-watch.threat.decide", version=version) as by_hand:
        watch, now = by_hand.loaded.watch, by_hand.now
        said = life.decide(watch, threat_id, level, who.subject, reason, expires_at, now)
        running = await measures.of_threat(by_hand.session, threat_id)
        if disproportionate(running, by_hand.threat.level, rules, now):
            moment = watch.moment(now)
            asking, asked = ask_review(by_hand.threat, DISPROPORTIONATE, moment, rules.answer_within)
            watch.keep(asking)
            said += [*asked, *watch.due(threat_id, now)]
        return await by_hand.done(said, {"level": level.name, "expires_at": expires_at.isoformat()}, reason)


async def tell_effect(parts: ThreatWatchParts, who: Principal, threat_id: str, outcome: Outcome, evidence: str) -> int:
    """An officer tells what the effect was, on which evidence."""
    if not evidence.strip():
        raise Invalid("An effect needs evidence.", field="evidence", remedy="Write what you saw or heard.")
    feedback_id = new_id()
    return await _act(
        parts,
        who,
        threat_id,
        "threat-watch.threat.feedback",
        lambda loaded, now: life.feedback(loaded.watch, threat_id, outcome, who.subject, now, feedback_id=feedback_id),
        {"outcome": outcome.value},
        note=evidence,
    )


async def judge(parts: ThreatWatchParts, who: Principal, threat_id: str, lane: Lane, reason: str) -> int:
    """An officer says that somebody must be woken, and how."""
    if not reason.strip():
        raise Invalid("An officer's judgement needs a reason.", field="reason", remedy="Write why.")
    statement_id = new_id()
    return await _act(
        parts,
        who,
        threat_id,
        "threat-watch.threat.judge",
        lambda loaded, now: life.judge(loaded.watch, threat_id, lane, statement_id, now),
        {"lane": lane.name},
        note=reason,
    )


async def set_verification(
    parts: ThreatWatchParts, who: Principal, threat_id: str, due_at: datetime, fallback: str
) -> int:
    """Set when the effect must be seen, and what is done instead."""
    return await _act(
        parts,
        who,
        threat_id,
        "threat-watch.threat.verify",
        lambda loaded, now: life.verify(loaded.watch, threat_id, due_at, fallback, who.subject, now),
        {"due_at": due_at.isoformat()},
        note=fallback,
    )


async def move(
    parts: ThreatWatchParts, who: Principal, threat_id: str, state: State, reason: str, verify: Verify | None = None
) -> int:
    """Move a threat on in its life; `verify` is when the effect of what begins now must be seen."""
    async with acting(parts, who, threat_id, "threat-watch.threat.move") as by_hand:
        acts = [one for one in await measures.of_threat(by_hand.session, threat_id) if one.acts(by_hand.now)]
        said = moves.move(
            by_hand.loaded.watch, threat_id, state, who.subject, by_hand.now, measures=len(acts), verify=verify
        )
        codes = {"state": state.value}
        if verify is not None:
            codes["due_at"] = verify.due_at.isoformat()
        return await by_hand.done(said, codes, reason or None)


async def start_fallback(parts: ThreatWatchParts, who: Principal, threat_id: str, verify: Verify) -> int:
    """A leader starts the fallback that waits, and says when its effect must be seen."""
    async with acting(parts, who, threat_id, "threat-watch.threat.fallback") as by_hand:
        said = moves.start_fallback(by_hand.loaded.watch, threat_id, who.subject, by_hand.now, verify)
        codes = {"due_at": verify.due_at.isoformat()}
        return await by_hand.done(said, codes, verify.fallback, what="fallback-started")


async def decline_fallback(parts: ThreatWatchParts, who: Principal, threat_id: str, reason: str) -> int:
    """A leader says why the fallback that waits is not started."""
    if not reason.strip():
        raise Invalid("A fallback is left out for a reason.", field="reason", remedy="Write why.")
    async with acting(parts, who, threat_id, "threat-watch.threat.fallback") as by_hand:
        said = moves.decline_fallback(by_hand.loaded.watch, threat_id, by_hand.now)
        return await by_hand.done(said, {}, reason, what="fallback-declined")


async def close(parts: ThreatWatchParts, who: Principal, threat_id: str, reason: str) -> int:
    """Close a threat, with a reason. What is still asked for is not needed any more."""
    kinds = followup.current().measures.kinds
    async with acting(parts, who, threat_id, "threat-watch.threat.close") as by_hand:
        acts = [one for one in await measures.of_threat(by_hand.session, threat_id) if one.acts(by_hand.now)]
        running = [one.id for one in acts if not kinds[one.wish.kind].outlives]
        said = life.close(by_hand.loaded.watch, threat_id, who.subject, reason, by_hand.now, running=running)
        withdrawn = await requests.withdraw_all(by_hand.session, threat_id, who.subject, reason, by_hand.now)
        return await by_hand.done(said, {"requests_withdrawn": withdrawn} if withdrawn else {}, reason)


async def answer_review(parts: ThreatWatchParts, who: Principal, review_id: str, note: str) -> None:
    """A person has looked and lets things stand."""
    policy.require(who, "threat-watch.review.answer")
    async with parts.database.read() as session:
        found = await lifetimes.review(session, review_id)
    if found is None:
        raise NotFound("There is no such review.")
    if found.threat_id is None:
        async with parts.database.write() as session:
            await lifetimes.answer_review(session, review_id, who.subject, note or None, parts.clock.now())
            await audit.record(session, who, "threat-watch.review.answer", [review_id])
        return
    threat_id = str(found.threat_id)
    if found.cause == SIGNED_ALONE:
        await _not_the_signer(parts, who, threat_id, found.asked_at)
    await _act(
        parts,
        who,
        threat_id,
        "threat-watch.review.answer",
        lambda loaded, now: life.reviewed(loaded.watch, threat_id, review_id, now),
        {"review": review_id, "cause": found.cause},
        note=note or None,
    )


async def _not_the_signer(parts: ThreatWatchParts, who: Principal, threat_id: str, since: datetime) -> None:
    """Raise Conflict for one who has signed alone since then: that is what another person is asked to look at."""
    async with parts.database.read() as session:
        found = await disclosures.clearances(session, threat_id)
    alone = {one.by for row, signed in found if row.alone and row.cleared_at >= since for one in signed}
    if who.subject in alone:
        raise Conflict(
            "Who signed alone does not review it.",
            field="review",
            remedy="Let another person look at what was cleared.",
        )


async def answer_checklist(
    parts: ThreatWatchParts, who: Principal, threat_id: str, point: int, answer: str, note: str
) -> None:
    """Answer one of the eight points; the newest answer holds and the others stay."""
    checklist = checklists.current()
    if point not in checklist.points:
        raise NotFound("The checklist has no such point.", field="point", remedy="Use 1 to 8.")
    async with acting(parts, who, threat_id, "threat-watch.checklist.answer") as by_hand:
        session, now = by_hand.session, by_hand.now
        await lifetimes.answer_point(session, threat_id, point, answer, note or None, who.subject, now)
        codes = {"point": point, "answer": answer, "checklist": checklist.version}
        await by_hand.done((), codes, note or None, what="checklist")
