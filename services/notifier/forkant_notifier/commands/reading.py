"""What the API and the pages show. Reads only; nobody sees a page that is about themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from forkant_notifier.clients.board import RouteHealth
from forkant_notifier.commands.answering import read_link
from forkant_notifier.commands.desk import Desk, NotifierParts, desk_of, policy_of
from forkant_notifier.commands.duty import book_at, human_of
from forkant_notifier.domain.acceptance import Demand
from forkant_notifier.domain.attempts import Attempt
from forkant_notifier.domain.page import Entry, Page
from forkant_notifier.domain.watch import is_silent
from forkant_notifier.store import attempts, calls, contact_jobs, pages, reach, watch
from forkant_shared.access import policy
from forkant_shared.database import Session
from forkant_shared.identity import Principal


@dataclass(frozen=True, slots=True)
class PageView:
    """A page with its attempts, oldest first, and what the users in it are called on screen."""

    page: Page
    attempts: Sequence[Attempt]
    named: Callable[[str], str]
    demand: Demand


@dataclass(frozen=True, slots=True)
class Health:
    """What the health strip shows. `silent`: threat-watch has not been heard for too long."""

    bus: bool
    routes: Sequence[RouteHealth]
    last_heartbeat: datetime | None
    silent: bool
    oldest_due: datetime | None
    reports_waiting: int
    reports_refused: int
    contacts_waiting: int
    contacts_refused: int
    shifts_at_risk: int
    pins_locked: int


async def list_pages(
    parts: NotifierParts,
    who: Principal,
    *,
    threat_id: str | None = None,
    running_only: bool = False,
    limit: int = 100,
    before: str | None = None,
) -> list[PageView]:
    """Pages, newest first, with their attempts."""
    policy.require(who, "notifier.page.read")
    desk = desk_of(parts)
    async with parts.database.read() as session:
        book = await book_at(session, desk, parts.clock.now())
        me = human_of(who, book)
        found = await pages.listed(session, threat_id=threat_id, running_only=running_only, limit=limit, before=before)
        known = [page for page in found if page.known_to(me.actor_id)]
        tries = await attempts.of_pages(session, [page.id for page in known])
        demands = [await demand_of(session, desk, page) for page in known]
    return [PageView(page, tries[page.id], book.named, demand) for page, demand in zip(known, demands, strict=True)]


async def read_page(parts: NotifierParts, who: Principal, page_id: str) -> tuple[PageView, list[Entry]]:
    """One page with attempts and timeline. Raises NotFound."""
    policy.require(who, "notifier.page.read")
    async with parts.database.read() as session:
        book = await book_at(session, desk_of(parts), parts.clock.now())
        me = human_of(who, book)
        page = (await pages.load(session, page_id)).for_eyes_of(me.actor_id)
        tries = await attempts.of_pages(session, [page.id])
        entries = await pages.timeline(session, page.id)
        demand = await demand_of(session, desk_of(parts), page)
    return PageView(page, tries[page.id], book.named, demand), entries


async def demand_of(session: Session, desk: Desk, page: Page) -> Demand:
    """What the policy the page started with asks for in its lane."""
    return (await policy_of(session, desk, page.policy_version)).lanes[page.lane].demand


async def health_now(parts: NotifierParts, who: Principal) -> Health:
    """How the chain from threat-watch to the phones is."""
    policy.require(who, "notifier.health.read")
    desk, now = desk_of(parts), parts.clock.now()
    async with parts.database.read() as session:
        beat = await watch.last(session)
        oldest = await attempts.oldest_due(session)
        waiting, refused = await calls.jobs_waiting(session)
        contacts = await contact_jobs.standing(session)
        locked = await reach.locked(session, now)
    last = max(beat.beat_at, desk.started_at) if beat else desk.started_at
    return Health(
        bus=parts.bus.healthy,
        routes=desk.routes.health(now),
        last_heartbeat=beat.beat_at if beat else None,
        silent=is_silent(last, now, desk.policy.silent_after),
        oldest_due=oldest,
        reports_waiting=waiting,
        reports_refused=refused,
        contacts_waiting=contacts[0],
        contacts_refused=contacts[1],
        shifts_at_risk=sum(worry.since > now for worry in desk.worries),
        pins_locked=len(locked),
    )


async def recent_calls(parts: NotifierParts, who: Principal) -> list[calls.Call]:
    """The latest calls to the duty phone."""
    policy.require(who, "notifier.call.read")
    async with parts.database.read() as session:
        return await calls.recent(session)


@dataclass(frozen=True, slots=True)
class Phone:
    """A fake phone, and whose it is."""

    address: str
    name: str


async def phones(parts: NotifierParts) -> list[Phone]:
    """The fake phones; embedded mode and trial only."""
    async with parts.database.read() as session:
        book = await book_at(session, desk_of(parts), parts.clock.now())
    found = {address: person.name for person in book.people.values() for address in person.contact.addresses.values()}
    return [Phone(address, name) for address, name in sorted(found.items())]


async def page_of_link(parts: NotifierParts, token: str) -> Page:
    """The page a signed link is about. Raises NotFound."""
    page_id, user = read_link(parts, token)
    async with parts.database.read() as session:
        book = await book_at(session, desk_of(parts), parts.clock.now())
        page = await pages.load(session, page_id)
    return page.for_eyes_of(human_of(Principal(user, user, "PERSON"), book).actor_id)
