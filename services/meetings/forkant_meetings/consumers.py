"""What meetings hears: groups there are, who is the same as whom, and what may be talked about with whom."""

from __future__ import annotations

from collections.abc import Mapping

from forkant_meetings.commands.asking import MeetingsParts
from forkant_meetings.commands.meetings import recheck_confirmed
from forkant_meetings.store import known
from forkant_shared.consumer import Handler
from forkant_shared.database import Session
from forkant_shared.envelope import Envelope, Event
from forkant_shared.events.registry import GroupRegistered, IdentityChanged
from forkant_shared.events.threat_watch import (
    DialogueClearanceWithdrawn,
    DialogueCleared,
    EscalationRaised,
    ThreatClosed,
)


async def on_group_registered(
    parts: MeetingsParts, session: Session, event: GroupRegistered, envelope: Envelope
) -> None:
    await known.add_group(session, event.group_id, event.group_kind)


async def on_identity_changed(
    parts: MeetingsParts, session: Session, event: IdentityChanged, envelope: Envelope
) -> None:
    """A representative may turn out to be the person a threat is aimed at."""
    await known.identify(session, event.actor_id, event.canonical_id)
    await recheck_confirmed(session, None)


async def on_dialogue_cleared(
    parts: MeetingsParts, session: Session, event: DialogueCleared, envelope: Envelope
) -> None:
    """Who the threat is aimed at comes with it: a threat nobody was paged about has targets too."""
    await known.clear_dialogue(session, event.threat_id, event.valid_until)
    if event.excluded_actor_ids:
        await known.exclude(session, event.threat_id, event.excluded_actor_ids)
    await recheck_confirmed(session, event.threat_id)


async def on_dialogue_clearance_withdrawn(
    parts: MeetingsParts, session: Session, event: DialogueClearanceWithdrawn, envelope: Envelope
) -> None:
    """What was cleared is not any more: a meeting that was confirmed on it has to wait."""
    await known.withdraw_clearance(session, event.threat_id)
    await recheck_confirmed(session, event.threat_id)


async def on_escalation_raised(
    parts: MeetingsParts, session: Session, event: EscalationRaised, envelope: Envelope
) -> None:
    """The targets of the threat sit in no meeting about it, also where one was confirmed already."""
    await known.exclude(session, event.threat_id, event.excluded_actor_ids)
    await recheck_confirmed(session, event.threat_id)


async def on_threat_closed(parts: MeetingsParts, session: Session, event: ThreatClosed, envelope: Envelope) -> None:
    await known.close_threat(session, event.threat_id)


SUBSCRIPTIONS: Mapping[type[Event], Handler] = {
    GroupRegistered: on_group_registered,
    IdentityChanged: on_identity_changed,
    DialogueCleared: on_dialogue_cleared,
    DialogueClearanceWithdrawn: on_dialogue_clearance_withdrawn,
    EscalationRaised: on_escalation_raised,
    ThreatClosed: on_threat_closed,
}
