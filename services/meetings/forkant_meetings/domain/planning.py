"""Planning a meeting, planning it anew, and logging a contact that nobody could plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from forkant_meetings.domain import checks
from forkant_meetings.domain.meeting import OPEN, CheckCode, Held, Meeting, Plan, State
from forkant_meetings.domain.policy import Level
from forkant_shared.errors import Invalid
from forkant_shared.events.meetings import MeetingHeld, MeetingPlanned


def draft(wish: Meeting) -> Meeting:
    """Begin to plan; nothing needs to be settled yet. Raises Invalid for a plan that contradicts itself."""
    _plausible(wish.plan)
    return replace(wish, state=State.DRAFT, version=1)


def revise(meeting: Meeting, plan: Plan, now: datetime) -> Meeting:
    """Plan anew. A confirmed meeting is planned again afterwards, and must be confirmed again. The lead time of a
    planned meeting counts from when its time was last changed."""
    meeting.needs(*OPEN)
    _plausible(plan)
    if meeting.state is State.DRAFT:
        return replace(meeting, plan=plan, version=meeting.version + 1)
    _has_time_and_place(plan)
    moved = plan.starts_at != meeting.plan.starts_at
    if moved:
        _lies_ahead(plan, now)
    return replace(
        meeting,
        plan=plan,
        state=State.PLANNED,
        planned_at=now if moved else meeting.planned_at,
        confirmation=None,
        withdrawn=None,
        version=meeting.version + 1,
    )


def plan(meeting: Meeting, now: datetime) -> tuple[Meeting, tuple[MeetingPlanned, ...]]:
    """Say that the meeting has its time, place and people. Raises Invalid for what is missing."""
    meeting.needs(State.DRAFT)
    _has_time_and_place(meeting.plan)
    _lies_ahead(meeting.plan, now)
    planned = replace(meeting, state=State.PLANNED, planned_at=now, version=meeting.version + 1)
    return planned, (MeetingPlanned(**planned.told),)


def log_contact(
    wish: Meeting, held_at: datetime, decided_by: str, now: datetime
) -> tuple[Meeting, tuple[MeetingHeld, ...]]:
    """Log an operational contact or a meeting at short notice afterwards, straight to HELD, with who decided it."""
    if wish.plan.level is not Level.OPERATIONAL:
        raise Invalid(
            "Only an operational contact can be logged afterwards.",
            field="level",
            remedy="Plan and confirm strategic and tactical meetings.",
        )
    if wish.plan.threat_id is not None:
        raise Invalid(
            "A threat dialogue is confirmed before it is held.",
            field="threat_id",
            remedy="Plan it as a meeting; report what was said about a threat to threat-watch.",
        )
    for text, name, remedy in (
        (wish.plan.purpose, "purpose", "Write what the contact was for."),
        (decided_by, "decided_by", "Say who decided that the contact took place."),
    ):
        if not text.strip():
            raise Invalid("A contact is logged with its purpose and who decided it.", field=name, remedy=remedy)
    if not wish.plan.representatives:
        raise Invalid(
            "Nobody of the police is named.", field="representatives", remedy="Name who of the police was there."
        )
    if wish.plan.counterpart_count < 1:
        raise Invalid(
            "Nobody of the other side is counted.", field="counterpart_count", remedy="Say how many they were."
        )
    _declared(wish.plan)
    _plausible(wish.plan)
    has_happened(held_at, now)
    logged = replace(wish, state=State.HELD, held=Held(held_at, wish.created_by, decided_by.strip()), version=1)
    return logged, (MeetingHeld(**logged.told),)


def _plausible(plan: Plan) -> None:
    subjects = [one.subject for one in plan.representatives]
    if len(set(subjects)) != len(subjects):
        raise Invalid(
            "The same representative is named twice.",
            field="representatives",
            remedy="Two representatives are two officers.",
        )
    if len(set(plan.counterparts)) != len(plan.counterparts):
        raise Invalid(
            "A person of the other side is named twice.", field="counterparts", remedy="Name each person once."
        )
    if plan.counterpart_count < len(plan.counterparts):
        raise Invalid(
            "More persons are named than are expected.",
            field="counterpart_count",
            remedy="Count everybody of the other side, named or not.",
        )


def _has_time_and_place(plan: Plan) -> None:
    if plan.starts_at is None:
        raise Invalid("The meeting has no time.", field="starts_at", remedy="Choose when it starts.")
    if not plan.place.strip():
        raise Invalid("The meeting has no place.", field="place", remedy="Choose where it is.")


def _lies_ahead(plan: Plan, now: datetime) -> None:
    if plan.starts_at is not None and plan.starts_at <= now:
        raise Invalid(
            "A meeting is planned for a time to come.",
            field="starts_at",
            remedy="Choose a later time; log an operational contact that has taken place as held.",
        )


def _declared(plan: Plan) -> None:
    if not plan.not_recruitment:
        raise Invalid(
            "Dialogue is not used for recruiting informants.",
            field="not_recruitment",
            remedy=checks.REMEDIES[CheckCode.NOT_RECRUITMENT],
        )


def has_happened(held_at: datetime, now: datetime) -> None:
    """Raises Invalid for a time that lies ahead."""
    if held_at > now:
        raise Invalid(
            "A meeting that lies ahead has not been held.", field="held_at", remedy="Give when it took place."
        )
