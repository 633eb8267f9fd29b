"""Notes from meetings, taken in as reports of channel MEETING in the consumer's transaction, and taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from forkant_shared.database import Session
from forkant_shared.errors import Invalid
from forkant_shared.events.meetings import IntelligenceNoted, IntelligenceWithdrawn
from forkant_shared.identity import Principal
from forkant_threat_watch.commands import report_clock
from forkant_threat_watch.commands.loading import ThreatWatchParts, going_at
from forkant_threat_watch.commands.reporting import take_in
from forkant_threat_watch.domain.grading import Grading
from forkant_threat_watch.domain.policy import Policy
from forkant_threat_watch.domain.reporting import ReportWish, SignalWish
from forkant_threat_watch.domain.words import UNKNOWN, Channel, Factor, Party, PartyKind
from forkant_threat_watch.store import lifetimes, noting
from forkant_threat_watch.store import report_clock as reports_held

MEETINGS = Principal.system("meetings")
WITHDRAWN = "WITHDRAWN"


async def take_note(session: Session, parts: ThreatWatchParts, event: IntelligenceNoted) -> None:
    """Take a note in as a report of its own, once: it has the note's id. Who said it stays unsaid."""
    await session.lock([f"note/{event.note_id}"])
    if await noting.settled(session, event.note_id):
        return
    policy = (await going_at(session, parts, parts.clock.now())).policy
    wish = _wish(event, policy)
    await take_in(session, parts, MEETINGS, wish, [_as_sent(event)], event.note_id)


async def take_note_back(session: Session, parts: ThreatWatchParts, event: IntelligenceWithdrawn) -> None:
    """What a note said no longer counts. One that has not come yet will not count when it does."""
    await session.lock([f"note/{event.note_id}"])
    said = ("note-withdrawn", {"cause": event.cause})
    await take_back(session, parts, event.note_id, cause=event.cause, at=event.withdrawn_at, by=MEETINGS, said=said)


async def take_back(
    session: Session,
    parts: ThreatWatchParts,
    report_id: str,
    *,
    cause: str,
    at: datetime,
    by: Principal,
    said: tuple[str, Mapping[str, str]],
) -> None:
    """Destroy what another service has taken back, once, and say so in every threat it counted in.

    What has not come yet will not count when it does. `said` is the line of the timeline and its codes.
    """
    if not await noting.take_back(session, report_id, cause, at):
        return
    row = await reports_held.hold(session, report_id)
    if row is None:
        return
    open_ids, _ = await reports_held.threats_with(session, report_id)
    await report_clock.destroy(session, parts, row, by, WITHDRAWN)
    what, codes = said
    for threat_id in open_ids:
        await lifetimes.tell(session, threat_id, parts.clock.now(), what, by.name, codes)


def _wish(event: IntelligenceNoted, policy: Policy) -> ReportWish:
    """The note as a report. The dialogue's contact has not answered yet whether it can be shown: so it cannot."""
    return ReportWish(
        observed_at=event.observed_at,
        channel=Channel.MEETING,
        origin=f"meeting:{event.origin_id}",
        kind=event.kind,
        grading=known_grading(policy, event.scale, event.source_grade, event.information_grade),
        verified=False,
        exposure="NO",
        handling=event.handling,
        compartment=event.compartment,
        signals=(
            SignalWish(
                factor=Factor(event.factor),
                strength=event.strength,
                aggressor=_party(event.aggressor_kind, event.aggressor_ref),
                target=_party(event.target_kind, event.target_ref),
                imminence_hours=event.imminence_hours,
                spoken_by_aggressor=event.spoken_by == "AGGRESSOR",
                own_action=event.own_action,
            ),
        ),
    )


def known_grading(policy: Policy, scale: str, source: str, information: str) -> Grading | None:
    """The grade; none where the policy has no such code: it is taken in all the same, and waits for a grade."""
    grading = Grading(scale, source, information)
    try:
        policy.grading.quality(grading)
    except Invalid:
        return None
    return grading


def _party(kind: str, ref: str | None) -> Party:
    return UNKNOWN if ref is None else Party(PartyKind(kind), ref)


def _as_sent(event: IntelligenceNoted) -> dict[str, Any]:
    """The signal as it is shown again to whoever reads the report."""
    said: dict[str, Any] = {
        "factor": event.factor,
        "strength": event.strength,
        "aggressor": party_as_sent(event.aggressor_kind, event.aggressor_ref),
        "target": party_as_sent(event.target_kind, event.target_ref),
        "imminence_hours": event.imminence_hours,
        "spoken_by": event.spoken_by,
        "own_action": event.own_action,
    }
    return {name: value for name, value in said.items() if value is not None}


def party_as_sent(kind: str, ref: str | None) -> dict[str, str]:
    """A party as a report carries it."""
    if ref is None:
        return {"kind": "UNKNOWN"}
    return {"kind": kind, "code" if kind == "ROLE" else "id": ref}
