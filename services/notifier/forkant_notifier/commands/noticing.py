"""The duty leader and whoever it concerns hear of a gap or a dead phone ahead, in a message without content.

It goes by the routes that pages go by, in the NORMAL lane, by SMS or mail alone, and waits for the end of quiet hours
unless the shift would begin before that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from forkant_notifier.commands.desk import NotifierParts, desk_of
from forkant_notifier.commands.duty import book_at, roster_of
from forkant_notifier.domain.devices import Device, devices_of
from forkant_notifier.domain.messages import Hint
from forkant_notifier.domain.notices import Worry, beginnings, leads_passed, notice_to, worries
from forkant_notifier.domain.roster import Contact
from forkant_notifier.store import attempts, devices, notices
from forkant_notifier.store.duty import DutyBook
from forkant_shared import audit
from forkant_shared.clock import new_id
from forkant_shared.database import Session
from forkant_shared.identity import Principal

US = Principal.system("notifier")


async def warn_ahead(parts: NotifierParts) -> None:
    """Tell what is wrong with the shifts that begin soon, once for each lead time, whichever instance tells it."""
    desk, now = desk_of(parts), parts.clock.now()
    rules = desk.rules
    # A little more, so that what begins exactly then is seen.
    until = now + max(rules.notice_leads) + timedelta(seconds=1)
    async with parts.database.read() as session:
        book = await book_at(session, desk, now)
        users = {user for _, _, user in beginnings(book.plan, book.rota.tiers, now, until)}
        phones = await phones_of(session, parts, book, sorted(users))
        desk.worries = worries(book.plan, phones, book.rota.tiers, now, until)
    due = [(worry, leads_passed(worry, rules.notice_leads, rules.quiet, now)) for worry in desk.worries]
    if not any(leads for _, leads in due):
        return
    async with parts.database.write() as session:
        fresh = []
        for worry, leads in due:
            # Every lead time that has come is written down, so that the longer one does not follow the shorter.
            if any([await notices.told_now(session, worry, lead, now) for lead in leads]):
                fresh.append(worry)
        if fresh:
            await _tell(session, parts, book, fresh, now)
            await notices.forget(session, now - rules.device_days)


async def phones_of(
    session: Session, parts: NotifierParts, book: DutyBook, users: Sequence[str]
) -> Mapping[str, Sequence[Device]]:
    """How the phones of these users are."""
    rules = desk_of(parts).rules
    since = parts.clock.now() - rules.device_days
    ended = await devices.endings(session, users, since, rules.device_dead_after)
    return {
        user: devices_of(person.contact, ended.get(user, {}), push_lost=person.push_lost, rules=rules)
        for user in users
        if (person := book.people.get(user)) is not None
    }


async def notify(
    session: Session, parts: NotifierParts, book: DutyBook, told: Iterable[Contact], hint: Hint = Hint.NOTICE
) -> None:
    """One message without content to each of them, stored with whatever it is about."""
    contacts = {contact.user: contact for contact in told}
    phones, now = await phones_of(session, parts, book, sorted(contacts)), parts.clock.now()
    made = [
        notice_to(contact, phones.get(user, ()), hint, attempt_id=new_id(), now=now)
        for user, contact in contacts.items()
    ]
    await attempts.insert(session, [attempt for attempt in made if attempt is not None])
    session.after_commit(desk_of(parts).mailbox.ring)


def leaders(parts: NotifierParts, book: DutyBook, now: datetime) -> Sequence[Contact]:
    """The duty leader of this moment; the operations centre where nobody is."""
    roster = roster_of(book, parts.settings.operations_line, now)
    return roster.tiers.get(desk_of(parts).rules.notice_tier, ()) or roster.floor


async def _tell(session: Session, parts: NotifierParts, book: DutyBook, fresh: Sequence[Worry], now: datetime) -> None:
    """One message a person, however much there is to see."""
    told = list(leaders(parts, book, now))
    for worry in fresh:
        if worry.user in book.people:
            told.append(book.people[worry.user].contact)
        details = {"kind": "NOTICE", "what": worry.kind.value, "tier": worry.tier, "since": worry.since.isoformat()}
        await audit.record(session, US, "notifier.duty.write", [new_id()], details=details)
    await notify(session, parts, book, told)
