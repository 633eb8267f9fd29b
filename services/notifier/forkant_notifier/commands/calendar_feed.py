"""One's own shifts as an iCalendar feed, opened by a secret that stands in no address."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar import Calendar, Event

from forkant_notifier.commands.desk import NotifierParts, desk_of
from forkant_notifier.domain.shift import Shift
from forkant_notifier.store import calendars, duty
from forkant_shared import audit
from forkant_shared.access import policy
from forkant_shared.errors import NotFound, Unauthenticated
from forkant_shared.identity import Principal

PAST = timedelta(days=14)
AHEAD = timedelta(days=90)
REFRESH = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class CalendarKey:
    """What a calendar program asks for. The secret is shown once; only its digest is kept."""

    url: str
    user: str
    secret: str
    ends_at: datetime


async def make_key(parts: NotifierParts, who: Principal) -> CalendarKey:
    """A new secret for the calendar of the one who asks; the one before opens nothing any more. Raises NotFound."""
    policy.require(who, "notifier.duty.write")
    now, secret = parts.clock.now(), secrets.token_urlsafe(32)
    ends = now + desk_of(parts).rules.calendar_secret_for
    async with parts.database.write() as session:
        person = (await duty.book(session, now)).people.get(who.subject)
        if person is None or person.left:
            raise NotFound("You are not in the list of people on duty.", remedy="Have yourself written there.")
        await calendars.put(session, who.subject, _digest(secret), now, ends)
        await audit.record(session, who, "notifier.duty.write", [who.subject], details={"kind": "CALENDAR_KEY"})
    url = f"{parts.settings.public_url.rstrip('/')}/notifier/v1/duty/calendar.ics"
    return CalendarKey(url, who.subject, secret, ends)


async def forget_key(parts: NotifierParts, who: Principal) -> None:
    """Close the calendar of the one who asks. Raises NotFound where there is none."""
    policy.require(who, "notifier.duty.write")
    async with parts.database.write() as session:
        if not await calendars.forget(session, who.subject):
            raise NotFound("You have no calendar.", field="user")
        await audit.record(session, who, "notifier.duty.write", [who.subject], details={"kind": "CALENDAR_CLOSED"})


async def key_ends_at(parts: NotifierParts, who: Principal) -> datetime | None:
    """Until when the calendar of the one who asks is open."""
    policy.require(who, "notifier.duty.write")
    async with parts.database.read() as session:
        return await calendars.ends_at(session, who.subject)


async def feed(parts: NotifierParts, user: str, secret: str) -> bytes:
    """The user's own shifts, and nobody else's name: a secret in a calendar program is not a login.

    Raises Unauthenticated for a wrong or old secret and for somebody who has left; which of them is not told.
    """
    now = parts.clock.now()
    async with parts.database.read() as session:
        good = await calendars.opens(session, user, _digest(secret), now)
        book = await duty.book(session, now - PAST)
    person = book.people.get(user)
    if not good or person is None or person.left:
        raise Unauthenticated("This calendar is not open.", remedy="Make a new one from the duty calendar.")
    shifts = [
        shift
        for tier in book.rota.tiers
        for shift in book.rota.shifts(tier, now - PAST, now + AHEAD)
        if user in shift.users
    ]
    return _written(shifts, now)


def _written(shifts: Iterable[Shift], now: datetime) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//Forkant//notifier//NO")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "Forkant vakt")
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    for shift in shifts:
        event = Event()
        # The same shift has the same name at each reading, so that a program moves it instead of adding it.
        event.add("uid", f"{shift.tier}-{int(shift.since.timestamp())}@forkant")
        event.add("dtstamp", now)
        event.add("dtstart", shift.since)
        event.add("dtend", shift.until)
        event.add("summary", f"Vakt, trinn {shift.tier}")
        event.add("class", "PRIVATE")
        calendar.add_component(event)
    found: bytes = calendar.to_ical()
    return found


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
