"""How a person is reached and known: their own PIN, and the browsers that take a push."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from forkant_notifier.clients.web_push import WebPushRoute, encrypted
from forkant_notifier.commands.desk import NotifierParts, desk_of
from forkant_notifier.commands.duty import book_at, forget_book
from forkant_notifier.domain.lanes import Channel
from forkant_notifier.domain.push import PREFIX, Subscription, may_be_reached
from forkant_notifier.store import devices, reach
from forkant_shared import audit
from forkant_shared.access import policy
from forkant_shared.database import Session
from forkant_shared.errors import Conflict, Invalid, NotFound
from forkant_shared.identity import Principal

#: One person's browsers; the oldest goes when there is one more.
MOST_BROWSERS = 5


@dataclass(frozen=True, slots=True)
class Reach:
    """What a person sees of themselves. `public_key` is None where no push route is set up."""

    addresses: Mapping[Channel, str]
    has_pin: bool
    browsers: list[Subscription]
    public_key: str | None


async def read_reach(parts: NotifierParts, who: Principal) -> Reach:
    """One's own phone, PIN and browsers. Raises Forbidden."""
    policy.require(who, "notifier.reach.write")
    desk, route = desk_of(parts), _push_route(parts)
    async with parts.database.read() as session:
        book = await book_at(session, desk, parts.clock.now())
        pin = await reach.pin_of(session, who.subject)
        browsers = await reach.subscriptions(session, who.subject)
    person = book.people.get(who.subject)
    return Reach(
        person.contact.addresses if person else {}, pin is not None, browsers, route.public_key if route else None
    )


def _push_route(parts: NotifierParts) -> WebPushRoute | None:
    routes = desk_of(parts).routes.routes.values()
    return next((route for route in routes if isinstance(route, WebPushRoute)), None)


async def subscribe(parts: NotifierParts, who: Principal, endpoint: str, key: str, secret: str) -> None:
    """This browser takes pushes for the one who is signed in. Raises Forbidden, Conflict, Invalid."""
    policy.require(who, "notifier.reach.write")
    route = _push_route(parts)
    if route is None:
        raise Conflict("There is no push route.", remedy="Have one written into the routes file.")
    if not may_be_reached(endpoint, route.services):
        raise Invalid(
            "We do not send by this push service.",
            field="endpoint",
            remedy="Use another browser, or have the operator add the service to the push route.",
        )
    try:
        encrypted(b"", Subscription("", "", endpoint, key, secret, parts.clock.now()))
    except ValueError as error:
        raise Invalid("The browser's keys cannot be used.", field="key", remedy="Subscribe again.") from error
    async with parts.database.write() as session:
        book = await book_at(session, desk_of(parts), parts.clock.now())
        if who.subject not in book.people:
            raise NotFound("You are not among those who can be on duty.", field="user")
        others = [old for old in await reach.subscriptions(session, who.subject) if old.endpoint != endpoint]
        for old in others[: max(0, len(others) - MOST_BROWSERS + 1)]:
            await reach.unsubscribe(session, old.id)
        await reach.subscribe(session, who.subject, endpoint, key, secret)
        await reach.put_address(session, who.subject, Channel.PUSH, PREFIX + who.subject)
        await devices.note_push(session, who.subject, None)
        await audit.record(session, who, "notifier.reach.write", [who.subject], details={"what": "PUSH_ON"})
        session.after_commit(lambda: forget_book(desk_of(parts)))
    await read_browsers(parts)


async def unsubscribe(parts: NotifierParts, who: Principal, subscription_id: str) -> None:
    """One of one's own browsers takes no pushes any more. Raises Forbidden, NotFound."""
    policy.require(who, "notifier.reach.write")
    async with parts.database.write() as session:
        if not await reach.unsubscribe(session, subscription_id, who.subject):
            raise NotFound("There is no such browser.", field="id")
        await _address_goes_with_the_last(session, who.subject)
        await audit.record(session, who, "notifier.reach.write", [who.subject], details={"what": "PUSH_OFF"})
        session.after_commit(lambda: forget_book(desk_of(parts)))
    await read_browsers(parts)


async def forget_browser(parts: NotifierParts, browser: Subscription) -> None:
    """A push service says that the browser is gone."""
    async with parts.database.write() as session:
        await reach.unsubscribe(session, browser.id)
        if await _address_goes_with_the_last(session, browser.user):
            await devices.note_push(session, browser.user, parts.clock.now())
        session.after_commit(lambda: forget_book(desk_of(parts)))
    await read_browsers(parts)


async def _address_goes_with_the_last(session: Session, user: str) -> bool:
    """Whether that was the last browser."""
    if await reach.subscriptions(session, user):
        return False
    await reach.put_address(session, user, Channel.PUSH, None)
    return True


async def read_browsers(parts: NotifierParts) -> None:
    """Who takes pushes where, for the sender: it asks no database on its way."""
    if _push_route(parts) is None:
        return
    async with parts.database.read() as session:
        found = await reach.subscriptions(session)
    browsers: dict[str, list[Subscription]] = defaultdict(list)
    for subscription in found:
        browsers[PREFIX + subscription.user].append(subscription)
    desk_of(parts).browsers = dict(browsers)
