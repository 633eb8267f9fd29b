"""Observations near a protected place, taken in as reports in the consumer's transaction, and taken back."""

from __future__ import annotations

from typing import Any

from forkant_shared.database import Session
from forkant_shared.events.registry import ObservationRecorded, ObservationSuperseded
from forkant_shared.identity import Principal
from forkant_threat_watch.commands.loading import ThreatWatchParts, going_at
from forkant_threat_watch.commands.noting import known_grading, party_as_sent, take_back
from forkant_threat_watch.commands.reporting import take_in
from forkant_threat_watch.domain.observing import near_signals
from forkant_threat_watch.domain.reporting import ReportWish, SignalWish
from forkant_threat_watch.domain.words import Channel, Party, PartyKind
from forkant_threat_watch.store import links, noting, observation_rules

REGISTRY = Principal.system("registry")
SUPERSEDED = "SUPERSEDED"


async def take_observation(session: Session, parts: ThreatWatchParts, event: ObservationRecorded) -> None:
    """Take an observation near a protected place in as a report, once: it has the observation's id.

    Any other observation says nothing about a threat by itself.
    """
    if event.near_kind is None or event.near_ref is None:
        return
    await session.lock([f"observation/{event.observation_id}"])
    if await noting.settled(session, event.observation_id):
        return
    policy = (await going_at(session, parts, parts.clock.now())).policy
    protected = Party(PartyKind(event.near_kind), event.near_ref)
    seen = await links.parties(session, event.actors)
    signals = near_signals(seen, protected, event.district, observation_rules.current())
    wish = ReportWish(
        observed_at=event.observed_at,
        channel=Channel.SYSTEM,
        origin=f"observation:{event.origin_id}",
        kind="FACT",
        grading=known_grading(policy, event.scale, event.source_grade, event.information_grade),
        verified=False,
        exposure="NO",
        handling=event.handling,
        compartment=event.compartment,
        signals=signals,
    )
    await take_in(session, parts, REGISTRY, wish, [_as_sent(signal) for signal in signals], event.observation_id)


async def take_observation_back(session: Session, parts: ThreatWatchParts, event: ObservationSuperseded) -> None:
    """What an observation said no longer counts; what replaces it is told by itself, before or after."""
    await session.lock([f"observation/{event.observation_id}"])
    await take_back(
        session,
        parts,
        event.observation_id,
        cause=SUPERSEDED,
        at=parts.clock.now(),
        by=REGISTRY,
        said=("observation-superseded", {"cause": SUPERSEDED}),
    )


def _as_sent(signal: SignalWish) -> dict[str, Any]:
    """The signal as it is shown again to whoever reads the report."""
    said: dict[str, Any] = {
        "factor": signal.factor.value,
        "strength": signal.strength,
        "aggressor": party_as_sent(signal.aggressor.kind.value, signal.aggressor.ref or None),
        "target": party_as_sent(signal.target.kind.value, signal.target.ref or None),
        "imminence_hours": signal.imminence_hours,
        "place": signal.place,
    }
    return {name: value for name, value in said.items() if value is not None}
