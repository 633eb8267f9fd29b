"""What is done when a moment comes: reminding, telling what is late, letting promises lapse."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection

from forkant_meetings.commands.asking import Asked, MeetingsParts, Receipt, working_values
from forkant_meetings.commands.promises import lapse_promise
from forkant_meetings.domain.policy import Policy
from forkant_meetings.domain.promise import Fate
from forkant_meetings.store import dialogues, dues, meetings, promises
from forkant_meetings.store.dues import DueRow
from forkant_shared.access import policy as access
from forkant_shared.database import Session
from forkant_shared.errors import NotFound
from forkant_shared.identity import Principal

BATCH = 100
READ_REMINDER = "meetings.reminder.read"
SYSTEM = Asked(Principal.system("meetings"))

Act = Callable[[Session, DueRow, Policy], Awaitable[None]]


async def do_what_is_due(parts: MeetingsParts) -> int:
    """Do everything that is due now, each in its own transaction, once however many instances run; how many."""
    done = 0
    while True:
        async with parts.database.read() as session:
            waiting = await dues.due(session, parts.clock.now(), BATCH)
        for due in waiting:
            async with parts.database.write() as session:
                if await dues.claim(session, due.id, parts.clock.now()):
                    await ACTS[due.kind](session, due, working_values(parts))
                    done += 1
        if len(waiting) < BATCH:
            return done


async def see_reminder(parts: MeetingsParts, who: Principal, reminder_id: str) -> Receipt:
    """The officer has seen what they were reminded of. Raises Forbidden, and NotFound where it is not theirs."""
    access.require(who, READ_REMINDER)
    async with parts.database.write() as session:
        if not await dues.see(session, reminder_id, who.subject, parts.clock.now()):
            raise NotFound("There is no such thing.")
    return Receipt(reminder_id, "SEEN", 1)


async def _promise(session: Session, due: DueRow, policy: Policy) -> None:
    promise = await promises.load(session, due.object_id)
    if promise.fate is Fate.OPEN:
        await _remind(session, due, {promise.owner})


async def _lapse(session: Session, due: DueRow, policy: Policy) -> None:
    await lapse_promise(session, SYSTEM, due.object_id, policy)


async def _minutes(session: Session, due: DueRow, policy: Policy) -> None:
    meeting = await meetings.load(session, due.object_id)
    await _remind(session, due, {one.subject for one in meeting.plan.representatives})


async def _contact(session: Session, due: DueRow, policy: Policy) -> None:
    dialogue = await dialogues.load(session, due.object_id)
    await _remind(session, due, {one.subject for one in dialogue.carriers})


async def _remind(session: Session, due: DueRow, subjects: Collection[str]) -> None:
    await dues.remind(session, due.kind, subjects, due.object_id, session.clock.now())


ACTS: dict[str, Act] = {
    "PROMISE_REMIND": _promise,
    "PROMISE_OVERDUE": _promise,
    "PROMISE_LAPSE": _lapse,
    "MINUTES_MISSING": _minutes,
    "MINUTES_OVERDUE": _minutes,
    "CONTACT_OVERDUE": _contact,
}
