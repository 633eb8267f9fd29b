"""Somebody watches the watcher: heartbeats that come the whole way, and what their silence does."""

from __future__ import annotations

from forkant_notifier.commands.desk import NotifierParts, desk_of
from forkant_notifier.commands.paging import open_page, save
from forkant_notifier.domain.human import watch_resumed
from forkant_notifier.domain.page import PageState
from forkant_notifier.domain.watch import alarm, is_ahead, is_silent
from forkant_notifier.store import pages, watch
from forkant_shared.database import Session
from forkant_shared.events.threat_watch import WatchHeartbeat


async def take_heartbeat(session: Session, parts: NotifierParts, event: WatchHeartbeat) -> None:
    """threat-watch was alive at `beat_at`, and everything between it and us works."""
    before = await watch.last(session, for_update=True)
    # A clock that was set back must not make new beats look old; the beats of a queue that stood still are both.
    if before is not None and event.beat_at <= before.beat_at and event.sequence <= before.sequence:
        return
    page_id = before.page_id if before else None
    silent = is_silent(event.beat_at, parts.clock.now(), desk_of(parts).policy.silent_after)
    if page_id is not None and not silent:
        page = await pages.load(session, page_id, for_update=True)
        if page.state is not PageState.CLOSED:
            await save(session, parts, page, watch_resumed(page, parts.clock.now()))
        page_id = None
    await watch.put(session, watch.Beat(event.beat_at, event.sequence, page_id))


async def check_silence(parts: NotifierParts) -> bool:
    """Ring the operations centre where the watch has fallen silent; whether it did so now.

    A notifier that has just started has not had time to hear anything, so its own start counts as a heartbeat.
    """
    desk, now = desk_of(parts), parts.clock.now()
    desk.started_at = min(desk.started_at, now)
    async with parts.database.read() as session:
        beat = await watch.last(session)
    if beat is not None and is_ahead(beat.beat_at, now, desk.policy.silent_after):
        await _count_from_now(parts)
        return False
    last = max(beat.beat_at, desk.started_at) if beat else desk.started_at
    if not is_silent(last, now, desk.policy.silent_after) or (beat is not None and beat.page_id is not None):
        return False
    async with parts.database.write() as session:
        if not await session.try_lock("notifier/watch"):
            return False
        beat = await watch.last(session, for_update=True)
        if beat is not None and beat.page_id is not None:
            return False
        page = await open_page(session, parts, alarm())
        known = beat or watch.Beat(desk.started_at, 0, None)
        await watch.put(session, watch.Beat(known.beat_at, known.sequence, page.id))
    return True


async def _count_from_now(parts: NotifierParts) -> None:
    """The clock was set back behind the last heartbeat: silence is counted from this moment."""
    async with parts.database.write() as session:
        beat = await watch.last(session, for_update=True)
        if beat is not None:
            await watch.put(session, watch.Beat(parts.clock.now(), beat.sequence, beat.page_id))
