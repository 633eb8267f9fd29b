"""What is shown, and the trace that it was shown: who read which things is kept before the answer is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from forkant_meetings.commands.asking import Asked, MeetingsParts, may, remember, working_values
from forkant_meetings.commands.meetings import checks_of
from forkant_meetings.domain import health
from forkant_meetings.domain.checks import Check
from forkant_meetings.domain.dialogue import Dialogue
from forkant_meetings.domain.health import Health
from forkant_meetings.domain.meeting import Meeting
from forkant_meetings.domain.promise import Promise, Side
from forkant_meetings.store import dialogues, dues, meetings, promises
from forkant_meetings.store.dues import Reminder
from forkant_shared import audit
from forkant_shared.access import policy as access
from forkant_shared.identity import Principal

READ_DIALOGUE = "meetings.dialogue.read"
READ_MEETING = "meetings.meeting.read"
READ_MINUTES = "meetings.minutes.read"
READ_PROMISE = "meetings.promise.read"
READ_REMINDER = "meetings.reminder.read"


@dataclass(frozen=True, slots=True)
class MeetingView:
    """A meeting and how it stands. Its minutes are taken away from those who may not read them."""

    meeting: Meeting
    checks: tuple[Check, ...]
    may_read_minutes: bool


async def consulted(parts: MeetingsParts, who: Principal, action: str, objects: Sequence[str]) -> None:
    """Keep that these things were shown to this person."""
    if not objects:
        return
    async with parts.database.write() as session:
        await remember(session, who)
        await audit.record(session, who, action, objects, kind="CONSULTATION")


async def read_dialogue(parts: MeetingsParts, who: Principal, dialogue_id: str) -> tuple[Dialogue, Health]:
    """A dialogue and how it stands. Raises Forbidden, NotFound."""
    access.require(who, READ_DIALOGUE)
    now = parts.clock.now()
    async with parts.database.read() as session:
        await may(session, Asked(who), READ_DIALOGUE, dialogue_id)
        found = await dialogues.load(session, dialogue_id)
        tallies = await promises.tallies(session, dialogue_id, working_values(parts).local_day(now))
    await consulted(parts, who, READ_DIALOGUE, [dialogue_id])
    return found, health.health(found, tallies[Side.POLICE], tallies[Side.COUNTERPART], now)


async def read_meeting(parts: MeetingsParts, who: Principal, meeting_id: str, *, minutes: bool = False) -> MeetingView:
    """A meeting with its checks; with `minutes` the right to read them is demanded. Raises Forbidden, NotFound."""
    action = READ_MINUTES if minutes else READ_MEETING
    access.require(who, action)
    async with parts.database.read() as session:
        found = await meetings.load(session, meeting_id)
        await may(session, Asked(who), action, found.dialogue_id)
        checks = await checks_of(session, found, working_values(parts))
    await consulted(parts, who, action, [meeting_id])
    return MeetingView(found, checks, access.allows(who, READ_MINUTES))


async def read_promise(parts: MeetingsParts, who: Principal, promise_id: str) -> Promise:
    """A promise. Raises Forbidden, NotFound."""
    access.require(who, READ_PROMISE)
    async with parts.database.read() as session:
        found = await promises.load(session, promise_id)
        await may(session, Asked(who), READ_PROMISE, found.dialogue_id)
    await consulted(parts, who, READ_PROMISE, [promise_id])
    return found


async def list_dialogues(
    parts: MeetingsParts, who: Principal, wanted: dialogues.Wanted, *, after: str | None, limit: int
) -> list[Dialogue]:
    """Dialogues by id. Raises Forbidden."""
    access.require(who, READ_DIALOGUE)
    async with parts.database.read() as session:
        found = await dialogues.listed(session, who, READ_DIALOGUE, wanted, after=after, limit=limit)
    await consulted(parts, who, READ_DIALOGUE, [one.id for one in found])
    return found


async def list_meetings(
    parts: MeetingsParts, who: Principal, wanted: meetings.Wanted, *, after: str | None, limit: int
) -> list[Meeting]:
    """Meetings by id. Raises Forbidden."""
    access.require(who, READ_MEETING)
    async with parts.database.read() as session:
        found = await meetings.listed(session, who, READ_MEETING, wanted, after=after, limit=limit)
    await consulted(parts, who, READ_MEETING, [one.id for one in found])
    return found


async def list_promises(
    parts: MeetingsParts, who: Principal, wanted: promises.Wanted, *, after: str | None, limit: int
) -> list[Promise]:
    """Promises by id. Raises Forbidden."""
    access.require(who, READ_PROMISE)
    async with parts.database.read() as session:
        found = await promises.listed(session, who, READ_PROMISE, wanted, after=after, limit=limit)
    await consulted(parts, who, READ_PROMISE, [one.id for one in found])
    return found


async def count_overrides(parts: MeetingsParts, who: Principal, since: datetime) -> dict[str, int]:
    """Check → how often it was let pass since then. Raises Forbidden."""
    access.require(who, READ_MEETING)
    async with parts.database.read() as session:
        return await meetings.override_counts(session, who, READ_MEETING, since)


async def own_reminders(
    parts: MeetingsParts, who: Principal, *, after: str | None = None, limit: int = 100
) -> list[Reminder]:
    """What this officer has not seen yet, the oldest first. Raises Forbidden."""
    access.require(who, READ_REMINDER)
    async with parts.database.read() as session:
        return await dues.reminders(session, who.subject, after=after, limit=limit)
