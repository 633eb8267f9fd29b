"""Meetings and minutes as they are answered."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from forkant_meetings.commands.reading import MeetingView as Found
from forkant_meetings.domain.checks import Check
from forkant_meetings.domain.meeting import CheckCode, Initiative, Meeting, Outcome, State
from forkant_meetings.domain.minutes import Minutes
from forkant_meetings.domain.policy import Level


class RepresentativeView(BaseModel):
    """An officer who represents the police."""

    subject: str
    name: str
    experienced_leader: bool


class ThirdPartyView(BaseModel):
    """Somebody else at the table."""

    role: str
    name: str


class DeconflictionView(BaseModel):
    """What the other units answered."""

    outcome: Outcome
    because: str


class OverrideView(BaseModel):
    """A check that somebody let pass."""

    check: CheckCode
    reason: str
    by: str
    at: datetime


class CheckView(BaseModel):
    """One check; one that is not overridable passes or the meeting is not confirmed."""

    check: CheckCode
    passed: bool
    overridable: bool
    remedy: str


class OverrideCount(BaseModel):
    """How often a check was let pass."""

    check: CheckCode
    count: int


class HeldView(BaseModel):
    """That it took place."""

    at: datetime
    recorded_by: str
    decided_by: str
    deviations: list[CheckCode]


class ConfirmationView(BaseModel):
    """Who confirmed it, under which version of the policy."""

    by: str
    at: datetime
    policy_version: str


class EndingView(BaseModel):
    """Why it ended early."""

    reason: str
    by: str
    at: datetime


class MeetingView(BaseModel):
    """A meeting; its minutes are read apart."""

    id: str
    dialogue_id: str
    state: State
    level: Level
    initiative: Initiative
    purpose: str
    not_recruitment: bool
    starts_at: datetime | None
    place: str
    neutral_place: bool
    representatives: list[RepresentativeView]
    counterparts: list[str]
    counterpart_count: int
    third_parties: list[ThirdPartyView]
    deconfliction: DeconflictionView | None
    threat_id: str | None
    verification_at: datetime | None
    fallback: str
    conflict_id: str | None
    created_by: str
    created_at: datetime
    planned_at: datetime | None
    overrides: list[OverrideView]
    confirmation: ConfirmationView | None
    withdrawn: CheckCode | None
    held: HeldView | None
    ending: EndingView | None
    version: int


class MeetingAnswer(MeetingView):
    """A meeting and how it stands against its checks."""

    checks: list[CheckView]


class MeetingPage(BaseModel):
    """Some meetings; `next` asks for more."""

    items: list[MeetingView]
    next: str | None


class ClimateView(BaseModel):
    """The climate from -2 to 2, as we felt it and as they said it."""

    ours: int | None
    theirs: int | None


class CorrectionView(BaseModel):
    """What was added to minutes."""

    number: int
    text: str
    by: str
    at: datetime
    approved_by: str | None
    approved_at: datetime | None
    climate: ClimateView | None


class MinutesView(BaseModel):
    """Minutes as written, with what was added. `climate` is the one that holds after approved corrections."""

    text: str
    author: str
    written_at: datetime
    approve_by: datetime
    approved_by: str | None
    approved_at: datetime | None
    climate_ours: int | None
    climate_theirs: int | None
    climate: ClimateView
    corrections: list[CorrectionView]


def meeting(found: Meeting) -> MeetingView:
    """The answer for a meeting in a list."""
    return MeetingView.model_validate(_fields(found))


def whole_meeting(found: Found) -> MeetingAnswer:
    """The answer for one meeting."""
    return MeetingAnswer.model_validate({**_fields(found.meeting), "checks": [check(one) for one in found.checks]})


def check(found: Check) -> CheckView:
    """The answer for a check."""
    return CheckView(check=found.code, passed=found.passed, overridable=found.overridable, remedy=found.remedy)


def minutes(found: Minutes) -> MinutesView:
    """The answer for minutes."""
    return MinutesView(
        text=found.text,
        author=found.author,
        written_at=found.written_at,
        approve_by=found.approve_by,
        approved_by=found.approval.by if found.approval else None,
        approved_at=found.approval.at if found.approval else None,
        climate_ours=found.climate.ours,
        climate_theirs=found.climate.theirs,
        climate=ClimateView(ours=found.felt[1].ours, theirs=found.felt[1].theirs),
        corrections=[
            CorrectionView(
                number=one.number,
                text=one.text,
                by=one.by,
                at=one.at,
                approved_by=one.approval.by if one.approval else None,
                approved_at=one.approval.at if one.approval else None,
                climate=ClimateView(ours=one.climate.ours, theirs=one.climate.theirs) if one.climate else None,
            )
            for one in found.corrections
        ],
    )


def _fields(found: Meeting) -> dict[str, object]:
    plan = found.plan
    names: tuple[str, ...] = (
        "level",
        "initiative",
        "purpose",
        "not_recruitment",
        "starts_at",
        "place",
        "neutral_place",
    )
    names += ("counterpart_count", "threat_id", "verification_at", "fallback", "conflict_id")
    own = ("id", "dialogue_id", "state", "created_by", "created_at", "planned_at", "withdrawn", "version")
    return {
        **{name: getattr(plan, name) for name in names},
        **{name: getattr(found, name) for name in own},
        "representatives": [
            RepresentativeView(subject=one.subject, name=one.name, experienced_leader=one.experienced_leader)
            for one in plan.representatives
        ],
        "counterparts": list(plan.counterparts),
        "third_parties": [ThirdPartyView(role=one.role, name=one.name) for one in plan.third_parties],
        "deconfliction": _deconfliction(found),
        "overrides": [
            OverrideView(check=one.check, reason=one.reason, by=one.by, at=one.at) for one in found.overrides
        ],
        "confirmation": _confirmation(found),
        "held": _held(found),
        "ending": _ending(found),
    }


def _deconfliction(found: Meeting) -> DeconflictionView | None:
    answer = found.plan.deconfliction
    return None if answer is None else DeconflictionView(outcome=answer.outcome, because=answer.because)


def _confirmation(found: Meeting) -> ConfirmationView | None:
    given = found.confirmation
    return None if given is None else ConfirmationView(by=given.by, at=given.at, policy_version=given.policy_version)


def _held(found: Meeting) -> HeldView | None:
    held = found.held
    if held is None:
        return None
    deviations = list(held.deviations)
    return HeldView(at=held.at, recorded_by=held.recorded_by, decided_by=held.decided_by, deviations=deviations)


def _ending(found: Meeting) -> EndingView | None:
    ending = found.ending
    return None if ending is None else EndingView(reason=ending.reason, by=ending.by, at=ending.at)
