"""Notes from meetings, taken in as reports of channel MEETING in the consumer's transaction, and taken back."""

from __future__ import annotations

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
    if not await noting.take_back(session, event.note_id, event.cause, event.withdrawn_at):
        return
    await session.flush()
    row = await reports_held.hold(session, event.note_id)
    if row is None:
        return
    open_ids, _ = await reports_held.threats_with(session, event.note_id)
    await report_clock.destroy(session, parts, row, MEETINGS, WITHDRAWN)
    for threat_id in open_ids:
        codes = {"cause": event.cause}
        await lifetimes.tell(session, threat_id, parts.clock.now(), "note-withdrawn", "meetings", codes)


def _wish(event: IntelligenceNoted, policy: Policy) -> ReportWish:
    """The note as a report. The dialogue's contact has not answered yet whether it can be shown: so it cannot."""
    return ReportWish(
        observed_at=event.observed_at,
        channel=Channel.MEETING,
        origin=f"meeting:{event.origin_id}",
        kind=event.kind,
        grading=_grading(event, policy),
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


def _grading(event: IntelligenceNoted, policy: Policy) -> Grading | None:
    """The grade; none where the policy has no such code: the note is taken in all the same, and waits for a grade."""
    grading = Grading(event.scale, event.source_grade, event.information_grade)
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
        "aggressor": _party_as_sent(event.aggressor_kind, event.aggressor_ref),
        "target": _party_as_sent(event.target_kind, event.target_ref),
        "imminence_hours": event.imminence_hours,
        "spoken_by": event.spoken_by,
        "own_action": event.own_action,
    }
    return {name: value for name, value in said.items() if value is not None}


def _party_as_sent(kind: str, ref: str | None) -> dict[str, str]:
    if ref is None:
        return {"kind": "UNKNOWN"}
    return {"kind": kind, "code" if kind == "ROLE" else "id": ref}
