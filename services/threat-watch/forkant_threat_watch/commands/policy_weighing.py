"""Signals that another policy weighed are weighed anew when they are loaded, so that an index is one policy's word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from forkant_shared.database import Session
from forkant_threat_watch.commands.policy_in_force import Going, ThreatWatchParts, known_by_version
from forkant_threat_watch.domain.reweighing import weighed
from forkant_threat_watch.domain.signals import Signal
from forkant_threat_watch.domain.threat import Threat
from forkant_threat_watch.domain.words import Source
from forkant_threat_watch.store import recorded, signals


async def weigh_anew(
    session: Session, parts: ThreatWatchParts, going: Going, threats: Sequence[Threat], standing: Sequence[Signal]
) -> tuple[list[Threat], list[Signal]]:
    """The same threats and signals, weighed by this policy; what that changes is stored."""
    version = going.policy.version
    theirs = [signal for threat in threats for signal in (*threat.signals, *threat.suggested)]
    old = {signal.id: signal for signal in (*theirs, *standing) if signal.weighed_by != version}
    if not old:
        return list(threats), list(standing)
    ids = {signal.report for signal in old.values() if signal.source is Source.REPORT}
    written = await recorded.written(session, ids)
    before = await known_by_version(session, parts, {s.weighed_by for s in old.values() if s.weighed_by is not None})
    anew = {
        signal.id: weighed(signal, going.policy, written.get(signal.report), before.get(signal.weighed_by or ""))
        for signal in old.values()
    }
    await signals.weigh(session, list(anew.values()))

    def of(many: Sequence[Signal]) -> tuple[Signal, ...]:
        return tuple(anew.get(signal.id, signal) for signal in many)

    changed = [
        replace(threat, signals=of(threat.signals), suggested=of(threat.suggested), days=of(threat.days))
        for threat in threats
    ]
    return changed, list(of(standing))
