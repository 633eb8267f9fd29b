"""Write the minutes of a meeting, add to them, approve them."""

from __future__ import annotations

from forkant_meetings.commands.asking import Asked, MeetingsParts, Receipt, answered, finish, working_values
from forkant_meetings.commands.meetings import expect_minutes, load_for, receipt_of
from forkant_meetings.domain import course
from forkant_meetings.domain.minutes import Climate
from forkant_meetings.store import dialogues
from forkant_meetings.store import meetings as store

WRITE = "meetings.minutes.write"
APPROVE = "meetings.minutes.approve"


async def write_minutes(
    parts: MeetingsParts, asked: Asked, meeting_id: str, text: str, climate: Climate = Climate()
) -> Receipt:
    """Lay down what was said; the one who asks is the author."""
    policy = working_values(parts)
    async with parts.database.write() as session:
        repeated = await answered(session, asked)
        if repeated is not None:
            return repeated
        before = await load_for(session, asked, WRITE, meeting_id)
        within = policy.levels[before.plan.level].minutes_within
        after = course.minute(before, text, asked.who.subject, within, parts.clock.now(), climate)
        await store.save(session, before, after)
        await expect_minutes(session, after, policy)
        return await finish(session, asked, WRITE, receipt_of(after))


async def correct_minutes(
    parts: MeetingsParts, asked: Asked, meeting_id: str, text: str, climate: Climate | None = None
) -> Receipt:
    """Add a correction, of the climate too where one is given; what was written stays."""
    async with parts.database.write() as session:
        repeated = await answered(session, asked)
        if repeated is not None:
            return repeated
        before = await load_for(session, asked, WRITE, meeting_id)
        after = course.correct_minutes(before, text, asked.who.subject, parts.clock.now(), climate)
        await store.save(session, before, after)
        number = len(after.minutes.corrections) if after.minutes else 0
        return await finish(session, asked, WRITE, receipt_of(after), details={"correction": number})


async def approve_minutes(parts: MeetingsParts, asked: Asked, meeting_id: str) -> Receipt:
    """Approve the minutes, and corrections that wait, as the second representative."""
    async with parts.database.write() as session:
        repeated = await answered(session, asked)
        if repeated is not None:
            return repeated
        before = await load_for(session, asked, APPROVE, meeting_id)
        dialogue = await dialogues.load(session, before.dialogue_id)
        after, events = course.approve_minutes(before, asked.who.subject, dialogue, parts.clock.now())
        await store.save(session, before, after)
        await expect_minutes(session, after, working_values(parts))
        return await finish(session, asked, APPROVE, receipt_of(after), events=events)
