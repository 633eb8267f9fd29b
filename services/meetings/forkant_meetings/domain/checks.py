"""What is looked at before a meeting is confirmed, and what nobody can let pass."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from forkant_meetings.domain.meeting import CheckCode, Meeting, Outcome, Plan
from forkant_meetings.domain.people import Circumstances
from forkant_meetings.domain.policy import LevelRules, Policy

#: The target of a threat in its dialogue, a contact used for recruiting informants, a threat dialogue that is not
#: cleared: no reason is good enough.
WITHOUT_OVERRIDE = frozenset({CheckCode.NOT_A_TARGET, CheckCode.NOT_RECRUITMENT, CheckCode.DIALOGUE_CLEARED})

REMEDIES: dict[CheckCode, str] = {
    CheckCode.POLICE_REPRESENTATIVES: "Name one more police representative.",
    CheckCode.COUNTERPART_NUMBER: "Agree on how many of the other side take part.",
    CheckCode.NEUTRAL_PLACE: "Choose a neutral place.",
    CheckCode.PURPOSE: "Write what the meeting is for.",
    CheckCode.NOT_RECRUITMENT: "Declare that the contact is not used for recruiting informants, or do not meet.",
    CheckCode.DECONFLICTION: "Ask the other units and note the answer, or say why they are not asked.",
    CheckCode.LEAD_TIME: "Choose a later time.",
    CheckCode.REPRESENTATIVES_KNOWN: "Let each representative sign in once, so that links to targets are seen.",
    CheckCode.NOT_A_TARGET: "Choose a representative whom the threat is not aimed at.",
    CheckCode.DIALOGUE_CLEARED: "Get the two signatures of the exposure check on the threat.",
    CheckCode.EXPERIENCED_LEADERS: "Let two experienced leaders represent the police.",
    CheckCode.VERIFICATION_TIME: "Say when the effect must be verified, after the meeting.",
    CheckCode.FALLBACK: "Write what is done if the dialogue has no effect.",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One check of one meeting at one moment."""

    code: CheckCode
    passed: bool

    @property
    def overridable(self) -> bool:
        return self.code not in WITHOUT_OVERRIDE

    @property
    def remedy(self) -> str:
        return REMEDIES[self.code]


def run(meeting: Meeting, policy: Policy, around: Circumstances, now: datetime) -> tuple[Check, ...]:
    """Every check that this meeting's level, and its threat if it has one, asks for. `now` matters only to a meeting
    that is confirmed after it began: then the lead time was not kept."""
    plan = meeting.plan
    rules = policy.levels[plan.level]
    found = [
        Check(CheckCode.POLICE_REPRESENTATIVES, len(plan.representatives) >= rules.police),
        Check(CheckCode.COUNTERPART_NUMBER, _number_fits(plan, rules)),
        Check(CheckCode.PURPOSE, bool(plan.purpose.strip())),
        Check(CheckCode.NOT_RECRUITMENT, plan.not_recruitment),
        Check(CheckCode.DECONFLICTION, _deconflicted(plan)),
        Check(CheckCode.LEAD_TIME, _early_enough(meeting, rules, now)),
    ]
    if rules.neutral_place:
        found.append(Check(CheckCode.NEUTRAL_PLACE, plan.neutral_place and bool(plan.place.strip())))
    if plan.threat_id is not None:
        found += _threat_checks(plan, policy, around)
    return tuple(found)


def standing_at(plan: Plan, around: Circumstances, moment: datetime) -> tuple[CheckCode, ...]:
    """The checks without override that a threat dialogue fails at this moment; nothing for other meetings."""
    if plan.threat_id is None:
        return ()
    failing = []
    if any(around.is_target(one.subject) for one in plan.representatives):
        failing.append(CheckCode.NOT_A_TARGET)
    if around.threat is None or not around.threat.cleared_at(moment):
        failing.append(CheckCode.DIALOGUE_CLEARED)
    return tuple(failing)


def _threat_checks(plan: Plan, policy: Policy, around: Circumstances) -> list[Check]:
    moment = plan.starts_at
    failing = standing_at(plan, around, moment) if moment else (CheckCode.DIALOGUE_CLEARED,)
    leaders = sum(one.experienced_leader for one in plan.representatives)
    return [
        Check(CheckCode.NOT_A_TARGET, CheckCode.NOT_A_TARGET not in failing),
        Check(CheckCode.DIALOGUE_CLEARED, CheckCode.DIALOGUE_CLEARED not in failing),
        Check(CheckCode.REPRESENTATIVES_KNOWN, all(around.is_known(one.subject) for one in plan.representatives)),
        Check(CheckCode.EXPERIENCED_LEADERS, leaders >= policy.experienced_leaders),
        Check(CheckCode.VERIFICATION_TIME, _verified_after(plan)),
        Check(CheckCode.FALLBACK, bool(plan.fallback.strip())),
    ]


def _number_fits(plan: Plan, rules: LevelRules) -> bool:
    most = rules.counterpart_most
    return plan.counterpart_count >= rules.counterpart_least and (most is None or plan.counterpart_count <= most)


def _deconflicted(plan: Plan) -> bool:
    answer = plan.deconfliction
    if answer is None:
        return False
    if answer.outcome is Outcome.NOT_CHECKED:
        return bool(answer.because.strip())
    return answer.outcome in (Outcome.PROCEED, Outcome.JOINT)


def _early_enough(meeting: Meeting, rules: LevelRules, now: datetime) -> bool:
    starts_at = meeting.plan.starts_at
    if meeting.planned_at is None or starts_at is None or starts_at < now:
        return False
    return starts_at - meeting.planned_at >= rules.lead_time


def _verified_after(plan: Plan) -> bool:
    return plan.verification_at is not None and plan.starts_at is not None and plan.verification_at > plan.starts_at
