"""What is shown, and the trace that it was shown: who read which things is kept before the answer is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from forkant_meetings.commands.asking import Asked, MeetingsParts, may, remember, working_values
from forkant_meetings.commands.meetings import checks_of
from forkant_meetings.domain import health
from forkant_meetings.domain.checks import Check
from forkant_meetings.domain.dialogue import Dialogue
from forkant_meetings.domain.health import Health
from forkant_meetings.domain.meeting import OPEN, Meeting, State
from forkant_meetings.domain.people import Officer
from forkant_meetings.domain.promise import Fate, Promise, Side
from forkant_meetings.store import dialogues, dues, known, meetings, promises
from forkant_meetings.store.dues import Reminder
from forkant_shared import audit
from forkant_shared.access import policy as access
from forkant_shared.identity import Principal

READ_DIALOGUE = "meetings.dialogue.read"
READ_MEETING = "meetings.meeting.read"
READ_MINUTES = "meetings.minutes.read"
READ_PROMISE = "meetings.promise.read"
READ_REMINDER = "meetings.reminder.read"
OVERRIDES_SHOWN = timedelta(days=90)
OF_DIALOGUE = 100


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


@dataclass(frozen=True, slots=True)
class Overview:
    """What one who works with meetings sees first. Promises: the police's first."""

    coming: list[Meeting]
    waiting: list[Meeting]
    broken: list[Promise]
    overdue: list[Promise]
    open: list[Promise]
    dialogues: list[Dialogue]
    more_dialogues: bool
    overrides: dict[str, int]
    reminders: list[Reminder]
    groups: dict[str, str]


async def overview(parts: MeetingsParts, who: Principal, *, after: str | None, limit: int) -> Overview:
    """The overview. Raises Forbidden."""
    for action in (READ_MEETING, READ_PROMISE, READ_DIALOGUE):
        access.require(who, action)
    now = parts.clock.now()
    today = working_values(parts).local_day(now)
    async with parts.database.read() as session:
        coming = await meetings.coming(session, who, READ_MEETING, meetings.Wanted(states=OPEN), limit=limit)
        held = meetings.Wanted(states=(State.HELD, State.MINUTED))
        waiting = await meetings.coming(session, who, READ_MEETING, held, limit=limit)
        wanted = [
            promises.Wanted(fate=Fate.BROKEN),
            promises.Wanted(due_before=today),
            promises.Wanted(fate=Fate.OPEN),
        ]
        found = [await promises.soonest(session, who, READ_PROMISE, one, limit=limit) for one in wanted]
        carried = await dialogues.listed(session, who, READ_DIALOGUE, dialogues.Wanted(), after=after, limit=limit + 1)
        overrides = await meetings.override_counts(session, who, READ_MEETING, now - OVERRIDES_SHOWN)
        own = await dues.reminders(session, who.subject) if access.allows(who, READ_REMINDER) else []
        shown: list[Meeting | Promise] = [*coming, *waiting, *found[0], *found[1], *found[2]]
        groups = await dialogues.group_ids(session, sorted({one.dialogue_id for one in shown}))
    late = {one.id for one in found[1]}
    seen = [*(one.id for one in shown), *(one.id for one in carried[:limit])]
    await consulted(parts, who, READ_MEETING, list(dict.fromkeys(seen)))
    return Overview(
        coming=coming,
        waiting=waiting,
        broken=found[0],
        overdue=found[1],
        open=[one for one in found[2] if one.id not in late],
        dialogues=carried[:limit],
        more_dialogues=len(carried) > limit,
        overrides=overrides,
        reminders=own,
        groups=groups | {one.id: one.group_id for one in carried},
    )


async def of_dialogue(parts: MeetingsParts, who: Principal, dialogue_id: str) -> tuple[list[Meeting], list[Promise]]:
    """The latest meetings of a dialogue, the newest first, and its promises. Raises Forbidden."""
    for action in (READ_MEETING, READ_PROMISE):
        access.require(who, action)
    async with parts.database.read() as session:
        held = await meetings.latest(session, who, READ_MEETING, dialogue_id, limit=OF_DIALOGUE)
        wanted = promises.Wanted(dialogue_id=dialogue_id)
        given = await promises.soonest(session, who, READ_PROMISE, wanted, limit=OF_DIALOGUE)
    await consulted(parts, who, READ_MEETING, [*(one.id for one in held), *(one.id for one in given)])
    return held, given


async def known_officers(parts: MeetingsParts, who: Principal) -> list[Officer]:
    """Officers who have signed in, by name: to be chosen as contact, representative or owner. Raises Forbidden."""
    access.require(who, READ_DIALOGUE)
    async with parts.database.read() as session:
        return list((await known.officers(session)).values())


async def known_groups(parts: MeetingsParts, who: Principal) -> list[str]:
    """Groups the registry told us of. Raises Forbidden."""
    access.require(who, READ_DIALOGUE)
    async with parts.database.read() as session:
        return await known.groups(session)
