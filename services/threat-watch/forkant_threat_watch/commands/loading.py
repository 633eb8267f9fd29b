"""Loads the part of the world that an act may touch; `keeping` stores what the engine made of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from forkant_shared.clock import new_id
from forkant_shared.database import Session
from forkant_shared.errors import NotFound
from forkant_threat_watch.commands.policy_in_force import Going as Going
from forkant_threat_watch.commands.policy_in_force import ThreatWatchParts as ThreatWatchParts
from forkant_threat_watch.commands.policy_in_force import going as going
from forkant_threat_watch.commands.policy_in_force import going_at as going_at
from forkant_threat_watch.commands.policy_weighing import weigh_anew
from forkant_threat_watch.domain import joining
from forkant_threat_watch.domain.links import Links
from forkant_threat_watch.domain.rules import Firing, Happening, Kind, RuleBook, Surroundings
from forkant_threat_watch.domain.signals import Signal
from forkant_threat_watch.domain.threat import Threat
from forkant_threat_watch.domain.watch import Watch
from forkant_threat_watch.domain.words import Level, Party, PartyKind, Source
from forkant_threat_watch.store import lifetimes, signals, threats
from forkant_threat_watch.store.links import Neighbourhood

RESTRICTED: tuple[str, str | None] = ("RESTRICTED", None)


@dataclass
class Loaded:
    """What was loaded for one act, and the engine that works on it."""

    watch: Watch
    going: Going
    now: datetime
    before: dict[str, Threat] = field(default_factory=dict)
    standing: dict[str, Signal] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)

    @property
    def opening(self) -> list[str]:
        """The threats that the engine has opened, in the order it did."""
        return [threat_id for threat_id in self.watch.threats if threat_id not in self.before]


async def around_signals(
    session: Session,
    parts: ThreatWatchParts,
    placed: Sequence[Signal],
    now: datetime,
    *,
    waiting: Sequence[Signal] = (),
    parties: Sequence[Party] = (),
) -> Loaded:
    """Everything that these signals and parties may concern. Nobody else places anything on the same ones meanwhile."""
    hood = Neighbourhood(session, now)
    named = [*parties, *(party for signal in (*placed, *waiting) for party in signal.parties)]
    resolved = await hood.meet(named)
    await hood.expand({party.key for party in resolved})
    links = hood.links
    await session.lock(f"party/{key}" for party in resolved for key in _joints(party, links))
    policy = (await going_at(session, parts, now)).policy.joining
    known = [joining.resolved_signal(signal, links) for signal in (*placed, *waiting)]
    sides = {pair for signal in known for pair in joining.sides_of(signal, links, policy)}
    sides |= {pair for party in parties for pair in joining.sides_with(links.resolve(party), links, policy)}
    candidates = await threats.load(session, await threats.filed_under(session, sides), lock=True)
    return await _around(session, parts, hood, candidates, resolved, now, placed, waiting)


async def around_threats(
    session: Session,
    parts: ThreatWatchParts,
    threat_ids: Collection[str],
    now: datetime,
    *,
    waiting: Sequence[Signal] = (),
) -> Loaded:
    """These threats and everything their assessment looks at. Raises NotFound where one is not there."""
    found = await threats.load(session, threat_ids, lock=True)
    if len(found) != len(set(threat_ids)):
        raise NotFound("There is no such threat.")
    hood = Neighbourhood(session, now)
    parties = await hood.meet(party for signal in waiting for party in signal.parties)
    return await _around(session, parts, hood, found, parties, now, (), waiting)


async def around_keys(session: Session, parts: ThreatWatchParts, keys: Collection[str], now: datetime) -> Loaded:
    """What stands around these parties, and the threats it may join."""
    return await around_signals(session, parts, (), now, waiting=await signals.standing(session, keys))


def _joints(party: Party, links: Links) -> set[str]:
    """What two parties that are linked have in common: themselves, their groups, roles and families."""
    key = party.key
    roles = {f"ROLE:{role}" for role in links.roles(key)}
    return {key} | links.groups(key) | links.family(key) | roles


async def _around(
    session: Session,
    parts: ThreatWatchParts,
    hood: Neighbourhood,
    found: Sequence[Threat],
    parties: Iterable[Party],
    now: datetime,
    placed: Sequence[Signal],
    waiting: Sequence[Signal] = (),
) -> Loaded:
    theirs = [party for threat in found for party in (*threat.aggressors, *threat.targets)]
    told = {party for threat in found for s in (*threat.signals, *threat.suggested) for party in s.parties}
    await hood.meet(told - set(theirs))
    keys = {party.key for party in (*theirs, *parties)}
    await hood.expand(keys)
    await hood.families_of_holders({key for key in keys if key.startswith("ROLE:")})
    if any(party.kind in (PartyKind.PERSON, PartyKind.ROLE) for party in _targets(found, placed)):
        await hood.known_as()
    links = hood.links
    gone_by = await going_at(session, parts, now)
    policy = gone_by.policy.joining
    through = policy.aggressors_through | policy.targets_through
    near = {key for party_key in keys for key in links.near(party_key, through)}
    stood = [*await signals.standing(session, near), *waiting]
    found, stood = await weigh_anew(session, parts, gone_by, found, stood)
    if links.tell_more:
        found = [joining.resolved(threat, links) for threat in found]
        stood = [_identified(signal, links) for signal in stood]
    standing = {signal.id: signal for signal in stood}
    asked = await lifetimes.asked_once(session, sorted(_alone(gone_by.book, placed, now)))
    watch = Watch(
        gone_by.policy,
        links,
        lambda _: new_id(),
        book=gone_by.book,
        threats=sorted(found, key=lambda threat: (threat.opened_at, threat.id)),
        standing=sorted(standing.values(), key=lambda signal: (signal.since, signal.id)),
        asked=asked,
    )
    before = {threat.id: threat for threat in found}
    return Loaded(watch, gone_by, now, before, standing, set(asked))


def _identified(signal: Signal, links: Links) -> Signal:
    """A signal that waits, about those who stand for its actors now; a name is resolved when it is placed."""
    one, other = signal.aggressor, signal.target
    aggressor = one if one.kind is PartyKind.NAME else links.resolve(one)
    target = other if other.kind is PartyKind.NAME else links.resolve(other)
    return signal if aggressor is one and target is other else replace(signal, aggressor=aggressor, target=target)


def _targets(found: Sequence[Threat], placed: Sequence[Signal]) -> list[Party]:
    return [*(party for threat in found for party in threat.targets), *(signal.target for signal in placed)]


def _alone(book: RuleBook, placed: Sequence[Signal], now: datetime) -> set[str]:
    """What these signals may set off that is said once for all and about no one threat."""
    found: set[str] = set()
    for signal in placed:
        kind = Kind.CALENDAR_ENTRY if signal.source is Source.CALENDAR else Kind.SIGNAL
        happening = Happening(kind, signal.origin, signal if kind is Kind.SIGNAL else None)
        if kind is Kind.SIGNAL:
            fired = book.firings(happening, Surroundings(Level.LOW, ()), now)
        else:
            # Which conflicts it meets is seen only later, so every rule about days is asked for.
            fired = [Firing(rule, happening, None) for rule in book.by_kind[kind]]
        found |= {firing.key for firing in fired if firing.alone}
    return found
