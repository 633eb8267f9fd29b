"""The duty desk's board, live: what is open, who is on duty, how the chain is."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.responses import HTMLResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from forkant_notifier.commands import calendar, reading
from forkant_notifier.commands.desk import NotifierParts, desk_of
from forkant_notifier.domain.lanes import Lane
from forkant_notifier.domain.page import PageState
from forkant_notifier.pages.face import ORIGINS, PAGES, TIERS
from forkant_notifier.store import feed
from forkant_shared.access import policy
from forkant_shared.identity import Principal
from forkant_shared.service import PartsOf
from forkant_shared.web import PageUser

ROUTER = APIRouter(include_in_schema=False)

LOOK_SECONDS = 1.0
#: A little less than a token lives: whoever lost the right to look is not shown more than that.
STREAM_SECONDS = 540.0


@ROUTER.get("/", response_class=HTMLResponse)
async def board(request: Request, parts: PartsOf, who: PageUser) -> HTMLResponse:
    """The desk. Whoever has no part in the duty finds the way to their own work from here."""
    return PAGES.render(request, "board.html", **await _told(parts, who))


@ROUTER.get("/notifier/board", response_class=HTMLResponse)
async def board_part(request: Request, parts: PartsOf, who: PageUser) -> HTMLResponse:
    """The moving part of the board."""
    return PAGES.render(request, "board_part.html", fragment=True, **await _told(parts, who))


async def _told(parts: NotifierParts, who: Principal) -> dict[str, Any]:
    told: dict[str, Any] = {"views": None, "duty": None, "health": None, "origins": ORIGINS, "tiers": TIERS}
    told["may_log_calls"] = policy.allows(who, "notifier.call.write")
    told["may_see_duty"] = policy.allows(who, "notifier.duty.read")
    told["may_see_routes"] = policy.allows(who, "notifier.route.read")
    told["may_see_subscriptions"] = policy.allows(who, "notifier.subscription.read")
    told["may_be_reached"] = policy.allows(who, "notifier.reach.write")
    if policy.allows(who, "notifier.page.read"):
        views = await reading.list_pages(parts, who, running_only=True)
        told["views"] = sorted(views, key=lambda view: _place(view))
        told["may_answer"] = policy.allows(who, "notifier.page.answer")
    if policy.allows(who, "notifier.duty.read"):
        told["duty"] = await calendar.duty_now(parts, who)
    if policy.allows(who, "notifier.health.read"):
        told["health"] = await reading.health_now(parts, who)
    return told


def _place(view: reading.PageView) -> tuple[bool, bool, bool, str]:
    """What is real before a drill, open before accepted, LIFE before NORMAL, the oldest first."""
    page = view.page
    return page.drill, page.state is not PageState.OPEN, page.lane is not Lane.LIFE, page.id


@ROUTER.get("/notifier/feed", response_class=EventSourceResponse)
async def changes(
    parts: PartsOf, who: PageUser, last_event_id: Annotated[str | None, Header()] = None
) -> AsyncIterator[ServerSentEvent]:
    """One event `changed` for each line of the feed, with its number as id; a phone that slept says the last it saw."""
    policy.require(who, "notifier.page.read")
    async for row in follow(parts, last_event_id):
        yield ServerSentEvent(event="changed", id=str(row.seq), data={"kind": row.kind})


async def follow(parts: NotifierParts, last_event_id: str | None) -> AsyncIterator[feed.FeedRow]:
    """What comes after the last event seen (from now on where none is named), until the stream's time is over."""
    desk = desk_of(parts)
    async with parts.database.read() as session:
        newest = await feed.last(session)
        known = int(last_event_id) if last_event_id and last_event_id.isdigit() else newest
        seen = {row.seq for row in await feed.since(session, min(known, newest) - feed.LOOK_BACK) if row.seq <= known}
    # A number from another database, as after a restore: begin with what there is.
    cursor = min(known, newest)
    ends = asyncio.get_running_loop().time() + STREAM_SECONDS
    while not desk.stopping and asyncio.get_running_loop().time() < ends:
        bell = desk.feed.next()
        async with parts.database.read() as session:
            rows = await feed.since(session, cursor - feed.LOOK_BACK)
        for row in rows:
            if row.seq not in seen:
                seen.add(row.seq)
                cursor = max(cursor, row.seq)
                yield row
        seen = {seq for seq in seen if seq > cursor - feed.LOOK_BACK * 2}
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(bell.wait(), LOOK_SECONDS)
