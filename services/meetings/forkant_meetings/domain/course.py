"""The course of a planned meeting: confirmed, held, minuted, approved, or ended with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from forkant_meetings.domain import checks, minutes
from forkant_meetings.domain.dialogue import Dialogue
from forkant_meetings.domain.meeting import (
    OPEN,
    CheckCode,
    Confirmation,
    Ending,
    Held,
    Meeting,
    Outcome,
    Override,
    State,
)
from forkant_meetings.domain.minutes import Climate, Minutes
from forkant_meetings.domain.people import Circumstances
from forkant_meetings.domain.planning import has_happened
from forkant_meetings.domain.policy import Policy
from forkant_shared.errors import Conflict, Invalid
from forkant_shared.events.meetings import (
    ClimateCorrected,
    MeetingBrokenOff,
    MeetingCancelled,
    MeetingConfirmed,
    MeetingHeld,
    MinutesApproved,
)


def confirm(
    meeting: Meeting,
    by: str,
    reasons: Mapping[CheckCode, str],
    policy: Policy,
    around: Circumstances,
    now: datetime,
) -> tuple[Meeting, tuple[MeetingConfirmed, ...]]:
    """Say that the meeting will be held.

    `reasons` lets failing checks pass by name; each becomes a record. Raises Conflict for a failing check without a
    reason and for one that no reason lets pass; Invalid for a reason nothing asks for.
    """
    meeting.needs(State.PLANNED)
    failing = {check.code: check for check in checks.run(meeting, policy, around, now) if not check.passed}
    _only_wanted(failing, reasons)
    for code, check in failing.items():
        if not check.overridable or not reasons.get(code, "").strip():
            raise Conflict("A check does not pass.", field=f"checks.{code}", remedy=check.remedy)
    overrides = [Override(code, reasons[code].strip(), by, now) for code in failing]
    answer = meeting.plan.deconfliction
    if answer is not None and answer.outcome is Outcome.NOT_CHECKED and CheckCode.DECONFLICTION not in failing:
        # "Not checked, because" passes, and is counted like every other exception.
        overrides.append(Override(CheckCode.DECONFLICTION, answer.because.strip(), by, now))
    confirmed = replace(
        meeting,
        state=State.CONFIRMED,
        confirmation=Confirmation(by, now, policy.version),
        overrides=(*meeting.overrides, *overrides),
        withdrawn=None,
        version=meeting.version + 1,
    )
    return confirmed, (MeetingConfirmed(**confirmed.told),)


def withdraw_confirmation(meeting: Meeting, around: Circumstances) -> Meeting | None:
    """Take a confirmation back that what we now know of the threat forbids; None where it stands."""
    if meeting.state is not State.CONFIRMED or meeting.plan.starts_at is None:
        return None
    failing = checks.standing_at(meeting.plan, around, meeting.plan.starts_at)
    if not failing:
        return None
    return replace(meeting, state=State.PLANNED, confirmation=None, withdrawn=failing[0], version=meeting.version + 1)


def hold(
    meeting: Meeting, held_at: datetime, recorded_by: str, around: Circumstances, now: datetime
) -> tuple[Meeting, tuple[MeetingHeld, ...]]:
    """Record that it took place. What happened is never refused: a check that no longer held becomes a deviation."""
    meeting.needs(State.CONFIRMED)
    has_happened(held_at, now)
    decided_by = meeting.confirmation.by if meeting.confirmation else recorded_by
    deviations = checks.standing_at(meeting.plan, around, held_at)
    held = replace(
        meeting,
        state=State.HELD,
        held=Held(held_at, recorded_by, decided_by, deviations),
        version=meeting.version + 1,
    )
    return held, (MeetingHeld(**held.told),)


def minute(
    meeting: Meeting, text: str, author: str, within: timedelta, now: datetime, climate: Climate = Climate()
) -> Meeting:
    """Lay down the minutes. Raises Invalid for an author who was not there, or minutes without text."""
    meeting.needs(State.HELD)
    if not text.strip():
        raise Invalid("Minutes without text say nothing.", field="text", remedy="Write what was said.")
    if not meeting.represents(author):
        raise Invalid(
            "Minutes are written by a representative who was there.",
            field="author",
            remedy="Let one of the police representatives write them.",
        )
    held_at = meeting.held.at if meeting.held else now
    written = Minutes(text.strip(), author, now, approve_by=max(held_at + within, now), climate=climate)
    return replace(meeting, state=State.MINUTED, minutes=written, version=meeting.version + 1)


def correct_minutes(meeting: Meeting, text: str, by: str, now: datetime, climate: Climate | None = None) -> Meeting:
    """Add to the minutes; what was written stays. Also after the approval. With `climate` that is corrected too."""
    meeting.needs(State.MINUTED, State.APPROVED)
    if meeting.minutes is None:
        raise Conflict("There are no minutes to correct.", field="state", remedy="Write the minutes first.")
    corrected = minutes.correct(meeting.minutes, text, by, now, climate)
    return replace(meeting, minutes=corrected, version=meeting.version + 1)


def approve_minutes(
    meeting: Meeting, by: str, dialogue: Dialogue, now: datetime
) -> tuple[Meeting, tuple[MinutesApproved | ClimateCorrected, ...]]:
    """Approve the minutes as the second representative; as one who carries the dialogue where the meeting had
    only one. Never as the author. Corrections that came after the approval are approved the same way, and a climate
    that was corrected holds from then on."""
    meeting.needs(State.MINUTED, State.APPROVED)
    if meeting.minutes is None:
        raise Conflict("There are no minutes to approve.", field="state", remedy="Write the minutes first.")
    alone = len(meeting.plan.representatives) < 2
    carries = any(one.subject == by for one in dialogue.carriers)
    if not meeting.represents(by) and not (alone and carries):
        raise Invalid(
            "Minutes are approved by the second representative.",
            field="by",
            remedy="Let another police representative of the meeting approve them.",
        )
    approved = minutes.approve(meeting.minutes, by, now)
    first = meeting.minutes.approval is None and approved.approval is not None
    state = State.APPROVED if approved.approval is not None else meeting.state
    changed = replace(meeting, state=state, minutes=approved, version=meeting.version + 1)
    if first:
        return changed, (MinutesApproved.model_validate(_felt(changed, approved, dialogue)),)
    if approved.approval is None or approved.felt == meeting.minutes.felt:
        return changed, ()
    told = _felt(changed, approved, dialogue) | {"correction": approved.felt[0]}
    return changed, (ClimateCorrected.model_validate(told),)


def _felt(meeting: Meeting, written: Minutes, dialogue: Dialogue) -> dict[str, object]:
    """What is told of the climate of a meeting."""
    _, climate = written.felt
    return {
        **meeting.told,
        "group_id": dialogue.group_id,
        "held_at": meeting.held.at if meeting.held else None,
        "climate_ours": climate.ours,
        "climate_theirs": climate.theirs,
        "handling": dialogue.handling,
        "compartment": dialogue.compartment,
    }


def cancel(meeting: Meeting, reason: str, by: str, now: datetime) -> tuple[Meeting, tuple[MeetingCancelled, ...]]:
    """Say, with a reason, that the meeting will not take place."""
    meeting.needs(*OPEN)
    ended = _ended(meeting, State.CANCELLED, reason, by, now)
    return ended, (MeetingCancelled(**ended.told),)


def break_off(meeting: Meeting, reason: str, by: str, now: datetime) -> tuple[Meeting, tuple[MeetingBrokenOff, ...]]:
    """Say, with a reason, that the meeting began and was broken off."""
    meeting.needs(State.CONFIRMED, State.HELD)
    ended = _ended(meeting, State.BROKEN_OFF, reason, by, now)
    return ended, (MeetingBrokenOff(**ended.told),)


def _ended(meeting: Meeting, state: State, reason: str, by: str, now: datetime) -> Meeting:
    if not reason.strip():
        raise Invalid("A meeting does not end without a reason.", field="reason", remedy="Write why.")
    return replace(meeting, state=state, ending=Ending(reason.strip(), by, now), version=meeting.version + 1)


def _only_wanted(failing: Mapping[CheckCode, object], reasons: Mapping[CheckCode, str]) -> None:
    for code in reasons:
        if code not in failing:
            raise Invalid(
                "This check passes or does not apply; it needs no reason.",
                field=f"overrides.{code}",
                remedy="Leave the reason out.",
            )
