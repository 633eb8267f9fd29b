"""What people do with a threat: each a named person's act, in one transaction, on the timeline and in the audit log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from forkant_shared import audit
from forkant_shared.access import Resource, policy
from forkant_shared.clock import new_id
from forkant_shared.database import Session
from forkant_shared.errors import Forbidden, Invalid, NotFound, Stale
from forkant_shared.identity import Principal
from forkant_threat_watch.commands.keeping import keep
from forkant_threat_watch.commands.loading import Loaded, ThreatWatchParts, around_threats
from forkant_threat_watch.domain import life
from forkant_threat_watch.domain.outcomes import Said
from forkant_threat_watch.domain.words import Lane, Level, Outcome, State
from forkant_threat_watch.store import checklists, lifetimes, threats

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
    """One person's act on one threat; its new version. The one a threat is aimed at does not lead the answer to it."""
    async with parts.database.write() as session:
        await _may(session, who, threat_id, action, version)
        now = parts.clock.now()
        loaded = await around_threats(session, parts, [threat_id], now)
        if life.is_target(loaded.watch.threats[threat_id], who.actor_id, loaded.watch):
            raise Forbidden(
                "The one a threat is aimed at does not decide on it.",
                remedy="Leave it to a colleague or the duty leader.",
            )
        said = act(loaded, now)
        name = action.rpartition(".")[2]
        await keep(session, loaded, said, by=who.subject)
        await lifetimes.tell(session, threat_id, now, name, who.subject, codes, note)
        await audit.record(session, who, action, [threat_id], details=codes)
        return loaded.before[threat_id].version + 1


async def _may(session: Session, who: Principal, threat_id: str, action: str, version: int | None) -> None:
    policy.require(who, action)
    found = await threats.find(session, threat_id, policy.visible(who, action, threats.COLUMNS))
    if found is None:
        raise NotFound("There is no such threat.")
    policy.require(who, action, Resource(found.handling, found.compartment))
    if version is not None and version != found.version:
        raise Stale(
            "The threat was changed by somebody else.", field="If-Match", remedy="Read it again and decide anew."
        )


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
    """A named officer sets the level until a time, with a reason."""
    return await _act(
        parts,
        who,
        threat_id,
        "threat-watch.threat.decide",
        lambda loaded, now: life.decide(loaded.watch, threat_id, level, who.subject, reason, expires_at, now),
        {"level": level.name, "expires_at": expires_at.isoformat()},
        note=reason,
        version=version,
    )


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


async def move(parts: ThreatWatchParts, who: Principal, threat_id: str, state: State, reason: str) -> int:
    """Move a threat on in its life."""

    def act(loaded: Loaded, now: datetime) -> Sequence[Said]:
        life.move(loaded.watch, threat_id, state)
        return ()

    return await _act(
        parts, who, threat_id, "threat-watch.threat.move", act, {"state": state.value}, note=reason or None
    )


async def close(parts: ThreatWatchParts, who: Principal, threat_id: str, reason: str) -> int:
    """Close a threat, with a reason."""
    return await _act(
        parts,
        who,
        threat_id,
        "threat-watch.threat.close",
        lambda loaded, now: life.close(loaded.watch, threat_id, who.subject, reason, now),
        {},
        note=reason,
    )


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
    await _act(
        parts,
        who,
        threat_id,
        "threat-watch.review.answer",
        lambda loaded, now: life.reviewed(loaded.watch, threat_id, review_id, now),
        {"review": review_id, "cause": found.cause},
        note=note or None,
    )


async def answer_checklist(
    parts: ThreatWatchParts, who: Principal, threat_id: str, point: int, answer: str, note: str
) -> None:
    """Answer one of the eight points; the newest answer holds and the others stay."""
    checklist = checklists.current()
    if point not in checklist.points:
        raise NotFound("The checklist has no such point.", field="point", remedy="Use 1 to 8.")
    async with parts.database.write() as session:
        await _may(session, who, threat_id, "threat-watch.checklist.answer", None)
        now = parts.clock.now()
        loaded = await around_threats(session, parts, [threat_id], now)
        life.opened(loaded.watch, threat_id)
        if life.is_target(loaded.watch.threats[threat_id], who.actor_id, loaded.watch):
            raise Forbidden("The one a threat is aimed at does not decide on it.", remedy="Leave it to a colleague.")
        await lifetimes.answer_point(session, threat_id, point, answer, note or None, who.subject, now)
        codes = {"point": point, "answer": answer, "checklist": checklist.version}
        await lifetimes.tell(session, threat_id, now, "checklist", who.subject, codes, note or None)
        await audit.record(session, who, "threat-watch.checklist.answer", [threat_id], details=codes)
