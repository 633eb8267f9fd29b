"""Routes are watched: tried before the night, told of when they die, believed again when they carry."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from forkant_notifier.clients.board import RouteHealth
from forkant_notifier.commands.desk import NotifierParts, desk_of
from forkant_notifier.commands.paging import open_page, save
from forkant_notifier.domain import route_health
from forkant_notifier.domain.attempts import test_of
from forkant_notifier.domain.human import route_back
from forkant_notifier.domain.page import PageState
from forkant_notifier.domain.route_health import RouteRules, Standing
from forkant_notifier.store import attempts, pages, routes
from forkant_shared import audit
from forkant_shared.access import policy
from forkant_shared.clock import new_id
from forkant_shared.database import Session
from forkant_shared.identity import Principal

#: While nothing but "went well once more" is new, the database hears it no more often than this.
STORE_EACH = timedelta(seconds=30)
FORGET_AT_ONCE = 500


async def adopt_standings(session: Session, parts: NotifierParts) -> None:
    """At the start: what an earlier life, or another instance, knows of the routes."""
    board = desk_of(parts).routes
    board.standings.update(await routes.standings(session, board.routes))


async def learn_standings(parts: NotifierParts) -> None:
    """What other instances have seen: a route that fails there is asked last here too."""
    board = desk_of(parts).routes
    async with parts.database.read() as session:
        stored = await routes.standings(session, board.routes)
    for name, standing in stored.items():
        board.standings[name] = route_health.together(board.standings[name], standing)
        board.stored[name] = standing


async def watch_routes(parts: NotifierParts) -> int:
    """Try what is to be tried, tell of what has died or is back, and store what is new; how many routes had any.

    Looks at memory alone where nothing is due.
    """
    desk, now = desk_of(parts), parts.clock.now()
    board = desk.routes
    for name, standing in board.standings.items():
        if standing.failing_since is not None:
            board.put(route_health.by_the_clock(board.standings[name], board.rules, now))
    due = sorted(name for name in board.routes if _something_is_due(parts, name))
    if not due:
        return 0
    async with parts.database.write() as session:
        if not await session.try_lock("notifier/routes"):
            return 0
        stored = await routes.standings(session, due)
        after = [await _look_after(session, parts, name, stored.get(name)) for name in due]
    for standing in after:
        _take(parts, standing)
    desk.feed()
    return len(due)


def _something_is_due(parts: NotifierParts, name: str) -> bool:
    board, now = desk_of(parts).routes, parts.clock.now()
    standing, rules = board.standings[name], board.rules
    if name in board.test_to and route_health.test_due(standing, rules, now):
        return True
    if route_health.page_due(standing, rules, now) or route_health.is_back(standing):
        return True
    return name in board.changed and _worth_storing(board.stored[name], standing)


def _worth_storing(stored: Standing, standing: Standing) -> bool:
    if (stored.state, stored.last_failed_at) != (standing.state, standing.last_failed_at):
        return True
    if stored.last_good_at is None or stored.last_proven_at is None:
        return True
    return standing.last_good_at is not None and standing.last_good_at - stored.last_good_at >= STORE_EACH


async def _look_after(session: Session, parts: NotifierParts, name: str, stored: Standing | None) -> Standing:
    board, now = desk_of(parts).routes, parts.clock.now()
    standing = board.standings[name]
    if stored is not None:
        standing = route_health.together(standing, stored)
    if name in board.test_to and route_health.test_due(standing, board.rules, now):
        tests = [
            test_of(name, channel, board.test_to[name], attempt_id=new_id(), now=now)
            for channel in sorted(board.routes[name].channels)
        ]
        await attempts.insert(session, tests)
        session.after_commit(desk_of(parts).mailbox.ring)
        standing = replace(standing, tested_at=now)
    if route_health.page_due(standing, board.rules, now):
        page = await open_page(session, parts, route_health.death_of(name))
        standing = replace(standing, page_id=page.id, paged_at=now)
    elif route_health.is_back(standing):
        assert standing.page_id is not None
        page = await pages.load(session, standing.page_id, for_update=True)
        if page.state is not PageState.CLOSED:
            await save(session, parts, page, route_back(page, now))
            await attempts.answered(session, page.id)
        standing = replace(standing, page_id=None)
    await routes.put(session, standing)
    return standing


def _take(parts: NotifierParts, standing: Standing) -> None:
    """What was stored, with whatever this process has seen of the route while it was being stored."""
    board = desk_of(parts).routes
    seen = board.standings[standing.name]
    board.standings[standing.name] = route_health.together(seen, standing)
    board.stored[standing.name] = standing
    board.changed.discard(standing.name)


async def read_routes(parts: NotifierParts, who: Principal) -> tuple[RouteRules, list[RouteHealth]]:
    """How every route is doing, in the order in which each channel asks them. Looking is written down."""
    policy.require(who, "notifier.route.read")
    board = desk_of(parts).routes
    async with parts.database.write() as session:
        stored = await routes.standings(session, board.routes)
        await audit.record(session, who, "notifier.route.read", sorted(board.routes), details={})
    for name, standing in stored.items():
        board.standings[name] = route_health.together(board.standings[name], standing)
    return board.rules, board.health(parts.clock.now())


async def test_now(parts: NotifierParts, who: Principal, name: str) -> None:
    """Try a route at once. Raises Forbidden, NotFound for one there is not or that has no test address."""
    policy.require(who, "notifier.route.test")
    board, now = desk_of(parts).routes, parts.clock.now()
    address = board.tested_at_address(name)
    async with parts.database.write() as session:
        tests = [
            test_of(name, channel, address, attempt_id=new_id(), now=now)
            for channel in sorted(board.routes[name].channels)
        ]
        await attempts.insert(session, tests)
        await audit.record(session, who, "notifier.route.test", [name], details={})
        session.after_commit(desk_of(parts).mailbox.ring)


async def forget_tests(parts: NotifierParts) -> int:
    """Tries of routes, hints and check-in codes that are older than the rules keep them; how many went."""
    before = parts.clock.now() - desk_of(parts).routes.rules.keep_tests
    gone = 0
    while True:
        async with parts.database.read() as session:
            if not await attempts.any_of_no_page(session, before):
                return gone
        async with parts.database.write() as session:
            some = await attempts.forget_of_no_page(session, before, FORGET_AT_ONCE)
        gone += some
        if some < FORGET_AT_ONCE:
            return gone
