"""Confirm a meeting, hold it, or end it early."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from forkant_meetings.commands.asking import (
    Asked,
    MeetingsParts,
    Receipt,
    answered,
    finish,
    may,
    not_the_target,
    on_version,
    working_values,
)
from forkant_meetings.commands.dialogues import expect_contact
from forkant_meetings.domain import checks, course
from forkant_meetings.domain.checks import Check
from forkant_meetings.domain.meeting import CheckCode, Meeting, State
from forkant_meetings.domain.people import Circumstances
from forkant_meetings.domain.policy import Policy
from forkant_meetings.store import dues, known
from forkant_meetings.store import meetings as store
from forkant_shared.access import policy as access
from forkant_shared.database import Session

CONFIRM = "meetings.meeting.confirm"
HOLD = "meetings.meeting.hold"
END = "meetings.meeting.end"


async def confirm_meeting(
    parts: MeetingsParts, asked: Asked, meeting_id: str, reasons: Mapping[CheckCode, str]
) -> Receipt:
    """Say that the meeting will be held; `reasons` lets failing checks pass, and each is counted."""
    async with parts.database.write() as session:
        repeated = await answered(session, asked)
        if repeated is not None:
            return repeated
        before = await load_for(session, asked, CONFIRM, meeting_id)
        around = await circumstances(session, before)
        after, events = course.confirm(
            before, asked.who.subject, reasons, working_values(parts), around, parts.clock.now()
        )
        await store.save(session, before, after)
        passed = [one.check.value for one in after.overrides[len(before.overrides) :]]
        return await finish(session, asked, CONFIRM, receipt_of(after), events=events, details={"overrides": passed})


async def hold_meeting(parts: MeetingsParts, asked: Asked, meeting_id: str, held_at: datetime) -> Receipt:
    """Record that the meeting took place."""
    async with parts.database.write() as session:
        repeated = await answered(session, asked)
        if repeated is not None:
            return repeated
        before = await load_for(session, asked, HOLD, meeting_id)
        around = await circumstances(session, before)
        after, events = course.hold(before, held_at, asked.who.subject, around, parts.clock.now())
        await store.save(session, before, after)
        await expect_contact(session, after.dialogue_id)
        await expect_minutes(session, after, working_values(parts))
        deviations = [code.value for code in after.held.deviations] if after.held else []
        details = {"deviations": deviations}
        return await finish(session, asked, HOLD, receipt_of(after), events=events, details=details)


async def cancel_meeting(parts: MeetingsParts, asked: Asked, meeting_id: str, reason: str) -> Receipt:
    """Say, with a reason, that it will not take place."""
    async with parts.database.write() as session:
        repeated = await answered(session, asked)
        if repeated is not None:
            return repeated
        before = await load_for(session, asked, END, meeting_id)
        after, events = course.cancel(before, reason, asked.who.subject, parts.clock.now())
        await store.save(session, before, after)
        return await finish(session, asked, END, receipt_of(after), events=events, details={"state": "CANCELLED"})


async def break_off_meeting(parts: MeetingsParts, asked: Asked, meeting_id: str, reason: str) -> Receipt:
    """Say, with a reason, that it began and was broken off."""
    async with parts.database.write() as session:
        repeated = await answered(session, asked)
        if repeated is not None:
            return repeated
        before = await load_for(session, asked, END, meeting_id)
        after, events = course.break_off(before, reason, asked.who.subject, parts.clock.now())
        await store.save(session, before, after)
        await dues.reschedule(session, after.id, [])
        return await finish(session, asked, END, receipt_of(after), events=events, details={"state": "BROKEN_OFF"})


async def recheck_confirmed(session: Session, threat_id: str | None) -> int:
    """Take back confirmations that what we now know of threats forbids, and tell those concerned; how many. In the
    caller's transaction; `threat_id` None: of every threat."""
    taken_back = 0
    for meeting in await store.confirmed_about(session, threat_id):
        after = course.withdraw_confirmation(meeting, await circumstances(session, meeting))
        if after is None:
            continue
        taken_back += 1
        await store.save(session, meeting, after)
        told = {meeting.created_by, *(one.subject for one in meeting.plan.representatives)}
        if meeting.confirmation is not None:
            told.add(meeting.confirmation.by)
        await dues.remind(session, "CONFIRMATION_WITHDRAWN", told, meeting.id, session.clock.now())
    return taken_back


async def circumstances(session: Session, meeting: Meeting) -> Circumstances:
    """What must be known outside the meeting to judge it now."""
    subjects = [one.subject for one in meeting.plan.representatives]
    return await known.circumstances(session, meeting.plan.threat_id, subjects)


async def checks_of(session: Session, meeting: Meeting, policy: Policy) -> tuple[Check, ...]:
    """How the meeting stands against its checks now; nothing once it is held or over."""
    if meeting.state not in (State.DRAFT, State.PLANNED, State.CONFIRMED):
        return ()
    return checks.run(meeting, policy, await circumstances(session, meeting), session.clock.now())


async def expect_minutes(session: Session, meeting: Meeting, policy: Policy) -> None:
    """From now on minutes, and then their approval, are waited for."""
    within = policy.levels[meeting.plan.level].minutes_within
    if meeting.minutes is not None and meeting.minutes.waiting:
        await dues.reschedule(session, meeting.id, [("MINUTES_OVERDUE", meeting.minutes.approve_by)])
    elif meeting.minutes is None and meeting.held is not None:
        await dues.reschedule(session, meeting.id, [("MINUTES_MISSING", meeting.held.at + within)])
    else:
        await dues.reschedule(session, meeting.id, [])


async def load_for(session: Session, asked: Asked, action: str, meeting_id: str) -> Meeting:
    """The meeting, locked, for somebody who may do this with it. Raises NotFound, Forbidden, Stale."""
    access.require(asked.who, action)
    found = await store.load(session, meeting_id, lock=True)
    await may(session, asked, action, found.dialogue_id)
    await not_the_target(session, asked, found.plan.threat_id)
    on_version(asked, found.version)
    return found


def receipt_of(meeting: Meeting) -> Receipt:
    """What is answered about a meeting."""
    return Receipt(meeting.id, meeting.state.value, meeting.version)
