"""The situation picture: drawn for those who lead, and published for partners when a period is ripe."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from forkant_shared import audit, outbox
from forkant_shared.access import policy
from forkant_shared.events.threat_watch import SituationUpdated
from forkant_shared.identity import Principal
from forkant_threat_watch.commands.climate import Climate, by_group
from forkant_threat_watch.commands.loading import ThreatWatchParts, going
from forkant_threat_watch.commands.reading import READ_THREAT
from forkant_threat_watch.domain.situation import (
    DistrictLine,
    SituationRules,
    by_district,
    partner_counts,
    published,
    ripe_periods,
)
from forkant_threat_watch.domain.words import Party, PartyKind
from forkant_threat_watch.store import climate as climates
from forkant_threat_watch.store import links, situations, threats

READ = "threat-watch.situation.read"
READ_PARTNER = "threat-watch.situation.partner"
PICTURES_SHOWN = 26


@dataclass(frozen=True, slots=True)
class Conflict:
    """How two groups stand to each other, and since when."""

    status: str
    since: datetime
    groups: tuple[Party, Party]


@dataclass(frozen=True, slots=True)
class Coming:
    """A day that matters, and to whom."""

    at: datetime
    parties: tuple[Party, ...]


@dataclass(frozen=True, slots=True)
class Situation:
    """The picture as this reader may see it. `before` is the moment levels are compared with."""

    rules: SituationRules
    at: datetime
    before: datetime
    districts: Sequence[DistrictLine]
    conflicts: Sequence[Conflict]
    coming: Sequence[Coming]
    climate: Sequence[Climate]
    overdue_reviews: int
    labels: dict[str, str]


async def draw_situation(parts: ThreatWatchParts, who: Principal) -> Situation:
    """The picture for those who lead; that it was looked at is recorded. Raises Forbidden."""
    policy.require(who, READ)
    rules, now = situations.rules(), parts.clock.now()
    before = now - rules.trend
    visible = policy.visible(who, READ_THREAT, threats.COLUMNS)
    async with parts.database.read() as session:
        lines = by_district(await situations.standings(session, visible, before), rules)
        conflicts = [_conflict(row) for row in await situations.conflicts(session)]
        coming = _days(await situations.coming(session, now, now + rules.coming))
        climate = by_group(await climates.listed(session, policy.visible(who, READ, climates.COLUMNS)))
        overdue = await situations.overdue_reviews(session, visible, now)
        parties = [party for one in conflicts for party in one.groups]
        parties += [party for day in coming for party in day.parties]
        parties += [one.group for one in climate]
        labels = await links.labels(session, sorted({party.ref for party in parties}))
    async with parts.database.write() as session:
        await audit.record(session, who, READ, [], kind="CONSULTATION")
    return Situation(rules, now, before, lines, conflicts, coming, climate, overdue, labels)


def _conflict(row: Any) -> Conflict:
    one = Party(PartyKind(row.aggressor_kind), row.aggressor_ref)
    other = Party(PartyKind(row.target_kind), row.target_ref)
    return Conflict(row.report.rpartition(":")[2], row.flat_from, (one, other))


def _days(rows: Sequence[Any]) -> list[Coming]:
    """One line a day, with all it matters to."""
    found: dict[str, Coming] = {}
    for row in rows:
        party = Party(PartyKind(row.aggressor_kind), row.aggressor_ref)
        known = found.get(row.report)
        found[row.report] = Coming(row.event_at, (*(known.parties if known else ()), party))
    return list(found.values())


# -- for partners ------------------------------------------------------------------------------------------------------


async def read_partner_pictures(parts: ThreatWatchParts, who: Principal) -> Sequence[Any]:
    """What partners may see, the newest period first; recorded as a disclosure to them. Raises Forbidden."""
    policy.require(who, READ_PARTNER)
    async with parts.database.write() as session:
        found = await situations.published(session, PICTURES_SHOWN)
        await audit.record(session, who, READ_PARTNER, [row.begins.isoformat() for row in found[:1]], kind="DISCLOSURE")
    return found


async def publish_pictures(parts: ThreatWatchParts) -> int:
    """Publish the periods that have become ripe, each once and for good, and say that they are there; how many."""
    rules, zone = situations.rules(), going(parts).policy.timezone
    now = parts.clock.now()
    async with parts.database.read() as session:
        first = await situations.first_opened(session)
        known = {row.begins for row in await situations.published(session, PICTURES_SHOWN)}
    if first is None:
        return 0
    ripe = [
        period
        for period in ripe_periods(rules.partner, now.astimezone(zone).date())[-PICTURES_SHOWN:]
        if period.ends > first.astimezone(zone).date() and period.begins not in known
    ]
    made = 0
    for period in ripe:
        async with parts.database.write() as session:
            await session.lock(["threat-watch/partner-pictures"])
            since, until = (datetime.combine(day, time(), zone) for day in (period.begins, period.ends))
            counts = partner_counts(await situations.opened_between(session, since, until), rules)
            cells = published(counts, rules.partner, _unguessable)
            if await situations.publish(session, period.begins, period.ends, now, rules.version, cells):
                # A picture never changes once it is out, so the first version is the only one.
                await outbox.add(session, SituationUpdated(begins=period.begins, published_at=now), version=1)
                made += 1
    return made


def _unguessable() -> float:
    return secrets.randbelow(1 << 53) / (1 << 53)
