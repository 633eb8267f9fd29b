"""Measures are made, served and ended: each a named person's act, in proportion to the threat or with a reason."""

from __future__ import annotations

from datetime import datetime

from forkant_shared.clock import new_id
from forkant_shared.errors import NotFound
from forkant_shared.identity import Principal
from forkant_threat_watch.commands.acting import Acting, acting, owner_of
from forkant_threat_watch.commands.loading import ThreatWatchParts
from forkant_threat_watch.domain import clocks
from forkant_threat_watch.domain import measures as domain
from forkant_threat_watch.domain.measures import EXPIRES, Ending, Measure, Service, Wish
from forkant_threat_watch.store import followup, measures

MAKE, SERVE, END = "threat-watch.measure.make", "threat-watch.measure.serve", "threat-watch.measure.end"


async def make_measure(parts: ThreatWatchParts, who: Principal, threat_id: str, wish: Wish) -> Measure:
    """Begin a measure. Outside the table of proportion it has a reason, and is counted."""
    working = followup.current()
    async with acting(parts, who, threat_id, MAKE) as by_hand:
        await owner_of(by_hand, wish.owner)
        watch, now = by_hand.loaded.watch, by_hand.now
        threat, made = domain.make(by_hand.threat, wish, new_id(), who.subject, working.version, working.measures, now)
        await measures.add(by_hand.session, made)
        watch.keep(threat)
        codes = {
            "measure": made.id,
            "kind": wish.kind.value,
            "expires_at": wish.expires_at.isoformat(),
            "outside": made.outside,
            "table": made.table_version,
        }
        await by_hand.done(watch.due(threat_id, now), codes, what="measure-made", objects=[made.id])
        return made


async def serve_measure(
    parts: ThreatWatchParts,
    who: Principal,
    threat_id: str,
    measure_id: str,
    not_because: str | None,
    *,
    at: datetime | None = None,
    version: int | None = None,
) -> Measure:
    """Say that a measure was brought to whom it concerns, or (`not_because`) why it was not."""
    kinds = followup.current().measures.kinds
    async with acting(parts, who, threat_id, SERVE) as by_hand:
        before = await _measure(by_hand, measure_id, version)
        service = Service(not_because is None, who.subject, at or by_hand.now, not_because)
        after = domain.serve(before, service, kinds[before.wish.kind], by_hand.now)
        await measures.save(by_hand.session, after)
        codes = {"measure": measure_id, "kind": after.wish.kind.value, "served": service.served}
        await by_hand.done((), codes, what="measure-served", objects=[measure_id])
        return after


async def end_measure(
    parts: ThreatWatchParts,
    who: Principal,
    threat_id: str,
    measure_id: str,
    reason: str,
    *,
    version: int | None = None,
) -> Measure:
    """End a measure, with how it went or why it ends."""
    rules = followup.current().measures
    async with acting(parts, who, threat_id, END) as by_hand:
        watch, now = by_hand.loaded.watch, by_hand.now
        before = await _measure(by_hand, measure_id, version)
        threat, after = domain.end(
            by_hand.threat, before, Ending(who.subject, now, reason), rules.kinds[before.wish.kind]
        )
        await measures.save(by_hand.session, after)
        left = [one for one in await measures.of_threat(by_hand.session, threat_id) if one.ending is None]
        if not any(one.wish.expires_at - rules.ask_before <= now for one in left):
            threat = clocks.settle(threat, EXPIRES)
        if not domain.disproportionate(left, threat.level, rules, now):
            threat = clocks.settle(threat, domain.DISPROPORTIONATE)
        watch.keep(threat)
        codes = {"measure": measure_id, "kind": after.wish.kind.value}
        await by_hand.done(watch.due(threat_id, now), codes, what="measure-ended", objects=[measure_id])
        return after


async def _measure(by_hand: Acting, measure_id: str, version: int | None) -> Measure:
    found = await measures.find(by_hand.session, measure_id)
    if found is None or found.threat != by_hand.line.id:
        raise NotFound("The threat has no such measure.", field="measure")
    domain.on_version(found, version)
    return found
