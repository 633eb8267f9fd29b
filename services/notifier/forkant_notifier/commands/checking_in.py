"""Going on duty: codes leave over two channels by the same chain as a page, and come back by reply or at the desk."""

from __future__ import annotations

import secrets

from forkant_notifier.commands.desk import NotifierParts, desk_of
from forkant_notifier.commands.duty import book_at
from forkant_notifier.domain.check_in import CheckIn, attempts_of, begin, code_came_back
from forkant_notifier.domain.codes import draw, free
from forkant_notifier.store import attempts, check_ins, pages
from forkant_shared import audit
from forkant_shared.access import policy
from forkant_shared.clock import new_id
from forkant_shared.database import Session
from forkant_shared.errors import Invalid, NotFound
from forkant_shared.identity import Principal

CODES_AT_ONCE = 16


def check_in_link(parts: NotifierParts) -> str:
    """Where a code is typed in; the address says nothing about whose it is."""
    return f"{parts.settings.public_url.rstrip('/')}/notifier/duty/check-in"


async def begin_check_in(parts: NotifierParts, who: Principal) -> CheckIn:
    """Send this user a code over SMS and one over a second channel. Raises NotFound, Invalid for a phone with one."""
    policy.require(who, "notifier.duty.write")
    desk, now = desk_of(parts), parts.clock.now()
    async with parts.database.write() as session:
        person = (await book_at(session, desk, now)).people.get(who.subject)
        if person is None or not person.contact.addresses:
            raise NotFound("There is no phone written for you.", remedy="Have one written in the list of people.")
        candidates = draw(secrets.randbelow, CODES_AT_ONCE)
        taken = set(await pages.taken_codes(session, candidates))
        codes = free(candidates, taken | await check_ins.taken_codes(session, candidates, now))
        begun = begin(person.contact, codes[:2], desk.rules, check_in_id=new_id(), now=now)
        await check_ins.insert(session, begun)
        await attempts.insert(session, attempts_of(begun, person.contact, [new_id() for _ in begun.steps], now))
        await audit.record(session, who, "notifier.duty.write", [begun.id], details={"kind": "CHECK_IN"})
        session.after_commit(desk.mailbox.ring)
    return begun


async def give_code(parts: NotifierParts, who: Principal, code: str) -> CheckIn:
    """A code typed in at the desk. Raises Invalid for a wrong one, Conflict for a check-in that is over, NotFound."""
    policy.require(who, "notifier.duty.write")
    given = code.strip().upper()
    async with parts.database.write() as session:
        before = await check_ins.latest(session, who.subject, for_update=True)
        if before is None:
            raise NotFound("You have not begun a check-in.", field="code", remedy="Begin one: codes are sent to you.")
        after = await _came_back(session, parts, who, before, given)
    if all(step.code != given for step in after.steps):
        # After the commit, so that the try counts.
        raise Invalid("That is not a code of this check-in.", field="code", remedy="Look at the newest messages.")
    return after


async def take_code(session: Session, parts: NotifierParts, who: Principal, code: str) -> CheckIn | None:
    """A code that came as a reply from the user's own phone; None where no check-in of theirs waits for it."""
    before = await check_ins.latest(session, who.subject, for_update=True)
    if before is None or not before.waits(parts.clock.now()) or all(step.code != code for step in before.steps):
        return None
    return await _came_back(session, parts, who, before, code)


async def _came_back(session: Session, parts: NotifierParts, who: Principal, before: CheckIn, code: str) -> CheckIn:
    desk = desk_of(parts)
    after = code_came_back(before, code, desk.rules, parts.clock.now())
    await check_ins.save(session, after)
    if after.done_at is not None and before.done_at is None:
        await audit.record(session, who, "notifier.duty.write", [after.id], details={"kind": "CHECKED_IN"})
        session.after_commit(desk.feed)
    return after


async def own_check_in(parts: NotifierParts, who: Principal) -> CheckIn | None:
    """The last one this user began."""
    policy.require(who, "notifier.duty.write")
    async with parts.database.read() as session:
        return await check_ins.latest(session, who.subject)
