"""Plan meetings, and log contacts nobody could plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from forkant_meetings.commands.asking import (
    Asked,
    MeetingsParts,
    Receipt,
    answered,
    finish,
    may,
    not_the_target,
    working_values,
)
from forkant_meetings.commands.dialogues import expect_contact
from forkant_meetings.commands.meetings import expect_minutes, load_for, receipt_of
from forkant_meetings.domain import planning
from forkant_meetings.domain.meeting import Meeting, Plan, State
from forkant_meetings.domain.people import Representative
from forkant_meetings.store import known
from forkant_meetings.store import meetings as store
from forkant_shared.clock import new_id
from forkant_shared.database import Session
from forkant_shared.envelope import Event

PLAN = "meetings.meeting.plan"
LOG = "meetings.contact.log"


async def draft_meeting(
    parts: MeetingsParts, asked: Asked, dialogue_id: str, plan: Plan, *, planned: bool = False
) -> Receipt:
    """Begin to plan a meeting; with `planned` it has its time, place and people at once."""
    now = parts.clock.now()
    async with parts.database.write() as session:
        repeated = await answered(session, asked)
        if repeated is not None:
            return repeated
        await may(session, asked, PLAN, dialogue_id)
        await not_the_target(session, asked, plan.threat_id)
        drafted = planning.draft(_new(asked, dialogue_id, await _named(session, plan), now))
        events: tuple[Event, ...] = ()
        if planned:
            ready, events = planning.plan(drafted, now)
            drafted = replace(ready, version=1)
        await store.add(session, drafted)
        return await finish(session, asked, PLAN, receipt_of(drafted), events=events, details=_codes(plan))


async def revise_meeting(parts: MeetingsParts, asked: Asked, meeting_id: str, plan: Plan) -> Receipt:
    """Plan the meeting anew; a confirmed one must be confirmed again."""
    async with parts.database.write() as session:
        repeated = await answered(session, asked)
        if repeated is not None:
            return repeated
        before = await load_for(session, asked, PLAN, meeting_id)
        await not_the_target(session, asked, plan.threat_id)
        after = planning.revise(before, await _named(session, plan), parts.clock.now())
        await store.save(session, before, after)
        return await finish(session, asked, PLAN, receipt_of(after), details=_codes(plan))


async def plan_meeting(parts: MeetingsParts, asked: Asked, meeting_id: str) -> Receipt:
    """Say that a draft has its time, place and people."""
    async with parts.database.write() as session:
        repeated = await answered(session, asked)
        if repeated is not None:
            return repeated
        before = await load_for(session, asked, PLAN, meeting_id)
        after, events = planning.plan(before, parts.clock.now())
        await store.save(session, before, after)
        return await finish(session, asked, PLAN, receipt_of(after), events=events)


async def log_contact(
    parts: MeetingsParts, asked: Asked, dialogue_id: str, plan: Plan, held_at: datetime, decided_by: str
) -> Receipt:
    """Log an operational contact that has taken place, straight to HELD. Who logs it was there, unless others are
    named."""
    now = parts.clock.now()
    async with parts.database.write() as session:
        repeated = await answered(session, asked)
        if repeated is not None:
            return repeated
        await may(session, asked, LOG, dialogue_id)
        there = plan.representatives or (Representative(asked.who.subject, asked.who.name),)
        named = await _named(session, replace(plan, representatives=there))
        decided = decided_by or asked.who.subject
        logged, events = planning.log_contact(_new(asked, dialogue_id, named, now), held_at, decided, now)
        await store.add(session, logged)
        await expect_contact(session, dialogue_id)
        await expect_minutes(session, logged, working_values(parts))
        return await finish(session, asked, LOG, receipt_of(logged), events=events, details=_codes(plan))


def _new(asked: Asked, dialogue_id: str, plan: Plan, now: datetime) -> Meeting:
    return Meeting(
        id=new_id(),
        dialogue_id=dialogue_id,
        state=State.DRAFT,
        plan=plan,
        created_by=asked.who.subject,
        created_at=now,
    )


async def _named(session: Session, plan: Plan) -> Plan:
    """The plan with the names officers' own tokens gave them; others keep the name they were given."""
    officers = await known.officers(session, [one.subject for one in plan.representatives])
    representatives = tuple(
        replace(one, name=officers[one.subject].name if one.subject in officers else one.name or one.subject)
        for one in plan.representatives
    )
    return replace(plan, representatives=representatives)


def _codes(plan: Plan) -> dict[str, str | None]:
    return {"level": plan.level.value, "threat_id": plan.threat_id}
