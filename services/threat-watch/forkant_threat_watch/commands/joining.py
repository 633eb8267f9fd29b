"""Joining by hand: a person says which signals belong to which threat. Each act has a reason and can be undone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from forkant_shared import audit
from forkant_shared.access import policy
from forkant_shared.database import Session
from forkant_shared.errors import Conflict, Invalid, NotFound
from forkant_shared.identity import Principal
from forkant_threat_watch.commands.acting import may, refuse_target
from forkant_threat_watch.commands.keeping import keep
from forkant_threat_watch.commands.loading import Loaded, ThreatWatchParts, around_threats
from forkant_threat_watch.domain import hand
from forkant_threat_watch.domain.measures import key_of as measure_key
from forkant_threat_watch.domain.outcomes import Opened, Said
from forkant_threat_watch.domain.requests import key_of as request_key
from forkant_threat_watch.store import joins, lifetimes, measures, officers, references, requests, threats

JOIN = "threat-watch.threat.join"
Act = Callable[[Loaded, datetime], Sequence[Said]]


async def link_signal(parts: ThreatWatchParts, who: Principal, threat_id: str, signal_id: str, reason: str) -> int:
    """Let a signal count in this threat, and be suggested to no other; the threat's new version."""
    async with parts.database.write() as session:
        found = (await joins.signals_of(session, [signal_id])).get(signal_id)
        if found is None:
            raise NotFound("There is no such signal.", field="signal")
        others = await joins.suggested_in(session, signal_id) - {threat_id}

        def act(loaded: Loaded, now: datetime) -> Sequence[Said]:
            return hand.link(loaded.watch, threat_id, found, now)

        loaded, _ = await _by_hand(session, parts, who, threat_id, others, "link", {"signal": signal_id}, reason, act)
        return loaded.before[threat_id].version + 1


async def dismiss_signal(parts: ThreatWatchParts, who: Principal, threat_id: str, signal_id: str, reason: str) -> int:
    """A suggestion was not right for this threat; its new version."""

    def act(loaded: Loaded, now: datetime) -> Sequence[Said]:
        return hand.dismiss(loaded.watch, threat_id, signal_id, now)

    async with parts.database.write() as session:
        loaded, _ = await _by_hand(session, parts, who, threat_id, (), "dismiss", {"signal": signal_id}, reason, act)
        return loaded.before[threat_id].version + 1


async def unlink_signals(
    parts: ThreatWatchParts, who: Principal, threat_id: str, signal_ids: Collection[str], reason: str
) -> int:
    """Let these signals no longer count in this threat; its new version. The level stays until a person lowers it."""

    def act(loaded: Loaded, now: datetime) -> Sequence[Said]:
        return hand.unlink(loaded.watch, threat_id, signal_ids, now)

    codes = {"signals": sorted(signal_ids)}
    async with parts.database.write() as session:
        loaded, _ = await _by_hand(session, parts, who, threat_id, (), "unlink", codes, reason, act)
        return loaded.before[threat_id].version + 1


async def split_threat(
    parts: ThreatWatchParts, who: Principal, threat_id: str, signal_ids: Collection[str], reason: str
) -> tuple[str, str]:
    """Make these signals a threat of their own; its id and reference."""

    def act(loaded: Loaded, now: datetime) -> Sequence[Said]:
        return hand.split(loaded.watch, threat_id, signal_ids, now)

    codes = {"signals": sorted(signal_ids)}
    async with parts.database.write() as session:
        _, said = await _by_hand(session, parts, who, threat_id, (), "split", codes, reason, act)
        fresh = next(each.threat for each in said if isinstance(each, Opened))
        return fresh, (await references.of_threats(session, [fresh]))[fresh]


async def merge_threats(parts: ThreatWatchParts, who: Principal, threat_id: str, into: str, reason: str) -> int:
    """Two threats are one: everything counts in `into`, whose new version this is."""

    def act(loaded: Loaded, now: datetime) -> Sequence[Said]:
        return hand.merge(loaded.watch, threat_id, into, who.subject, now)

    async with parts.database.write() as session:
        loaded, _ = await _by_hand(session, parts, who, threat_id, (into,), "merge", {"into": into}, reason, act)
        await measures.follow(session, threat_id, into)
        await requests.follow(session, threat_id, into)
        return loaded.before[into].version + 1


async def unmerge_threats(parts: ThreatWatchParts, who: Principal, threat_id: str, into: str, reason: str) -> int:
    """They were not one after all: each counts its own again; the new version of the one that was merged."""

    async with parts.database.write() as session:
        # Raised again by the act where nothing was merged; then nothing has come back either.
        back = await measures.come_back(session, threat_id, into)
        asked = await requests.come_back(session, threat_id, into)
        keys = {*map(measure_key, back), *map(request_key, asked)}

        def act(loaded: Loaded, now: datetime) -> Sequence[Said]:
            return hand.unmerge(loaded.watch, threat_id, into, now, back=keys)

        loaded, _ = await _by_hand(session, parts, who, threat_id, (into,), "unmerge", {"into": into}, reason, act)
        return loaded.before[threat_id].version + 1


async def merge_into_named(parts: ThreatWatchParts, who: Principal, threat_id: str, reference: str, reason: str) -> int:
    """As `merge_threats`, into the threat of this reference. Raises Invalid where there is none to know of."""
    policy.require(who, JOIN)
    async with parts.database.read() as session:
        visible = policy.visible(who, JOIN, threats.COLUMNS)
        into = await joins.named(session, reference.strip().upper(), visible)
    if into is None:
        raise Invalid("There is no such threat.", field="into", remedy="Write its reference, as T-2026-000123.")
    return await merge_threats(parts, who, threat_id, into, reason)


async def undo_merge(parts: ThreatWatchParts, who: Principal, threat_id: str, reason: str) -> int:
    """As `unmerge_threats`, from what this threat was last merged into. Raises Conflict where it never was."""
    policy.require(who, JOIN)
    async with parts.database.read() as session:
        await may(session, who, threat_id, JOIN)
        into = await joins.merged_into(session, threat_id)
    if into is None:
        raise Conflict("The threat is not merged.", field="from", remedy="Read the threat again.")
    return await unmerge_threats(parts, who, threat_id, into, reason)


async def _by_hand(
    session: Session,
    parts: ThreatWatchParts,
    who: Principal,
    threat_id: str,
    others: Collection[str],
    name: str,
    codes: dict[str, Any],
    reason: str,
    act: Act,
) -> tuple[Loaded, Sequence[Said]]:
    """One act on one threat and on those it touches, by somebody who may know of them and is aimed at by none."""
    policy.require(who, JOIN)
    touched = [threat_id, *sorted(others)]
    lines = [await may(session, who, each, JOIN) for each in touched]
    handling = (lines[0].handling, lines[0].compartment)
    now = parts.clock.now()
    loaded = await around_threats(session, parts, touched, now)
    refuse_target(loaded, who, touched, JOIN)
    await officers.remember(session, who)
    said = act(loaded, now)
    await keep(session, loaded, said, by=who.subject, handling=handling)
    for each in touched:
        await lifetimes.tell(session, each, now, name, who.subject, codes, reason)
    await audit.record(session, who, JOIN, touched, details={"act": name, **codes})
    return loaded, said
