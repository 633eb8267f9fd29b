"""Mark what was said as intelligence, note complaints, take notes back, and read them."""

from __future__ import annotations

from dataclasses import replace

from forkant_meetings.commands.asking import (
    Asked,
    MeetingsParts,
    Receipt,
    answered,
    finish,
    may,
    not_the_target,
    on_version,
)
from forkant_meetings.commands.meetings import load_for
from forkant_meetings.commands.reading import consulted
from forkant_meetings.domain import note as domain
from forkant_meetings.domain.meeting import Meeting
from forkant_meetings.domain.note import Cause, Note, NoteWish, Withdrawal
from forkant_meetings.store import dialogues, meetings, note_rules
from forkant_meetings.store import notes as store
from forkant_shared.access import policy as access
from forkant_shared.clock import new_id
from forkant_shared.database import Session
from forkant_shared.errors import Invalid
from forkant_shared.identity import Principal

READ = "meetings.note.read"
WRITE = "meetings.note.write"
COMPLAIN = "meetings.note.complain"
WITHDRAW = "meetings.note.withdraw"


async def note_intelligence(parts: MeetingsParts, asked: Asked, meeting_id: str, wish: NoteWish) -> Receipt:
    """Mark what was said in a meeting as intelligence; it goes to threat-watch as codes."""
    async with parts.database.write() as session:
        repeated = await answered(session, asked)
        if repeated is not None:
            return repeated
        meeting = await load_for(session, asked, WRITE, meeting_id)
        dialogue = await dialogues.load(session, meeting.dialogue_id)
        by, now = asked.who.subject, parts.clock.now()
        noted = domain.note(new_id(), wish, meeting, dialogue, note_rules.current(), by, now)
        return await _keep(session, asked, WRITE, noted)


async def note_complaint(
    parts: MeetingsParts, asked: Asked, dialogue_id: str, meeting_id: str | None, wish: NoteWish
) -> Receipt:
    """Note what the group holds against us; made in a meeting of the dialogue, or outside any."""
    async with parts.database.write() as session:
        repeated = await answered(session, asked)
        if repeated is not None:
            return repeated
        await may(session, asked, COMPLAIN, dialogue_id)
        meeting = await _meeting(session, asked, dialogue_id, meeting_id)
        dialogue = await dialogues.load(session, dialogue_id)
        by, now = asked.who.subject, parts.clock.now()
        noted = domain.complain(new_id(), wish, meeting, dialogue, note_rules.current(), by, now)
        return await _keep(session, asked, COMPLAIN, noted)


async def withdraw_note(parts: MeetingsParts, asked: Asked, note_id: str, cause: Cause, reason: str) -> Receipt:
    """Take a note back, with a reason; what it said no longer counts."""
    async with parts.database.write() as session:
        repeated = await answered(session, asked)
        if repeated is not None:
            return repeated
        access.require(asked.who, WITHDRAW)
        before = await store.load(session, note_id, lock=True)
        await may(session, asked, WITHDRAW, before.dialogue_id)
        meeting = await _meeting(session, asked, before.dialogue_id, before.meeting_id)
        on_version(asked, before.version)
        there = {one.subject for one in (await dialogues.load(session, before.dialogue_id)).carriers}
        there |= {one.subject for one in meeting.plan.representatives} if meeting is not None else set()
        withdrawal = Withdrawal(asked.who.subject, parts.clock.now(), cause, reason.strip())
        after, events = domain.withdraw(before, withdrawal, frozenset(there))
        await store.save(session, before, after)
        details = {"cause": cause.value}
        return await finish(session, asked, WITHDRAW, _receipt(after), events=events, details=details)


async def read_note(parts: MeetingsParts, who: Principal, note_id: str) -> Note:
    """A note. Raises Forbidden, NotFound."""
    access.require(who, READ)
    async with parts.database.read() as session:
        found = await store.load(session, note_id)
        await may(session, Asked(who), READ, found.dialogue_id)
    await consulted(parts, who, READ, [note_id])
    return found


async def list_notes(
    parts: MeetingsParts, who: Principal, wanted: store.Wanted, *, after: str | None, limit: int
) -> list[Note]:
    """Notes by id. Raises Forbidden."""
    access.require(who, READ)
    async with parts.database.read() as session:
        found = await store.listed(session, who, READ, wanted, after=after, limit=limit)
    await consulted(parts, who, READ, [one.id for one in found])
    return found


async def _meeting(session: Session, asked: Asked, dialogue_id: str, meeting_id: str | None) -> Meeting | None:
    if meeting_id is None:
        return None
    found = await meetings.of_dialogue(session, dialogue_id, meeting_id)
    if found is None:
        raise Invalid(
            "The dialogue has no such meeting.", field="meeting_id", remedy="Name a meeting of this dialogue, or none."
        )
    await not_the_target(session, asked, found.plan.threat_id)
    return found


async def _keep(session: Session, asked: Asked, action: str, noted: Note) -> Receipt:
    noted = replace(noted, origin_id=await store.origin_of(session, noted.dialogue_id, noted.wish.speaker_id))
    await store.add(session, noted)
    told = domain.told(noted, await dialogues.load(session, noted.dialogue_id))
    details = {"kind": noted.kind.value, "factor": noted.wish.factor.value, "meeting_id": noted.meeting_id}
    return await finish(session, asked, action, _receipt(noted), events=(told,), details=details)


def _receipt(noted: Note) -> Receipt:
    return Receipt(noted.id, "WITHDRAWN" if noted.withdrawal is not None else "NOTED", noted.version)
