"""Puts the notifier together."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import httpx2 as httpx
from fastapi import FastAPI

from forkant_notifier import api, pages, timers
from forkant_notifier.clients import routes_file
from forkant_notifier.clients.board import RouteBoard
from forkant_notifier.clients.routes_file import RoutesRead, Surroundings
from forkant_notifier.clients.sandbox import SandboxRoute
from forkant_notifier.commands.desk import Desk, NotifierParts, adopt_policy, desk_of
from forkant_notifier.commands.duty import load_demo_if_empty
from forkant_notifier.commands.reaching import forget_browser, read_browsers
from forkant_notifier.commands.routing import adopt_standings
from forkant_notifier.commands.sending import keep_fake_messages
from forkant_notifier.commands.sessions import load_key
from forkant_notifier.consumers import SUBSCRIPTIONS
from forkant_notifier.domain.callbacks import read_callback_rules
from forkant_notifier.domain.messages import TEST_LINE
from forkant_notifier.domain.policy import from_document
from forkant_notifier.domain.route_health import read_rules
from forkant_notifier.settings import Settings, policy_document, route_rules_document, routes_document
from forkant_shared.bus import Bus
from forkant_shared.clock import Clock
from forkant_shared.errors import Unavailable
from forkant_shared.machine import MachineTokens
from forkant_shared.parts import Parts
from forkant_shared.service import assemble

RETRY_SECONDS = 0.5
TELL_AFTER_SECONDS = 0.02  # nobody is woken by what the notifier tells, and its own phones may be about to ring


def create_app(settings: Settings, *, bus: Bus, clock: Clock, peers: httpx.AsyncBaseTransport | None = None) -> FastAPI:
    """The notifier as an app; nothing is opened before its lifespan begins. Raises Unsafe, Invalid."""
    parts: NotifierParts = Parts.build(settings, bus=bus, clock=clock, peers=peers)
    document = policy_document(settings.policy)
    read = _routes(settings, parts)
    rules = route_rules_document()
    callbacks = rules["callbacks"] | read.health.get("callbacks", {})
    parts.state["desk"] = Desk(
        policy=from_document(document),
        document=document,
        routes=RouteBoard(read.routes, read_rules(rules | dict(read.health)), read.test_to, read.at_once),
        callbacks=read_callback_rules(callbacks),
        machine=MachineTokens(parts),
        started_at=clock.now(),
    )
    return assemble(
        name="notifier",
        title="Forkant notifier",
        parts=parts,
        routers=[*api.routers(settings), *pages.routers(settings)],
        subscriptions=SUBSCRIPTIONS,
        workers=timers.WORKERS,
        pages=pages.PAGES,
        lifespan=life,
        tell_after_seconds=TELL_AFTER_SECONDS,
    )


def _routes(settings: Settings, parts: NotifierParts) -> RoutesRead:
    if settings.routes_file is not None:
        around = Surroundings(
            clock=parts.clock,
            subscribed=lambda address: desk_of(parts).browsers.get(address, ()),
            forget=lambda browser: forget_browser(parts, browser),
        )
        return routes_file.read(routes_document(settings.routes_file), settings.routes_file.parent, around)
    sandbox = SandboxRoute(
        lambda messages: keep_fake_messages(parts, messages), parts.clock, allowed=settings.allows_development
    )
    return RoutesRead("sandbox", [sandbox], {sandbox.name: TEST_LINE}, {})


@contextlib.asynccontextmanager
async def life(parts: NotifierParts) -> AsyncIterator[None]:
    """What must be known before anything is answered: key, policy, and somebody on duty."""
    desk = desk_of(parts)
    while True:
        try:
            await load_key(parts)
            async with parts.database.write() as session:
                await adopt_policy(session, desk)
                await adopt_standings(session, parts)
            await load_demo_if_empty(parts)
            await read_browsers(parts)
            break
        except Unavailable:
            await asyncio.sleep(RETRY_SECONDS)
    desk.started_at = parts.clock.now()
    try:
        yield
    finally:
        # Live pages end by themselves, so that a server that stops need not cut them.
        desk.stopping = True
        desk.feed()
        await desk.routes.close()
