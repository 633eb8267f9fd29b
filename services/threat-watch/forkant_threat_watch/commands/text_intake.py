"""A report's text read as it comes in: into the queue, and to a phone where it speaks of violence that is near."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from forkant_shared import outbox
from forkant_shared.clock import new_id
from forkant_shared.database import Session
from forkant_shared.events import threat_watch as events
from forkant_threat_watch.commands.loading import ThreatWatchParts
from forkant_threat_watch.domain.paging import excluded
from forkant_threat_watch.domain.reporting import ReportWish
from forkant_threat_watch.domain.threat import Threat
from forkant_threat_watch.domain.triage.book import TriageBook
from forkant_threat_watch.domain.triage.queue import Entry, entry_of, targets_of
from forkant_threat_watch.domain.triage.reading import Reading, read_text
from forkant_threat_watch.domain.words import PartyKind
from forkant_threat_watch.store import triage
from forkant_threat_watch.store.links import Neighbourhood

LONG_TEXT = 2000


def book_of(parts: ThreatWatchParts) -> TriageBook:
    """The rules that texts are read by."""
    found: TriageBook = parts.state["triage"]
    return found


async def read_wish(parts: ThreatWatchParts, wish: ReportWish) -> Reading | None:
    """What the rules make of a report that has come as text alone; None for one with signals of its own.

    Asked before the transaction begins, and a long text in a thread, so that nobody waits for it.
    """
    text = wish.text or ""
    if wish.signals or not text.strip():
        return None
    if len(text) < LONG_TEXT:
        return read_text(text, book_of(parts))
    return await asyncio.to_thread(read_text, text, book_of(parts))


async def read_in(
    session: Session,
    parts: ThreatWatchParts,
    report_id: str,
    wish: ReportWish,
    reading: Reading,
    now: datetime,
    *,
    version: int,
) -> None:
    """Put a text that was read into the queue, and ring where it speaks of now.

    `version` is the report's own, under which what is said of it goes out.
    """
    book = book_of(parts)
    kept_out = await _aimed_at(session, reading, book, now)
    entry = entry_of(report_id, reading, kept_out, now)
    if entry.imminent:
        entry = await _ring(session, entry, wish, reading, book, now, version)
    await triage.add(session, entry)


async def _aimed_at(session: Session, reading: Reading, book: TriageBook, now: datetime) -> Sequence[str]:
    """Who is no reader of this: whom the text names, who holds a role it names (where few do), and their families."""
    parties = [
        party
        for party in targets_of(reading)
        if party.kind is not PartyKind.ROLE or party.ref in book.passed_over_roles
    ]
    if not parties:
        return ()
    hood = Neighbourhood(session, now)
    resolved = await hood.meet(parties)
    keys = {party.key for party in resolved}
    await hood.expand(keys)
    await hood.families_of_holders({key for key in keys if key.startswith("ROLE:")})
    await hood.known_as()
    return excluded(Threat("", now, targets=tuple(resolved)), hood.links)


async def _ring(
    session: Session, entry: Entry, wish: ReportWish, reading: Reading, book: TriageBook, now: datetime, version: int
) -> Entry:
    """Say that somebody must look at this text now: under the page that already rings for its origin, or a new one."""
    paging = book.paging
    await session.lock([f"text-origin/{wish.origin}"])
    known = await triage.ringing(session, wish.origin, now - timedelta(hours=paging.one_page_for_hours))
    escalation_id = known or new_id()
    if known is None:
        row = {
            "id": escalation_id,
            "origin": wish.origin,
            "lane": paging.lane.name,
            "rule": paging.rule,
            "reason": paging.reason,
            "raised_at": now,
        }
        await triage.raise_escalation(session, row)
    roles = {party.ref for party in targets_of(reading) if party.kind is PartyKind.ROLE}
    event = events.ReportEscalated(
        escalation_id=escalation_id,
        report_id=entry.report_id,
        lane=paging.lane.name,
        rules=[paging.rule],
        reason=paging.reason,
        include_leader=bool(roles & book.leader_roles),
        excluded_actor_ids=sorted(entry.excluded),
        raised_at=now,
    )
    await outbox.add(session, event, version=version)
    return replace(entry, escalation_id=escalation_id)
