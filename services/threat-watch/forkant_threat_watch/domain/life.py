"""What people do with a threat: they decide a level, answer a page, tell of the effect, close. Every move has a name.

Each function changes one threat of the watch and gives back what is to be said. A wish that the threat's state does not
allow raises Conflict, a wish that is wrong in itself raises Invalid.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from forkant_shared.errors import Conflict, Invalid, NotFound
from forkant_threat_watch.domain import clocks
from forkant_threat_watch.domain.grading import Quality
from forkant_threat_watch.domain.levels import automatic
from forkant_threat_watch.domain.moment import Moment
from forkant_threat_watch.domain.outcomes import ClearanceEnded, Closed, DecisionEnded, FallbackAsked, Said
from forkant_threat_watch.domain.paging import excluded
from forkant_threat_watch.domain.rules import Happening, Kind
from forkant_threat_watch.domain.signals import Signal
from forkant_threat_watch.domain.threat import Decision, Threat, Verification
from forkant_threat_watch.domain.watch import Watch
from forkant_threat_watch.domain.words import Factor, Lane, Level, Outcome, Source, State

#: The review that a fallback nobody has started asks for, and the key of its deadline.
FALLBACK_WAITS = "fallback-waits"
EFFECT_TIME = "effect-time-missing"
#: What was done about a threat in these states has an effect, and it is over only once somebody has seen that.
ACTED = frozenset({State.IN_DIALOGUE, State.UNDER_MEASURES, State.VERIFYING})


def opened(watch: Watch, threat_id: str) -> Threat:
    """The threat, open. Raises NotFound, or Conflict when it is closed."""
    threat = watch.threats.get(threat_id)
    if threat is None:
        raise NotFound("There is no such threat.")
    if not threat.open:
        raise Conflict("The threat is closed.", remedy="Open threats can be changed; a closed one is read only.")
    return threat


def is_target(threat: Threat, actor_id: str | None, watch: Watch) -> bool:
    """Whether this person is one the threat is aimed at, or family of one: then the answer is not theirs to lead."""
    return actor_id is not None and actor_id in excluded(threat, watch.links)


def decide(
    watch: Watch, threat_id: str, level: Level, by: str, reason: str, expires_at: datetime, now: datetime
) -> list[Said]:
    """A named officer sets the level, until it expires. The automatic level is still worked out and shown beside it."""
    threat = opened(watch, threat_id)
    if not reason.strip():
        raise Invalid("A decision needs a reason.", field="reason", remedy="Write why.")
    longest = watch.policy.decisions.longest
    if not now < expires_at <= now + longest:
        raise Invalid(
            "The decision must expire in the future, and not too late.",
            field="expires_at",
            remedy=f"Choose a time within {longest.days} days.",
        )
    moment = watch.moment(now)
    curve = watch.curve(threat_id, moment.t)
    reading = curve.at(moment.t)
    would_be = automatic(reading.index, (reading.origins, reading.factors), watch.policy.levels)
    before = threat.decision
    floor = threat.level if before is None else min(before.floor, before.level)
    decision = Decision(
        id=moment.new_id("decision"),
        level=level,
        by=by,
        reason=reason,
        decided_at=now,
        expires_at=expires_at,
        index=reading.index,
        lowers=level < max(threat.level, would_be),
        floor=floor,
    )
    said: list[Said] = [] if before is None else [DecisionEnded(before.id, threat_id, now, "REPLACED")]
    rose = [Happening(Kind.LEVEL_ROSE, f"decision:{decision.id}", level=level)] if level > threat.level else []
    watch.keep(
        replace(
            threat,
            level=level,
            decision=decision,
            decision_asked=False,
            rising_asked=False,
            below_since=None,
            lowering_asked=False,
            next_review_at=None,
            reviews=tuple(r for r in threat.reviews if r.cause not in ("lowering-proposed", "decision-expires")),
        )
    )
    return said + watch.assess(threat_id, rose, now, cause="DECISION")


def feedback(watch: Watch, threat_id: str, outcome: Outcome, by: str, now: datetime, *, feedback_id: str) -> list[Said]:
    """An officer tells of the effect. It answers an open verification; no effect, or worse, asks for the fallback."""
    threat = opened(watch, threat_id)
    policy = watch.policy.feedback
    verification = threat.verification
    threat = replace(threat, outcome=outcome, verification=None)
    # What has had its effect needs no fallback; what has had none keeps the one that waits.
    watch.keep(threat if outcome in policy.falls_back else without_fallback(threat))
    said: list[Said] = []
    happenings: list[Happening] = []
    if outcome in policy.falls_back:
        happenings.append(Happening(Kind.EFFECT_MISSING, f"feedback:{feedback_id}"))
    strength = policy.strengths.get(outcome)
    if strength is not None:
        signal = Signal(
            id=feedback_id,
            report=feedback_id,
            factor=Factor.BUFFER,
            strength=strength,
            grade=Quality(policy.quality, policy.quality),
            quality=policy.quality,
            origin=policy.origin,
            observed_at=now,
            source=Source.FEEDBACK,
            weighed_by=watch.policy.version,
        )
        return [*said, *watch.give(threat_id, signal, now, happenings).said]
    said += watch.assess(threat_id, happenings, now, cause="FEEDBACK")
    if verification is not None and happenings:
        said = [replace(s, text=verification.fallback) if isinstance(s, FallbackAsked) else s for s in said]
        asked = watch.threats[threat_id]
        if asked.fallback is not None:
            watch.keep(replace(asked, fallback=replace(asked.fallback, text=verification.fallback)))
    return said


def verify(watch: Watch, threat_id: str, due_at: datetime, fallback: str, by: str, now: datetime) -> list[Said]:
    """Set when the effect must be seen, and what is done instead if it is not."""
    threat = to_be_verified(opened(watch, threat_id), due_at, fallback, by, watch.moment(now))
    watch.keep(replace(threat, state=State.VERIFYING))
    return watch.assess(threat_id, (), now, cause="VERIFICATION")


def to_be_verified(threat: Threat, due_at: datetime, fallback: str, by: str, moment: Moment) -> Threat:
    """The threat with a time at which the effect must be seen. A time that has passed is answered, not moved."""
    if due_at <= moment.now:
        raise Invalid("The effect is verified in the future.", field="due_at", remedy="Choose a later time.")
    if not fallback.strip():
        raise Invalid("A verification needs a fallback.", field="fallback", remedy="Say what is done if nothing shows.")
    if threat.verification is not None and threat.verification.missed:
        raise Conflict(
            "The time to see the effect has passed.",
            field="verification",
            remedy="Tell what the effect was, or let a leader start the fallback.",
        )
    verification = Verification(moment.new_id("verification"), due_at, fallback, by)
    return replace(clocks.settle(threat, EFFECT_TIME), verification=verification, outcome=None)


def without_fallback(threat: Threat) -> Threat:
    """The threat with no fallback waiting."""
    reviews = tuple(review for review in threat.reviews if review.cause != FALLBACK_WAITS)
    return replace(clocks.without(threat, FALLBACK_WAITS), fallback=None, reviews=reviews)


def accept(watch: Watch, threat_id: str, page_ids: Sequence[str], by: str) -> None:
    """Somebody has answered these pages."""
    threat = watch.threats[threat_id]
    watch.keep(
        replace(threat, pages=tuple(replace(p, accepted_by=by) if p.id in page_ids else p for p in threat.pages))
    )


def close_pages(watch: Watch, threat_id: str, page_ids: Sequence[str]) -> None:
    """These pages are over; the next firing rings again."""
    threat = watch.threats[threat_id]
    watch.keep(replace(threat, pages=tuple(page for page in threat.pages if page.id not in page_ids)))


def judge(watch: Watch, threat_id: str, lane: Lane, statement_id: str, now: datetime) -> list[Said]:
    """An officer says that this must be heard, in the lane the officer chooses."""
    opened(watch, threat_id)
    happening = Happening(Kind.OFFICER_SAYS, f"officer:{statement_id}", lane=lane)
    return watch.assess(threat_id, (happening,), now, cause="OFFICER")


def promise_broken(watch: Watch, threat_id: str, promise_id: str, now: datetime) -> list[Said]:
    """What was promised under this threat was not kept."""
    if not watch.threats[threat_id].open:
        return []
    return watch.assess(threat_id, (Happening(Kind.PROMISE_BROKEN, f"promise:{promise_id}"),), now, cause="PROMISE")


def reviewed(watch: Watch, threat_id: str, review_id: str, now: datetime) -> list[Said]:
    """A person has looked, and let the level stand. The next review is set from now."""
    threat = watch.threats[threat_id]
    if all(review.id != review_id for review in threat.reviews):
        raise NotFound("The threat has no such open review.")
    kept = tuple(review for review in threat.reviews if review.id != review_id)
    watch.keep(replace(threat, reviews=kept))
    return watch.assess(threat_id, (), now, cause="REVIEWED")


def close(
    watch: Watch, threat_id: str, by: str, reason: str, now: datetime, *, running: Collection[str] = ()
) -> list[Said]:
    """A named person closes the threat. Not while the effect of what was done is still to be seen, or a measure that
    does not outlive the threat is `running`."""
    threat = opened(watch, threat_id)
    if not reason.strip():
        raise Invalid("Closing needs a reason.", field="reason", remedy="Write why.")
    if threat.verification is not None:
        raise Conflict(
            "The effect is still to be verified.", field="verification", remedy="Answer the verification first."
        )
    if threat.fallback is not None:
        raise Conflict("The fallback waits for a leader.", field="fallback", remedy="Start it, or say why not.")
    if threat.state in ACTED and (threat.outcome is None or threat.outcome in watch.policy.feedback.falls_back):
        raise Conflict(
            "No effect has been seen of what was done.", field="outcome", remedy="Tell what the effect was first."
        )
    if running:
        raise Conflict("Measures are still running.", field="measures", remedy="End them first, each with a reason.")
    said: list[Said] = []
    if threat.clearance is not None:
        said.append(ClearanceEnded(threat.clearance.id, threat_id, now, "CLOSED"))
    said.append(Closed(threat_id, now, by, tuple(page.id for page in threat.pages)))
    watch.keep(replace(over(threat), state=State.CLOSED))
    return said


def over(threat: Threat) -> Threat:
    """The threat with nothing left that would be asked or told about it."""
    return replace(
        threat, pages=(), reviews=(), due_at=None, next_review_at=None, clearance=None, deadlines=(), fallback=None
    )
