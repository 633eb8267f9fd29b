"""What threat-watch hears: who is who, answered pages, and what was said in meetings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from forkant_shared.consumer import Handler
from forkant_shared.database import Session
from forkant_shared.envelope import Envelope, Event
from forkant_shared.events import meetings, notifier, registry
from forkant_threat_watch.commands import climate, noting, observing, projecting
from forkant_threat_watch.commands.loading import ThreatWatchParts
from forkant_threat_watch.domain.grading import Grading
from forkant_threat_watch.domain.links import FAMILY, MEMBERSHIP, ROLE, Edge
from forkant_threat_watch.domain.words import PartyKind
from forkant_threat_watch.store import disclosures, links, triage

#: Which predicates link two parties. The others only tell that names may have changed.
LINKING = {"member_of": MEMBERSHIP, "family_of": FAMILY, "holds_role": ROLE}


async def on_group_registered(
    parts: ThreatWatchParts, session: Session, event: registry.GroupRegistered, envelope: Envelope
) -> None:
    await links.know_actor(session, event.group_id, PartyKind.GROUP, parts.clock.now())


async def on_person_registered(
    parts: ThreatWatchParts, session: Session, event: registry.PersonRegistered, envelope: Envelope
) -> None:
    await links.know_actor(session, event.person_id, PartyKind.PERSON, parts.clock.now())


async def on_claim_recorded(
    parts: ThreatWatchParts, session: Session, event: registry.ClaimRecorded, envelope: Envelope
) -> None:
    now = parts.clock.now()
    kind = LINKING.get(event.predicate)
    left = f"PERSON:{event.actor_id}"
    if kind == ROLE and event.code is not None:
        await links.add_edge(session, event.claim_id, Edge(ROLE, left, f"ROLE:{event.code}"), event.valid_to, now)
        await _who_is_kept_out(session, kind, now)
    elif kind in (MEMBERSHIP, FAMILY) and event.object_id is not None and event.object_kind is not None:
        right = f"{event.object_kind}:{event.object_id}"
        await links.add_edge(session, event.claim_id, Edge(kind, left, right), event.valid_to, now)
        await _who_is_kept_out(session, kind, now)
    elif event.object_id is None and event.code is None:
        # A name is text, and text does not travel: what has changed is asked for.
        await links.want_names(session, event.actor_id, now)


async def _who_is_kept_out(session: Session, kind: str, now: datetime) -> None:
    """Family and roles decide who sits in no dialogue about a threat: what is cleared is looked at again."""
    if kind in (FAMILY, ROLE):
        await disclosures.look_again(session, now)


async def on_claim_superseded(
    parts: ThreatWatchParts, session: Session, event: registry.ClaimSuperseded, envelope: Envelope
) -> None:
    await links.drop_edge(session, event.claim_id)
    await links.want_names(session, event.actor_id, parts.clock.now())


async def on_identity_changed(
    parts: ThreatWatchParts, session: Session, event: registry.IdentityChanged, envelope: Envelope
) -> None:
    await projecting.change_identity(session, parts, event.actor_id, event.canonical_id)
    await disclosures.look_again(session, parts.clock.now())


async def on_conflict_changed(
    parts: ThreatWatchParts, session: Session, event: registry.ConflictChanged, envelope: Envelope
) -> None:
    grading = None
    if event.scale is not None and event.source_grade is not None and event.information_grade is not None:
        grading = Grading(event.scale, event.source_grade, event.information_grade)
    groups = (event.group_a, event.group_b)
    await projecting.change_conflict(session, parts, event.conflict_id, groups, event.status, grading, event.since)


async def on_calendar_entry_recorded(
    parts: ThreatWatchParts, session: Session, event: registry.CalendarEntryRecorded, envelope: Envelope
) -> None:
    await projecting.enter_day(session, parts, event.entry_id, event.on, event.parties)


async def on_calendar_entry_superseded(
    parts: ThreatWatchParts, session: Session, event: registry.CalendarEntrySuperseded, envelope: Envelope
) -> None:
    await projecting.call_off_day(session, parts, event.entry_id)


async def on_observation_recorded(
    parts: ThreatWatchParts, session: Session, event: registry.ObservationRecorded, envelope: Envelope
) -> None:
    await observing.take_observation(session, parts, event)


async def on_observation_superseded(
    parts: ThreatWatchParts, session: Session, event: registry.ObservationSuperseded, envelope: Envelope
) -> None:
    await observing.take_observation_back(session, parts, event)


async def on_page_accepted(
    parts: ThreatWatchParts, session: Session, event: notifier.PageAccepted, envelope: Envelope
) -> None:
    if event.threat_id is not None and event.escalation_id is not None:
        await projecting.accept_page(session, parts, event.threat_id, event.escalation_id, event.user)
    elif event.escalation_id is not None:
        await triage.answer(session, event.escalation_id, event.user, parts.clock.now())


async def on_page_closed(
    parts: ThreatWatchParts, session: Session, event: notifier.PageClosed, envelope: Envelope
) -> None:
    if event.threat_id is not None and event.escalation_id is not None:
        await projecting.close_page(session, parts, event.threat_id, event.escalation_id, event.cause)
    elif event.escalation_id is not None:
        await triage.close(session, event.escalation_id, parts.clock.now())


async def on_promise_broken(
    parts: ThreatWatchParts, session: Session, event: meetings.PromiseBroken, envelope: Envelope
) -> None:
    if event.threat_id is not None:
        await projecting.break_promise(session, parts, event.threat_id, event.promise_id)


async def on_meeting_held(
    parts: ThreatWatchParts, session: Session, event: meetings.MeetingHeld, envelope: Envelope
) -> None:
    if event.threat_id is not None:
        await projecting.hold_dialogue(session, parts, event.threat_id, event.meeting_id)


async def on_intelligence_noted(
    parts: ThreatWatchParts, session: Session, event: meetings.IntelligenceNoted, envelope: Envelope
) -> None:
    await noting.take_note(session, parts, event)


async def on_intelligence_withdrawn(
    parts: ThreatWatchParts, session: Session, event: meetings.IntelligenceWithdrawn, envelope: Envelope
) -> None:
    await noting.take_note_back(session, parts, event)


async def on_minutes_approved(
    parts: ThreatWatchParts, session: Session, event: meetings.MinutesApproved, envelope: Envelope
) -> None:
    await climate.tell_climate(session, event)


async def on_climate_corrected(
    parts: ThreatWatchParts, session: Session, event: meetings.ClimateCorrected, envelope: Envelope
) -> None:
    await climate.correct_climate(session, event)


SUBSCRIPTIONS: Mapping[type[Event], Handler] = {
    registry.GroupRegistered: on_group_registered,
    registry.PersonRegistered: on_person_registered,
    registry.ClaimRecorded: on_claim_recorded,
    registry.ClaimSuperseded: on_claim_superseded,
    registry.IdentityChanged: on_identity_changed,
    registry.ConflictChanged: on_conflict_changed,
    registry.CalendarEntryRecorded: on_calendar_entry_recorded,
    registry.CalendarEntrySuperseded: on_calendar_entry_superseded,
    registry.ObservationRecorded: on_observation_recorded,
    registry.ObservationSuperseded: on_observation_superseded,
    notifier.PageAccepted: on_page_accepted,
    notifier.PageClosed: on_page_closed,
    meetings.PromiseBroken: on_promise_broken,
    meetings.MeetingHeld: on_meeting_held,
    meetings.IntelligenceNoted: on_intelligence_noted,
    meetings.IntelligenceWithdrawn: on_intelligence_withdrawn,
    meetings.MinutesApproved: on_minutes_approved,
    meetings.ClimateCorrected: on_climate_corrected,
}
