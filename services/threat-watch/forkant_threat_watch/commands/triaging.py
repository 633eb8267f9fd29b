"""The queue of what texts propose: confirmed, changed or dismissed by a named person."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from forkant_shared import audit, outbox
from forkant_shared.access import policy
from forkant_shared.database import Session
from forkant_shared.errors import Invalid, NotFound
from forkant_shared.events import threat_watch as events
from forkant_shared.identity import Principal
from forkant_threat_watch.commands.keeping import keep
from forkant_threat_watch.commands.loading import ThreatWatchParts, around_signals, going_at
from forkant_threat_watch.domain.grading import Grading
from forkant_threat_watch.domain.outcomes import Paged, Said
from forkant_threat_watch.domain.reporting import ReportWish, SignalWish, signals_of
from forkant_threat_watch.domain.triage.queue import Entry, Standing, Verdict, as_proposed, decide
from forkant_threat_watch.domain.words import Channel, PartyKind
from forkant_threat_watch.store import officers, references, reports, triage

READ, DECIDE = "threat-watch.triage.read", "threat-watch.triage.decide"
_PLACE = re.compile(r"[01]\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Queued:
    """A text in the queue with its report, what people have said of it, the page it opened, and where it counts."""

    entry: Entry
    report: Any
    verdicts: Sequence[tuple[Verdict, datetime]] = ()
    escalation: Any = None
    threats: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Queue:
    """Some texts, and where to go on from."""

    items: Sequence[Queued]
    next: str | None


def is_place(text: str) -> bool:
    """Whether `after` is one that was given as `next`."""
    return _PLACE.fullmatch(text) is not None


async def list_texts(
    parts: ThreatWatchParts, who: Principal, standing: Standing, *, after: str | None, limit: int
) -> Queue:
    """Texts of this standing, the imminent first, then the oldest; each look is in the audit log.

    Raises Forbidden, and Invalid for an `after` that is none of ours.
    """
    policy.require(who, READ)
    if after is not None and not is_place(after):
        raise Invalid("`after` is not one we gave.", field="after", remedy="Send `next` of the part before.")
    place = None if after is None else (int(after[0]), after[2:])
    async with parts.database.write() as session:
        visible = policy.visible(who, READ, reports.COLUMNS)
        found = await triage.listed(session, visible, standing, after=place, limit=limit)
        shown = [
            Queued(entry, row) for entry, row in found if who.actor_id is None or who.actor_id not in entry.excluded
        ]
        if shown:
            ids = [one.entry.report_id for one in shown]
            await audit.record(session, who, READ, ids, kind="CONSULTATION", details={"count": len(ids)})
    last = found[-1][0] if len(found) == limit else None
    return Queue(shown, None if last is None else f"{0 if last.imminent else 1}.{last.report_id}")


async def count_waiting(parts: ThreatWatchParts, who: Principal) -> int:
    """How many texts wait for a person, as far as this one may know of them; none without the right."""
    if not policy.allows(who, READ):
        return 0
    async with parts.database.read() as session:
        return await triage.waiting(session, policy.visible(who, READ, reports.COLUMNS))


async def read_entry(parts: ThreatWatchParts, who: Principal, report_id: str) -> Queued:
    """One text and all that has been said of it. Raises Forbidden, NotFound."""
    policy.require(who, READ)
    async with parts.database.write() as session:
        entry, row = await _found(session, who, report_id, READ)
        queued = await _whole(session, entry, row)
        await audit.record(session, who, READ, [report_id], kind="CONSULTATION")
    return queued


async def state_of(parts: ThreatWatchParts, who: Principal, report_id: str) -> Queued | None:
    """Where a report's text stands in the queue, for the report's own page; None where it is not for this person."""
    if not policy.allows(who, READ):
        return None
    async with parts.database.read() as session:
        found = await triage.find(session, report_id, policy.visible(who, READ, reports.COLUMNS))
        if found is None or (who.actor_id is not None and who.actor_id in found[0].excluded):
            return None
        return await _whole(session, *found)


async def _found(
    session: Session, who: Principal, report_id: str, action: str, *, lock: bool = False
) -> tuple[Entry, Any]:
    found = await triage.find(session, report_id, policy.visible(who, action, reports.COLUMNS), lock=lock)
    if found is None:
        raise NotFound("There is no such text.")
    return found[0].for_eyes_of(who.actor_id), found[1]


async def _whole(session: Session, entry: Entry, row: Any) -> Queued:
    escalation = await triage.escalation(session, entry.escalation_id) if entry.escalation_id is not None else None
    said = await triage.verdicts(session, entry.report_id)
    return Queued(entry, row, said, escalation, await reports.threats_of(session, entry.report_id))


async def confirm(
    parts: ThreatWatchParts,
    who: Principal,
    report_id: str,
    signals: tuple[SignalWish, ...] | None,
    signals_as_sent: Sequence[Any],
    reason: str,
    *,
    version: int | None = None,
) -> Queued:
    """Let these signals count, or those proposed where `signals` is None: joined as any report's own.

    Raises Forbidden, NotFound, Invalid, Conflict where somebody has decided before, Stale for an old `version`.
    """
    policy.require(who, DECIDE)
    async with parts.database.write() as session:
        entry, row = await _found(session, who, report_id, DECIDE, lock=True)
        wished = as_proposed(entry) if signals is None else signals
        verdict = Verdict(Standing.CONFIRMED, wished, reason.strip(), who.subject)
        decided = await _decide(session, entry, verdict, version)
        if decided is not None:
            joined = await _join(session, parts, entry, row, wished, who)
            sent = signals_as_sent if signals is not None else [shown(wish) for wish in wished]
            await _settle(session, parts, who, decided, verdict, sent, joined)
        return await _whole(session, decided or entry, row)


async def dismiss(
    parts: ThreatWatchParts, who: Principal, report_id: str, reason: str, *, version: int | None = None
) -> Queued:
    """A person has looked: the text is nothing, for this reason. Raises as `confirm` does."""
    policy.require(who, DECIDE)
    async with parts.database.write() as session:
        entry, row = await _found(session, who, report_id, DECIDE, lock=True)
        verdict = Verdict(Standing.DISMISSED, (), reason.strip(), who.subject)
        decided = await _decide(session, entry, verdict, version)
        if decided is not None:
            await _settle(session, parts, who, decided, verdict, (), [])
        return await _whole(session, decided or entry, row)


async def _decide(session: Session, entry: Entry, verdict: Verdict, version: int | None) -> Entry | None:
    said = await triage.verdicts(session, entry.report_id)
    return decide(entry, verdict, last=said[-1][0] if said else None, version=version)


async def _join(
    session: Session,
    parts: ThreatWatchParts,
    entry: Entry,
    row: Any,
    wished: tuple[SignalWish, ...],
    who: Principal,
) -> list[str]:
    """Place the signals as if they had come with the report; the threats that took them."""
    now = parts.clock.now()
    wish = _report_of(row, wished)
    gone_by = await going_at(session, parts, now)
    placed = signals_of(entry.report_id, wish, gone_by.policy)
    loaded = await around_signals(session, parts, placed, now)
    received = loaded.watch.receive(placed, now)
    said = _taking_over(received.said, entry.escalation_id)
    places = {s.id: told.place for s, told in zip(placed, wished, strict=True) if told.place}
    handling = (wish.handling, wish.compartment)
    await keep(session, loaded, said, by=who.subject, placed=placed, handling=handling, places=places)
    ids = dict.fromkeys(
        i for touched in (received.counts, received.suggested) for many in touched.values() for i in many
    )
    return list(await references.of_threats(session, list(ids)))


def _report_of(row: Any, wished: tuple[SignalWish, ...]) -> ReportWish:
    grading = None if row.scale is None else Grading(row.scale, row.source_grade, row.information_grade)
    return ReportWish(
        observed_at=row.observed_at,
        channel=Channel(row.channel),
        origin=row.origin,
        kind=row.kind,
        grading=grading,
        verified=row.verified,
        exposure=row.exposure,
        text=row.text,
        handling=row.handling,
        compartment=row.compartment,
        signals=wished,
    )


def _taking_over(said: Sequence[Said], escalation_id: str | None) -> list[Said]:
    """What was said, where the first page takes the place of the one that the text had opened."""
    found = list(said)
    for place, each in enumerate(found):
        if escalation_id is not None and isinstance(each, Paged) and each.replaces is None:
            found[place] = replace(each, replaces=escalation_id)
            break
    return found


def shown(wish: SignalWish) -> dict[str, Any]:
    """A proposed signal as it stands on the report afterwards, in the words of the API."""
    found: dict[str, Any] = {"factor": wish.factor.value, "strength": wish.strength}
    for side, party in (("aggressor", wish.aggressor), ("target", wish.target)):
        key = {PartyKind.NAME: "name", PartyKind.ROLE: "code"}.get(party.kind)
        if key is not None:
            found[side] = {"kind": party.kind.value, key: party.ref}
    if wish.imminence_hours is not None:
        found["imminence_hours"] = wish.imminence_hours
    return found | ({"place": wish.place} if wish.place else {})


async def _settle(
    session: Session,
    parts: ThreatWatchParts,
    who: Principal,
    entry: Entry,
    verdict: Verdict,
    signals: Sequence[Any],
    threat_ids: list[str],
) -> None:
    """Store the verdict, tell the others, and end the page where nothing under it waits any longer."""
    now = parts.clock.now()
    await officers.remember(session, who)
    await triage.settle(session, entry, verdict, signals, now)
    over = entry.escalation_id
    if over is not None and await triage.waits_too(session, over, entry.report_id):
        over = None
    if over is not None:
        await triage.close(session, over, now)
    event = events.ReportTriaged(
        report_id=entry.report_id,
        outcome=verdict.standing.value,
        threat_ids=threat_ids,
        escalation_id=over,
        user=who.subject,
    )
    await outbox.add(session, event, version=entry.version)
    details = {"outcome": verdict.standing.value, "signals": len(verdict.signals)}
    await audit.record(session, who, DECIDE, [entry.report_id, *threat_ids], details=details)
