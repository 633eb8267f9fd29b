"""Which threat a signal belongs to. A threat has several aggressors and several targets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from forkant_threat_watch.domain.links import MEMBERSHIP, Links
from forkant_threat_watch.domain.policy import JoiningPolicy
from forkant_threat_watch.domain.signals import Signal
from forkant_threat_watch.domain.threat import Threat
from forkant_threat_watch.domain.words import Party, PartyKind, Source

# A conflict is between groups, and those who belong to them.
IN_GROUP = frozenset((MEMBERSHIP,))


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a signal goes: it counts in `counts`, waits for a person's choice in `suggested`, or `opens` a threat."""

    counts: tuple[str, ...] = ()
    suggested: tuple[str, ...] = ()
    opens: bool = False


def is_context(signal: Signal, policy: JoiningPolicy) -> bool:
    """Whether the signal is about a group at large and so counts in every open threat by that group."""
    if signal.source in (Source.CALENDAR, Source.CONFLICT):
        return True
    return signal.source is Source.REPORT and signal.factor in policy.context and signal.aggressor.known


def may_open(signal: Signal, policy: JoiningPolicy) -> bool:
    """Whether the signal opens a threat when none fits: by what it is about, and somebody who can be found.

    A word about tonight opens one even when nobody in it can be found: the phone must have something to ring about.
    """
    if signal.source is not Source.REPORT or signal.factor not in policy.opens:
        return False
    if signal.aggressor.identifiable or signal.target.identifiable:
        return True
    return signal.imminence_hours is not None and signal.imminence_hours <= policy.opens_unidentified_within_hours


def place(signal: Signal, candidates: Iterable[Threat], links: Links, policy: JoiningPolicy) -> Placement:
    """Where the signal goes among these open threats, which hold at least all that share a link with its parties."""
    if is_context(signal, policy):
        counting = tuple(threat.id for threat in candidates if context_fits(signal, threat, links, policy))
        return Placement(counts=counting)
    matches = [(sides, threat) for threat in candidates if (sides := sides_that_match(signal, threat, links, policy))]
    best = max((sides for sides, _ in matches), default=0)
    fitting = [threat.id for sides, threat in matches if sides == best]
    if len(fitting) == 1:
        return Placement(counts=(fitting[0],))
    if fitting:
        return Placement(suggested=tuple(fitting))
    return Placement(opens=may_open(signal, policy))


def sides_that_match(signal: Signal, threat: Threat, links: Links, policy: JoiningPolicy) -> int:
    """How many sides of the signal are the threat's or linked to it; 0 when one known side belongs to somebody else."""
    total = 0
    for party, theirs, through in (
        (signal.aggressor, threat.aggressors, policy.aggressors_through),
        (signal.target, threat.targets, policy.targets_through),
    ):
        if party.known and theirs:
            if not linked(party, theirs, links, through):
                return 0
            total += 1
    return total


def linked(party: Party, others: Sequence[Party], links: Links, through: frozenset[str]) -> bool:
    """Whether the party is one of the others or one step away from one of them."""
    near = links.near(party.key, through)
    return any(other.key in near for other in others)


def context_fits(signal: Signal, threat: Threat, links: Links, policy: JoiningPolicy) -> bool:
    """Whether a group-level signal counts in this threat."""
    if signal.source is Source.CALENDAR:
        return linked(signal.aggressor, (*threat.aggressors, *threat.targets), links, policy.targets_through)
    if signal.source is Source.CONFLICT:
        return _between(signal.aggressor, signal.target, threat, links) or _between(
            signal.target, signal.aggressor, threat, links
        )
    if not linked(signal.aggressor, threat.aggressors, links, policy.targets_through):
        return False
    if not signal.target.known or not threat.targets:
        return True
    return linked(signal.target, threat.targets, links, policy.targets_through)


def _between(one: Party, other: Party, threat: Threat, links: Links) -> bool:
    return linked(one, threat.aggressors, links, IN_GROUP) and linked(other, threat.targets, links, IN_GROUP)


def with_parties_of(threat: Threat, signal: Signal, policy: JoiningPolicy) -> Threat:
    """The threat with the signal's parties among its own; what counts for a whole group makes nobody a party."""
    if signal.source is not Source.REPORT or is_context(signal, policy):
        return threat
    aggressors = _grown(threat.aggressors, signal.aggressor)
    targets = _grown(threat.targets, signal.target)
    if aggressors is threat.aggressors and targets is threat.targets:
        return threat
    return replace(threat, aggressors=aggressors, targets=targets)


def resolved(threat: Threat, links: Links) -> Threat:
    """The threat with its signals about those whom the registry takes their parties for now; its sides as they were."""

    def of(signals: Sequence[Signal]) -> tuple[Signal, ...]:
        return tuple(resolved_signal(signal, links) for signal in signals)

    return replace(threat, signals=of(threat.signals), suggested=of(threat.suggested), days=of(threat.days))


def resolved_signal(signal: Signal, links: Links) -> Signal:
    """The signal about those whom the registry takes its parties for now."""
    aggressor, target = links.resolve(signal.aggressor), links.resolve(signal.target)
    if aggressor is signal.aggressor and target is signal.target:
        return signal
    return replace(signal, aggressor=aggressor, target=target)


def with_sides_of(threat: Threat, signals: tuple[Signal, ...], policy: JoiningPolicy) -> Threat:
    """The threat with exactly these signals, and the parties that they bring."""
    days = tuple(signal for signal in signals if signal.source is Source.CALENDAR and not signal.called_off)
    bare = replace(threat, signals=signals, days=days, aggressors=(), targets=())
    for signal in signals:
        bare = with_parties_of(bare, signal, policy)
    return bare


def _grown(parties: tuple[Party, ...], signal_party: Party) -> tuple[Party, ...]:
    """The threat's side with the signal's party in it, once."""
    if not signal_party.known or any(party.key == signal_party.key for party in parties):
        return parties
    return (*parties, signal_party)


Sides = tuple[frozenset[str] | None, frozenset[str] | None]


def sides_of(signal: Signal, links: Links, policy: JoiningPolicy) -> list[Sides]:
    """Where a threat must be filed to be a candidate: pairs of keys, an aggressor's and a target's, None for any.

    A threat that knows nobody on one side fits any key there.
    """
    one, other = signal.aggressor, signal.target
    if signal.source is Source.CALENDAR:
        return sides_with(one, links, policy)
    if signal.source is Source.CONFLICT:
        near_one, near_other = links.near(one.key, IN_GROUP), links.near(other.key, IN_GROUP)
        return [(near_one, near_other), (near_other, near_one)]
    aggressors = links.near(one.key, policy.aggressors_through) if one.known else None
    targets = links.near(other.key, policy.targets_through) if other.known else None
    return [] if aggressors is None and targets is None else [(aggressors, targets)]


def sides_with(party: Party, links: Links, policy: JoiningPolicy) -> list[Sides]:
    """Where a threat is filed that has this party, or one linked to it, on either side."""
    near = links.near(party.key, policy.targets_through)
    return [(near, None), (None, near)]


def waits_under(signal: Signal, policy: JoiningPolicy) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The keys under which a signal waits for a threat's aggressors, and for its targets, to be looked up."""
    aggressors = (signal.aggressor.key,) if signal.aggressor.known else ()
    targets = (signal.target.key,) if signal.target.known else ()
    if signal.source is not Source.REPORT:
        return (*aggressors, *targets), (*aggressors, *targets)
    # What counts for a group is looked up by the group alone: a target may be named by very many. But a name waits
    # for the day somebody resolves it.
    by_group = is_context(signal, policy) and signal.target.kind is not PartyKind.NAME
    return aggressors, () if by_group else targets
