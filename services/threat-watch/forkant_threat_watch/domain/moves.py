"""A threat moves on in its life: each state has what it stands on, and a named person moves it there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from forkant_shared.errors import Conflict, Invalid
from forkant_threat_watch.domain.life import ACTED, EFFECT_TIME, opened, to_be_verified, without_fallback
from forkant_threat_watch.domain.outcomes import Said
from forkant_threat_watch.domain.paging import ask_review
from forkant_threat_watch.domain.watch import Watch
from forkant_threat_watch.domain.words import State

MOVES: dict[State, frozenset[State]] = {
    State.OPEN: frozenset({State.IN_DIALOGUE, State.UNDER_MEASURES, State.VERIFYING}),
    State.ASSESSED: frozenset({State.IN_DIALOGUE, State.UNDER_MEASURES, State.VERIFYING}),
    State.ESCALATED: frozenset({State.ASSESSED, State.IN_DIALOGUE, State.UNDER_MEASURES, State.VERIFYING}),
    State.IN_DIALOGUE: frozenset({State.UNDER_MEASURES, State.VERIFYING}),
    State.UNDER_MEASURES: frozenset({State.IN_DIALOGUE, State.VERIFYING}),
    State.VERIFYING: frozenset({State.IN_DIALOGUE, State.UNDER_MEASURES}),
}


#: Where a threat stands before anybody has acted on it: a dialogue that is held takes it from there.
UNTOUCHED = frozenset({State.OPEN, State.ASSESSED, State.ESCALATED})


@dataclass(frozen=True, slots=True)
class Verify:
    """When the effect of what begins now must be seen, and what is done instead if it is not."""

    due_at: datetime
    fallback: str


def move(
    watch: Watch,
    threat_id: str,
    state: State,
    by: str,
    now: datetime,
    *,
    measures: int = 0,
    verify: Verify | None = None,
) -> list[Said]:
    """A named person moves the threat on. `measures` is how many are not ended.

    A dialogue stands on a clearance, being under measures on a measure, and all that acts on a time at which its effect
    must be seen: the one that is set, or `verify`.
    """
    threat = opened(watch, threat_id)
    if state not in MOVES[threat.state]:
        allowed = ", ".join(sorted(MOVES[threat.state]))
        raise Conflict("The threat cannot move there from where it is.", field="state", remedy=f"Use one of {allowed}.")
    if state is State.IN_DIALOGUE and (threat.clearance is None or now >= threat.clearance.valid_until):
        raise Conflict(
            "No dialogue about the threat is cleared.",
            field="clearance",
            remedy="Get the two signatures of the disclosure plan first.",
        )
    if state is State.UNDER_MEASURES and not measures:
        raise Conflict("The threat has no measure.", field="measures", remedy="Start a measure first.")
    if verify is not None:
        threat = to_be_verified(threat, verify.due_at, verify.fallback, by, watch.moment(now))
    if state in ACTED and threat.verification is None:
        raise Invalid(
            "What is done about a threat has a time at which its effect must be seen.",
            field="due_at",
            remedy="Send when the effect must be seen, and the fallback.",
        )
    if threat.verification is not None and threat.verification.missed:
        raise Conflict(
            "The time to see the effect has passed.",
            field="verification",
            remedy="Tell what the effect was, or let a leader start the fallback.",
        )
    watch.keep(replace(threat, state=state))
    return watch.due(threat_id, now)


def dialogue_held(watch: Watch, threat_id: str, now: datetime, within: timedelta) -> list[Said]:
    """A meeting about the threat was held: it is in dialogue from now on, unless more than that is under way.

    What has happened is never refused. Where nobody has said when the effect must be seen, a person is asked to say so
    `within` some time. A threat that is over stays as it is.
    """
    threat = watch.threats[threat_id]
    if not threat.open:
        return []
    if threat.state in UNTOUCHED:
        threat = replace(threat, state=State.IN_DIALOGUE)
    asked: list[Said] = []
    if threat.verification is None:
        threat, asked = ask_review(threat, EFFECT_TIME, watch.moment(now), within)
    watch.keep(threat)
    return [*asked, *watch.due(threat_id, now)]


def start_fallback(watch: Watch, threat_id: str, by: str, now: datetime, verify: Verify) -> list[Said]:
    """A leader starts what waits instead of what failed, and says when its effect must be seen."""
    threat = opened(watch, threat_id)
    if threat.fallback is None:
        raise Conflict("No fallback waits.", field="fallback", remedy="Read the threat again.")
    # The time that passed is answered by this: what was done had no effect.
    threat = replace(without_fallback(threat), verification=None)
    threat = to_be_verified(threat, verify.due_at, verify.fallback, by, watch.moment(now))
    watch.keep(replace(threat, state=State.UNDER_MEASURES))
    return watch.due(threat_id, now)


def decline_fallback(watch: Watch, threat_id: str, now: datetime) -> list[Said]:
    """A leader says that what waits is not started. A time that has passed is still to be answered."""
    threat = opened(watch, threat_id)
    if threat.fallback is None:
        raise Conflict("No fallback waits.", field="fallback", remedy="Read the threat again.")
    watch.keep(without_fallback(threat))
    return watch.due(threat_id, now)
