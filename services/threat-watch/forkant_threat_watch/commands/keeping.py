"""Stores what the engine has made of what was loaded, and tells the others, in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from forkant_shared import outbox
from forkant_shared.database import Session
from forkant_shared.events import threat_watch as events
from forkant_threat_watch.commands.loading import RESTRICTED, Loaded
from forkant_threat_watch.domain import clocks, joining
from forkant_threat_watch.domain.explanation import explain
from forkant_threat_watch.domain.life import FALLBACK_WAITS
from forkant_threat_watch.domain.links import Links
from forkant_threat_watch.domain.outcomes import (
    Assessed,
    ClearanceEnded,
    Cleared,
    Closed,
    DecisionEnded,
    FallbackAsked,
    Opened,
    Paged,
    ReviewAsked,
    ReviewOverdue,
    Said,
    Updated,
)
from forkant_threat_watch.domain.signals import Signal
from forkant_threat_watch.domain.threat import Deadline, Threat
from forkant_threat_watch.domain.words import Party, PartyKind
from forkant_threat_watch.store import disclosures, explanations, followup, lifetimes, references, signals, threats


async def keep(
    session: Session,
    loaded: Loaded,
    said: Sequence[Said],
    *,
    by: str,
    placed: Sequence[Signal] = (),
    handling: tuple[str, str | None] = RESTRICTED,
    places: dict[str, str] | None = None,
    names: Mapping[str, str] | None = None,
) -> None:
    """Store what the engine has made of what was loaded, and tell the others.

    `by` is the person or rule behind it; `names` are the references of the threats that are `opening`, where the caller
    has already asked for them.
    """
    watch = loaded.watch
    if names is None:
        names = await names_for(session, loaded)
    _wait_for_leaders(loaded, said)
    changed = [watch.threats[threat_id] for threat_id in watch.changes()]
    changed = [threat for threat in changed if threat != loaded.before.get(threat.id)]
    await _keep_signals(session, loaded, changed, placed, places)
    versions = {threat.id: threat.version for threat in loaded.before.values()}
    for threat in changed:
        if threat.id in loaded.before:
            await threats.save(session, threat, loaded.before[threat.id], loaded.now)
        else:
            await threats.add(session, threat, names[threat.id], loaded.now, handling)
        versions[threat.id] = versions.get(threat.id, 0) + 1
    for each in said:
        await _keep_said(session, loaded, each, versions, by)
    for threat in changed:
        if threat.id in loaded.before:
            kept = [review.id for review in threat.reviews]
            if len(kept) < len(loaded.before[threat.id].reviews) or not threat.open:
                await lifetimes.end_reviews(session, threat.id, kept, by, loaded.now)
    await lifetimes.remember_asked(session, sorted(watch.asked - loaded.asked))


async def names_for(session: Session, loaded: Loaded) -> dict[str, str]:
    """A reference for each threat that the engine has opened."""
    opening, year = loaded.opening, loaded.now.astimezone(loaded.going.policy.timezone).year
    numbers = await references.take(session, {"T": len(opening)}, year)
    return dict(zip(opening, numbers.get("T", ()), strict=True))


def _wait_for_leaders(loaded: Loaded, said: Sequence[Said]) -> None:
    """A fallback that nobody has started in time is asked for again."""
    within = followup.current().fallback_within
    for each in said:
        threat = loaded.watch.threats.get(each.threat or "")
        if isinstance(each, FallbackAsked) and threat is not None and threat.fallback is not None:
            deadline = Deadline(FALLBACK_WAITS, FALLBACK_WAITS, each.at + within, within)
            due_at = min(deadline.at, threat.due_at or deadline.at)
            loaded.watch.keep(replace(clocks.set_deadline(threat, deadline), due_at=due_at))


async def _keep_signals(
    session: Session,
    loaded: Loaded,
    changed: Sequence[Threat],
    placed: Sequence[Signal],
    places: dict[str, str] | None,
) -> None:
    watch = loaded.watch
    known = set(loaded.standing) | {s.id for t in loaded.before.values() for s in (*t.signals, *t.suggested)}
    fresh = {s.id: s for t in changed for s in (*t.signals, *t.suggested) if s.id not in known}
    fresh |= {s.id: s for s in watch.standing.values() if s.id not in known}
    # As they were told: who is the same as whom may be taken back, and then they are about whom they were about.
    fresh |= {s.id: _told(s, watch.links) for s in placed}
    signals.add(session, fresh.values(), places)
    standing = {s.id: keys_of(s, loaded) for s in watch.standing.values()}
    signals.stand(session, {i: keys for i, keys in standing.items() if i not in loaded.standing})
    await signals.let_go(session, set(loaded.standing) - set(watch.standing))
    counting = {s.id: s for t in changed for s in (*t.signals, *t.suggested) if s.id in loaded.standing}
    for signal_id, old in loaded.standing.items():
        now = watch.standing.get(signal_id) or counting.get(signal_id)
        if now is not None and now.flat_until != old.flat_until:
            await signals.end(session, now)
        if now is not None and now.parties != old.parties:
            await signals.name(session, signal_id, _named(old, watch.links))
            if signal_id in standing:
                await signals.stand_anew(session, signal_id, standing[signal_id])


def _told(signal: Signal, links: Links) -> Signal:
    return replace(signal, aggressor=links.told(signal.aggressor), target=links.told(signal.target))


def _named(signal: Signal, links: Links) -> dict[str, Party]:
    """The sides of a signal that were a name and are somebody now."""
    sides = {"aggressor": signal.aggressor, "target": signal.target}
    named = {side: links.told(party) for side, party in sides.items() if party.kind is PartyKind.NAME}
    return {side: party for side, party in named.items() if party.kind is not PartyKind.NAME}


def keys_of(signal: Signal, loaded: Loaded) -> set[str]:
    """The party keys under which a signal stands."""
    aggressors, targets = joining.waits_under(signal, loaded.going.policy.joining)
    return {*aggressors, *targets}


async def _keep_said(session: Session, loaded: Loaded, said: Said, versions: dict[str, int], by: str) -> None:
    threat_id = said.threat
    version = versions.get(threat_id, 0) if threat_id is not None else 0
    match said:
        case Opened():
            await lifetimes.tell(session, said.threat, said.at, "opened", by, {})
            await outbox.add(session, events.ThreatOpened(threat_id=said.threat), version=version)
        case Assessed():
            await _keep_assessed(session, loaded, said, version, by)
        case Paged():
            await _keep_paged(session, said, version, by)
        case Updated():
            codes = {"escalation": said.page, "rules": list(said.rules), "level": said.level.name}
            await lifetimes.tell(session, said.threat, said.at, "page-updated", by, codes)
            event = events.EscalationUpdated(escalation_id=said.page, threat_id=said.threat, rules=list(said.rules))
            await outbox.add(session, event, version=version)
        case ReviewAsked():
            await _keep_review(session, said, version, by)
        case ReviewOverdue():
            await lifetimes.mark_overdue(session, said.id, said.at)
            await lifetimes.tell(session, said.threat, said.at, "review-overdue", by, {"cause": said.cause})
        case FallbackAsked():
            await lifetimes.tell(session, said.threat, said.at, "fallback", by, {"cause": said.cause}, said.text)
        case DecisionEnded():
            await lifetimes.tell(session, said.threat, said.at, "decision-ended", by, {"cause": said.cause})
        case Cleared():
            what = "cleared-again" if said.again else "cleared"
            codes = {"clearance": said.clearance, "valid_until": said.valid_until.isoformat()}
            await lifetimes.tell(session, said.threat, said.at, what, by, codes)
            cleared = events.DialogueCleared(
                threat_id=said.threat, valid_until=said.valid_until, excluded_actor_ids=list(said.excluded)
            )
            await outbox.add(session, cleared, version=version)
        case ClearanceEnded():
            await _keep_clearance_ended(session, said, version, by)
        case Closed():
            await lifetimes.close_escalations(session, said.pages, said.at)
            await outbox.add(session, events.ThreatClosed(threat_id=said.threat), version=version)


async def _keep_assessed(session: Session, loaded: Loaded, said: Assessed, version: int, by: str) -> None:
    policy = loaded.going.policy
    curve = loaded.watch.curve(said.threat, said.at.timestamp())
    found = explain(loaded.watch.threats[said.threat], curve, policy, said.at, said.gate)
    assessment_id = await lifetimes.add_assessment(session, said, policy.version, explanations.write(found))
    codes: dict[str, Any] = {"level": said.level.name, "index": round(said.reading.index, 4), "cause": said.cause}
    await lifetimes.tell(session, said.threat, said.at, "assessed", by, codes)
    event = events.AssessmentMade(
        assessment_id=assessment_id,
        threat_id=said.threat,
        level=said.level.name,
        index=round(said.reading.index, 6),
        policy_version=policy.version,
    )
    await outbox.add(session, event, version=version)


async def _keep_clearance_ended(session: Session, said: ClearanceEnded, version: int, by: str) -> None:
    await disclosures.end_clearance(session, said.clearance, by, said.cause, said.at)
    await lifetimes.tell(session, said.threat, said.at, "clearance-ended", by, {"cause": said.cause})
    # Who was told until when knows of its end by the clock, and of a new one by the new one.
    if said.cause not in ("EXPIRED", "REPLACED"):
        event = events.DialogueClearanceWithdrawn(threat_id=said.threat, withdrawn_at=said.at, cause=said.cause)
        await outbox.add(session, event, version=version)


async def _keep_paged(session: Session, said: Paged, version: int, by: str) -> None:
    await lifetimes.add_escalation(session, said)
    codes = {"escalation": said.id, "lane": said.lane.name, "rules": list(said.rules), "reason": said.reason}
    await lifetimes.tell(session, said.threat, said.at, "paged", by, codes)
    event = events.EscalationRaised(
        escalation_id=said.id,
        threat_id=said.threat,
        lane=said.lane.name,
        rules=list(said.rules),
        reason=said.reason,
        include_leader=said.leader,
        excluded_actor_ids=list(said.excluded),
        replaces=said.replaces,
        raised_at=said.at,
    )
    await outbox.add(session, event, version=version)


async def _keep_review(session: Session, said: ReviewAsked, version: int, by: str) -> None:
    await lifetimes.add_review(session, said)
    if said.threat is None:
        return
    await lifetimes.tell(session, said.threat, said.at, "review-asked", by, {"review": said.id, "cause": said.cause})
    event = events.ReviewRequested(review_id=said.id, threat_id=said.threat, cause=said.cause, due_at=said.due_at)
    await outbox.add(session, event, version=version)
