"""Signals that do not come from a report: a day that matters, and how two groups stand to each other."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace
from datetime import datetime, timedelta

from forkant_threat_watch.domain import joining
from forkant_threat_watch.domain.grading import Grading, Quality
from forkant_threat_watch.domain.outcomes import Said
from forkant_threat_watch.domain.policy import Policy
from forkant_threat_watch.domain.rules import Happening, Kind
from forkant_threat_watch.domain.signals import Signal
from forkant_threat_watch.domain.watch import Received, Watch
from forkant_threat_watch.domain.words import Party, Source


def calendar_signals(
    entry_id: str, begins: datetime, ends: datetime, parties: Sequence[Party], policy: Policy
) -> list[Signal]:
    """One signal for each party of the entry, flat from some days before it begins to some days after it ends."""
    calendar = policy.calendar
    return [
        Signal(
            id=f"{entry_id}/{place}",
            report=f"calendar:{entry_id}",
            factor=calendar.factor,
            strength=calendar.strength,
            grade=Quality(calendar.quality, calendar.quality),
            quality=calendar.quality,
            origin=f"calendar:{entry_id}",
            observed_at=begins,
            aggressor=party,
            source=Source.CALENDAR,
            flat=True,
            flat_from=begins - calendar.before,
            flat_until=ends + calendar.after,
            event_at=begins,
            weighed_by=policy.version,
        )
        for place, party in enumerate(parties)
    ]


def enter_day(
    watch: Watch, entry_id: str, begins: datetime, ends: datetime, parties: Sequence[Party], now: datetime
) -> Received:
    """A day that matters: it counts in every threat with one of its parties, and may bring rivals together."""
    signals = [
        signal
        for signal in calendar_signals(entry_id, begins, ends, parties, watch.policy)
        if signal.id not in watch.standing
    ]
    said = rivals_meet(watch, entry_id, parties, now)
    received = watch.receive(signals, now)
    return replace(received, said=(*said, *received.said))


def call_off_day(watch: Watch, entry_id: str, now: datetime) -> Received:
    """A day was wrong, was moved or was called off: it counts no longer, in any threat; that it did so far stays."""
    report = f"calendar:{entry_id}"
    said: list[Said] = []
    for signal_id in [signal.id for signal in watch.standing.values() if signal.report == report]:
        watch.standing.pop(signal_id)
    for threat in list(watch.threats.values()):
        if threat.open and any(signal.report == report for signal in threat.signals):
            signals = tuple(ended(signal, now) if signal.report == report else signal for signal in threat.signals)
            days = tuple(signal for signal in threat.days if signal.report != report)
            watch.recount(replace(threat, signals=signals, days=days))
            said += watch.assess(threat.id, (), now, cause="DAY")
    return Received(tuple(said), {}, {})


def ended(signal: Signal, now: datetime) -> Signal:
    """The flat signal as it counts until now at most."""
    ends = now - timedelta(microseconds=1)
    return signal if signal.flat_until is not None and signal.flat_until <= ends else replace(signal, flat_until=ends)


def change_identity(watch: Watch, keys: Set[str], now: datetime) -> list[Said]:
    """Who is one with whom has changed for these keys: every threat they are in is about those they stand for now.

    What a threat had counted for a whole group or a day only because of who was taken for whom, goes; all that was
    told of it stays.
    """
    policy = watch.policy.joining
    said: list[Said] = []
    for threat in list(watch.threats.values()):
        if not threat.open:
            continue
        bare = joining.with_sides_of(threat, threat.signals, policy)
        kept = tuple(
            signal
            for signal in bare.signals
            if not joining.is_context(signal, policy)
            or keys.isdisjoint(party.key for party in signal.parties)
            or joining.context_fits(signal, bare, watch.links, policy)
        )
        after = joining.with_sides_of(bare, kept, policy)
        if (after.aggressors, after.targets, after.signals) != (threat.aggressors, threat.targets, threat.signals):
            watch.recount(after)
            said += watch.assess(threat.id, (), now, cause="IDENTITY")
    return said


def rivals_meet(watch: Watch, entry_id: str, parties: Sequence[Party], now: datetime) -> list[Said]:
    """Ask for meetings beforehand where the day brings together two groups that stand badly to each other."""
    groups = {key for party in parties for key in watch.links.groups(watch.links.resolve(party).key)}
    stands = frozenset(
        signal.report.rpartition(":")[2]
        for signal in watch.standing.values()
        if signal.source is Source.CONFLICT
        and (signal.flat_until is None or signal.flat_until > now)
        and {signal.aggressor.key, signal.target.key} <= groups
    )
    happening = Happening(Kind.CALENDAR_ENTRY, f"calendar:{entry_id}", conflicts=stands)
    return watch.ask_alone(happening, sorted(groups), now)


def conflict_signal(
    conflict_id: str, groups: tuple[Party, Party], status: str, grading: Grading | None, since: datetime, policy: Policy
) -> Signal | None:
    """What this state of a conflict counts while it lasts; None for a state that counts nothing.

    The report reference carries the status, so that the state can be read off the signal.
    """
    counts = policy.conflicts.get(status)
    if counts is None:
        return None
    grade = policy.grading.quality(grading)
    return Signal(
        id=f"{conflict_id}/{since.isoformat()}",
        report=f"conflict:{conflict_id}:{status}",
        factor=counts.factor,
        strength=counts.strength,
        grade=grade,
        quality=grade.weigh(policy.grading.unknown),
        origin=f"conflict:{conflict_id}",
        observed_at=since,
        aggressor=groups[0],
        target=groups[1],
        source=Source.CONFLICT,
        graded=grading is not None,
        flat=True,
        flat_from=since,
        weighed_by=policy.version,
    )


def change_conflict(watch: Watch, conflict_id: str, signal: Signal | None, since: datetime, now: datetime) -> Received:
    """How two groups stand has changed: what counted ends, what counts now begins, in every threat between them."""
    ends = since - timedelta(microseconds=1)
    origin = f"conflict:{conflict_id}"
    said: list[Said] = []
    for old in [s for s in watch.standing.values() if s.origin == origin and s.flat_until is None]:
        ended = replace(old, flat_until=ends)
        watch.standing[old.id] = ended
        for threat in list(watch.threats.values()):
            if threat.open and any(known.id == old.id for known in threat.signals):
                signals = tuple(ended if known.id == old.id else known for known in threat.signals)
                watch.recount(replace(threat, signals=signals))
                said += watch.assess(threat.id, (), now, cause="CONFLICT")
    received = watch.receive([signal] if signal else [], now)
    return replace(received, said=(*said, *received.said))
