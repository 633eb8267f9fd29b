"""What falls due: time speaking for a threat, signals that wait for a link, names to be asked for, the heartbeat."""

from __future__ import annotations

from forkant_shared import outbox
from forkant_shared.errors import Conflict
from forkant_shared.events import threat_watch as events
from forkant_threat_watch.clients import RegistryClient
from forkant_threat_watch.commands.keeping import keep
from forkant_threat_watch.commands.loading import ThreatWatchParts, around_keys, around_threats
from forkant_threat_watch.store import heartbeats, links, threats

BATCH = 50
NAMES_AT_ONCE = 100


async def let_time_speak(parts: ThreatWatchParts) -> int:
    """Assess the threats whose time has come, each in a transaction of its own; how many."""
    now = parts.clock.now()
    async with parts.database.read() as session:
        waiting = await threats.due(session, now, BATCH)
    for threat_id in waiting:
        try:
            async with parts.database.write() as session:
                loaded = await around_threats(session, parts, [threat_id], parts.clock.now())
                threat = loaded.before[threat_id]
                # Another instance may have been here since the list was read.
                if threat.open and threat.due_at is not None and threat.due_at <= loaded.now:
                    said = loaded.watch.due(threat_id, loaded.now)
                    await keep(session, loaded, said, by="rule:time")
        except Conflict:
            continue
    return len(waiting)


async def join_late(parts: ThreatWatchParts) -> int:
    """Place anew what waits around parties about whom something has become known; how many parties."""
    async with parts.database.read() as session:
        if not await links.rejoin_waits(session):
            return 0
    async with parts.database.write() as session:
        keys = await links.take_rejoin(session, BATCH)
        if keys:
            now = parts.clock.now()
            loaded = await around_keys(session, parts, keys, now)
            received = loaded.watch.rejoin(now)
            await keep(session, loaded, received.said, by="rule:joining")
    return len(keys)


async def ask_names(parts: ThreatWatchParts) -> int:
    """Ask the registry what actors are called, so that a report may name them. Raises Unavailable while it is away."""
    asked_at = parts.clock.now()
    async with parts.database.read() as session:
        wanted = await links.names_wanted(session, NAMES_AT_ONCE)
    if not wanted:
        return 0
    client: RegistryClient = parts.state["registry"]
    told = await client.names(wanted)
    async with parts.database.write() as session:
        for actor_id in wanted:
            label, names = told.get(actor_id, (None, []))
            await links.set_names(session, actor_id, label, names, asked_at)
    return len(wanted)


async def beat(parts: ThreatWatchParts) -> None:
    """Say that the watch is alive, the way every event goes."""
    async with parts.database.write() as session:
        watch_id = f"threat-watch-{parts.settings.instance}"
        now = parts.clock.now()
        sequence = await heartbeats.next_beat(session, watch_id, now)
        event = events.WatchHeartbeat(watch_id=watch_id, sequence=sequence, beat_at=now)
        await outbox.add(session, event, version=sequence)
