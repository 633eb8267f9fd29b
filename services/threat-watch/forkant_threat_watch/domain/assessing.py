"""One threat, one moment: measure it, move its level, and let the rules speak.

Rising applies at once. Time asks and people lower: a falling index opens a review, and the level stays where it is
until a named officer decides. The same function serves a new report, a due timer and a replay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from forkant_threat_watch.domain import clocks
from forkant_threat_watch.domain.index import Curve, Reading
from forkant_threat_watch.domain.levels import automatic, by_index, eased, first_change
from forkant_threat_watch.domain.moment import Moment
from forkant_threat_watch.domain.outcomes import Assessed, DecisionEnded, ReviewOverdue, Said
from forkant_threat_watch.domain.paging import act_on, ask_review
from forkant_threat_watch.domain.policy import LevelPolicy
from forkant_threat_watch.domain.rules import Happening, Kind
from forkant_threat_watch.domain.threat import Threat, changed
from forkant_threat_watch.domain.words import Level, State


def assess(
    threat: Threat, curve: Curve, happenings: Sequence[Happening], moment: Moment, *, cause: str
) -> tuple[Threat, list[Said]]:
    """Everything that follows for this threat now. `cause` is what made us look: EVIDENCE, DUE, DECISION, FEEDBACK…

    An assessment is said whenever something was put before us; a timer that changes nothing says nothing.
    """
    before = threat
    reading = curve.at(moment.t)
    supporters = (reading.origins, reading.factors)
    now_automatic = automatic(reading.index, supporters, moment.policy.levels)
    state = State.ASSESSED if threat.state is State.OPEN else threat.state
    by = moment.policy.version
    threat = changed(threat, index=reading.index, automatic=now_automatic, state=state, assessed_by=by)
    threat, said, happened = _settle(threat, reading, moment, evidence=cause == "EVIDENCE")
    threat, asked = _watch_the_fall(threat, eased(reading.index, supporters, moment.policy.levels), moment)
    said += asked
    threat, asked = _reviews(threat, moment, level_changed=threat.level is not before.level)
    said += asked
    threat, asked = clocks.run(threat, moment)
    said += asked
    threat, missing = _effect_missing(threat, moment)
    happened = [*happenings, *happened, *missing, *_near_days(threat, moment)]
    threat, acted = act_on(threat, happened, moment)
    said += acted
    if said or cause != "DUE":
        gate = _gate(reading, now_automatic, moment.policy.levels)
        said.insert(0, Assessed(threat.id, moment.now, threat.level, now_automatic, reading, gate, cause))
    early = _still_early_enough(threat, before, curve, moment)
    crossing_at = before.crossing_at if early else crossing(threat, curve, moment)
    return changed(threat, crossing_at=crossing_at, due_at=next_due(threat, crossing_at, moment)), said


def _still_early_enough(threat: Threat, before: Threat, curve: Curve, moment: Moment) -> bool:
    """Whether the moment at which we meant to look again is still no later than it must be.

    Where the index can only fall, one more signal moves a fall to later, so that the old moment will do; looking then
    finds nothing and finds the new moment.
    """
    return (
        before.crossing_at is not None
        and before.crossing_at > moment.now
        and before.assessed_by == moment.policy.version
        and threat.level is before.level
        and threat.below_since is None
        and threat.decision is before.decision
        and curve.only_falls(moment.t)
    )


def _gate(reading: Reading, given: Level, levels: LevelPolicy) -> str | None:
    """Why the automatic level is lower than the index alone would make it."""
    if by_index(reading.index, levels) is given:
        return None
    return "ONE_ORIGIN" if reading.origins < levels.min_origins else "ONE_FACTOR"


def _settle(
    threat: Threat, reading: Reading, moment: Moment, *, evidence: bool
) -> tuple[Threat, list[Said], list[Happening]]:
    """Move the level as far as it may move without a person: up, or to what applies when a decision has run out."""
    decision = threat.decision
    if decision is None:
        return _risen(threat, threat.automatic, moment, [])
    if moment.now >= decision.expires_at:
        # Old age lowers nothing: below what a person has let go of, the automatic level does not take it.
        applies = max(threat.automatic, min(decision.floor, decision.level))
        ended = DecisionEnded(decision.id, threat.id, moment.now, "EXPIRED")
        rises = applies > threat.level
        level = min(applies, threat.level)
        threat = replace(threat, decision=None, decision_asked=False, rising_asked=False, level=level)
        happened = [Happening(Kind.DECISION_EXPIRED, f"decision:{decision.id}")]
        threat, said, rose = _risen(threat, applies, moment, []) if rises else (threat, [], [])
        return threat, [ended, *said], happened + rose
    passed = reading.index >= decision.index + moment.policy.levels.overtaken_by
    if threat.automatic > decision.level and (passed or not decision.lowers):
        if not evidence:
            return _ask_once_about_rising(threat, moment)
        ended = DecisionEnded(decision.id, threat.id, moment.now, "OVERTAKEN")
        threat = replace(threat, decision=None, decision_asked=False, rising_asked=False)
        overtaken = [Happening(Kind.LOWERING_OVERTAKEN, f"decision:{decision.id}")] if decision.lowers else []
        return _risen(threat, threat.automatic, moment, [ended], overtaken)
    return threat, [], []


def _risen(
    threat: Threat, to: Level, moment: Moment, said: list[Said], happened: Sequence[Happening] = ()
) -> tuple[Threat, list[Said], list[Happening]]:
    if to <= threat.level:
        return threat, said, list(happened)
    rose = Happening(Kind.LEVEL_ROSE, f"level:{to.name}:{moment.now.isoformat()}", level=to)
    return replace(threat, level=to), said, [*happened, rose]


def _ask_once_about_rising(threat: Threat, moment: Moment) -> tuple[Threat, list[Said], list[Happening]]:
    """Time alone does not overrule a person, not upwards either: it asks."""
    if threat.rising_asked:
        return threat, [], []
    threat, asked = ask_review(threat, "index-rising", moment, moment.policy.reviews.answer_within, proposing=True)
    return replace(threat, rising_asked=True), asked, []


def _watch_the_fall(threat: Threat, lowest: Level, moment: Moment) -> tuple[Threat, list[Said]]:
    if lowest >= threat.level:
        if threat.below_since is None and not threat.lowering_asked:
            return threat, []
        return replace(threat, below_since=None, lowering_asked=False), []
    if threat.below_since is None:
        threat = replace(threat, below_since=moment.now)
    below_since = threat.below_since or moment.now
    if threat.lowering_asked or moment.now < below_since + moment.policy.levels.hysteresis_for:
        return threat, []
    threat = replace(threat, lowering_asked=True)
    return ask_review(threat, "lowering-proposed", moment, moment.policy.reviews.answer_within, proposing=True)


def _reviews(threat: Threat, moment: Moment, *, level_changed: bool) -> tuple[Threat, list[Said]]:
    """Open the reviews whose time has come, and mark those that nobody answered."""
    said: list[Said] = []
    now, policy = moment.now, moment.policy
    late = [review for review in threat.reviews if not review.overdue and now >= review.due_at]
    if late:
        marked = tuple(replace(r, overdue=True) if r in late else r for r in threat.reviews)
        threat = replace(threat, reviews=marked)
        said += [ReviewOverdue(review.id, threat.id, now, review.cause) for review in late]
    if threat.next_review_at is not None and now >= threat.next_review_at:
        within = policy.reviews.cadence[threat.level].answer_within
        threat, asked = ask_review(replace(threat, next_review_at=None), "scheduled", moment, within)
        said += asked
    elif level_changed or threat.next_review_at is None:
        next_review_at = _next_review(threat, moment)
        if next_review_at != threat.next_review_at:
            threat = replace(threat, next_review_at=next_review_at)
    decision = threat.decision
    if decision and not threat.decision_asked and now >= decision.expires_at - policy.decisions.ask_before:
        threat, asked = ask_review(
            replace(threat, decision_asked=True), "decision-expires", moment, policy.decisions.ask_before
        )
        said += asked
    return threat, said


def _next_review(threat: Threat, moment: Moment) -> datetime | None:
    """When the level is looked at again; None while the last such review is unanswered."""
    if any(review.cause == "scheduled" for review in threat.reviews):
        return None
    cadence = moment.policy.reviews.cadence[threat.level]
    if cadence.every is not None:
        return moment.now + cadence.every
    local = moment.now.astimezone(moment.policy.timezone)
    today = [local.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0) for at in cadence.at]
    slots = [*today, *((slot + timedelta(days=1)) for slot in today)]
    # Wall-clock hours may be skipped or doubled when summer time changes; compared in UTC, later is later.
    return min(utc for slot in slots if (utc := slot.astimezone(moment.now.tzinfo)) > moment.now)


def _near_days(threat: Threat, moment: Moment) -> list[Happening]:
    """The days that matter which lie close ahead, to the end of the day; the rule fires once for each."""
    return [
        Happening(Kind.CALENDAR_NEAR, signal.origin, level=threat.level)
        for signal in threat.days
        if signal.event_at and -timedelta(days=1) <= signal.event_at - moment.now <= moment.book.day_near
    ]


def _effect_missing(threat: Threat, moment: Moment) -> tuple[Threat, list[Happening]]:
    """Whether the time to verify the effect has passed without a word; the verification stays open."""
    verification = threat.verification
    if verification is None or verification.missed or moment.now < verification.due_at:
        return threat, []
    threat = replace(threat, verification=replace(verification, missed=True))
    return threat, [Happening(Kind.EFFECT_MISSING, f"verification:{verification.id}")]


def next_due(threat: Threat, crossing_at: datetime | None, moment: Moment) -> datetime | None:
    """When time alone next has something to say about this threat; None when it is closed."""
    if not threat.open:
        return None
    policy, now = moment.policy, moment.now
    dues: list[datetime | None] = [threat.next_review_at, crossing_at, *clocks.dues(threat)]
    dues += [review.due_at for review in threat.reviews if not review.overdue]
    if threat.below_since is not None and not threat.lowering_asked:
        dues.append(threat.below_since + policy.levels.hysteresis_for)
    if threat.decision is not None:
        dues.append(threat.decision.expires_at)
        if not threat.decision_asked:
            dues.append(threat.decision.expires_at - policy.decisions.ask_before)
    if threat.verification is not None and not threat.verification.missed:
        dues.append(threat.verification.due_at)
    near = moment.book.day_near
    dues += [day for signal in threat.days if signal.event_at and (day := signal.event_at - near) > now]
    return min((due for due in dues if due is not None), default=None)


def crossing(threat: Threat, curve: Curve, moment: Moment) -> datetime | None:
    """When to look again because of time alone: the level may rise, a fall may begin or end. None where it will not."""
    decision, level, overtaken_by = threat.decision, threat.level, moment.policy.levels.overtaken_by

    def see(index: float, supporters: tuple[int, int], policy: LevelPolicy) -> tuple[bool, bool, bool]:
        passed = decision is not None and index >= decision.index + overtaken_by
        return automatic(index, supporters, policy) > level, eased(index, supporters, policy) < level, passed

    if curve.only_falls(moment.t) and (level is Level.LOW or threat.below_since is not None):
        return None
    at = first_change(curve, moment.policy, moment.t, moment.t + moment.policy.index.horizon_seconds, see)
    return None if at is None else moment.now + timedelta(seconds=at - moment.t)
