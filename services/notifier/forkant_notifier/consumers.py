"""What the notifier hears, and what it does about it: stored in the one transaction of the inbox, then sent at once."""

from __future__ import annotations

from forkant_notifier.commands import paging, telling, watching
from forkant_notifier.commands.desk import NotifierParts
from forkant_shared.consumer import Handler
from forkant_shared.database import Session
from forkant_shared.envelope import Envelope, Event
from forkant_shared.events.threat_watch import (
    EscalationRaised,
    EscalationUpdated,
    ReportEscalated,
    ReportTriaged,
    SituationUpdated,
    ThreatClosed,
    WatchHeartbeat,
)


async def on_escalation_raised(
    parts: NotifierParts, session: Session, event: EscalationRaised, envelope: Envelope
) -> None:
    await paging.raise_escalation(session, parts, event)


async def on_escalation_updated(
    parts: NotifierParts, session: Session, event: EscalationUpdated, envelope: Envelope
) -> None:
    await paging.update_escalation(session, parts, event)


async def on_report_escalated(
    parts: NotifierParts, session: Session, event: ReportEscalated, envelope: Envelope
) -> None:
    await paging.raise_report(session, parts, event)


async def on_report_triaged(parts: NotifierParts, session: Session, event: ReportTriaged, envelope: Envelope) -> None:
    await paging.close_report(session, parts, event)


async def on_threat_closed(parts: NotifierParts, session: Session, event: ThreatClosed, envelope: Envelope) -> None:
    await paging.close_threat(session, parts, event)


async def on_watch_heartbeat(parts: NotifierParts, session: Session, event: WatchHeartbeat, envelope: Envelope) -> None:
    await watching.take_heartbeat(session, parts, event)


async def on_situation_updated(
    parts: NotifierParts, session: Session, event: SituationUpdated, envelope: Envelope
) -> None:
    await telling.tell(session, parts, "situation-updated", event.key, event.published_at)


SUBSCRIPTIONS: dict[type[Event], Handler] = {
    EscalationRaised: on_escalation_raised,
    EscalationUpdated: on_escalation_updated,
    ReportEscalated: on_report_escalated,
    ReportTriaged: on_report_triaged,
    SituationUpdated: on_situation_updated,
    ThreatClosed: on_threat_closed,
    WatchHeartbeat: on_watch_heartbeat,
}
