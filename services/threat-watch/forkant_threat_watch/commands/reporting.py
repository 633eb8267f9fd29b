"""Takes a report in: stored, joined, assessed and answered in one transaction, without asking anybody else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from forkant_shared import audit, idempotency, outbox
from forkant_shared.access import Resource, policy
from forkant_shared.clock import new_id
from forkant_shared.database import Session
from forkant_shared.errors import Conflict
from forkant_shared.events import threat_watch as events
from forkant_shared.identity import Principal
from forkant_threat_watch.commands.keeping import keep
from forkant_threat_watch.commands.loading import ThreatWatchParts, around_signals, going_at
from forkant_threat_watch.commands.text_intake import read_in, read_wish
from forkant_threat_watch.domain.reporting import ReportWish, check, check_confirmation, signals_of
from forkant_threat_watch.domain.triage.reading import Reading
from forkant_threat_watch.domain.watch import Received
from forkant_threat_watch.store import references, reports

TRIES = 4


@dataclass(frozen=True, slots=True)
class Once:
    """The caller's key for this report, and what its body was."""

    key: str
    digest: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is answered; `repeated` where this key and body came before."""

    answer: dict[str, Any]
    repeated: bool


async def receive_report(
    parts: ThreatWatchParts, who: Principal, wish: ReportWish, once: Once | None, signals_as_sent: list[Any]
) -> Receipt:
    """Take one report in. Raises Forbidden, Invalid, Conflict (the key came with another body)."""
    policy.require(who, "threat-watch.report.write", Resource(wish.handling, wish.compartment))
    reading = await read_wish(parts, wish)
    for attempt in range(1, TRIES + 1):
        try:
            async with parts.database.write() as session:
                return await _receive(session, parts, who, wish, once, signals_as_sent, reading)
        except Conflict as error:
            # Two reports that cross in the database: the one that lost simply goes again.
            if error.field is not None or attempt == TRIES:
                raise
    raise AssertionError("unreachable")


async def _receive(
    session: Session,
    parts: ThreatWatchParts,
    who: Principal,
    wish: ReportWish,
    once: Once | None,
    signals_as_sent: list[Any],
    reading: Reading | None,
) -> Receipt:
    now = parts.clock.now()
    if once is not None:
        stored = await idempotency.claim(session, once.key, who, once.digest)
        if stored is not None:
            return Receipt(stored.answer, repeated=True)
    gone_by = await going_at(session, parts, now)
    check(wish, gone_by.policy, now)
    if wish.confirmed_by:
        check_confirmation(wish, await reports.origins(session, wish.confirmed_by), gone_by.policy)
    answer = await take_in(session, parts, who, wish, signals_as_sent, new_id(), reading=reading)
    if once is not None:
        await idempotency.store(session, once.key, who, status=201, answer=answer)
    return Receipt(answer, repeated=False)


async def take_in(
    session: Session,
    parts: ThreatWatchParts,
    who: Principal,
    wish: ReportWish,
    signals_as_sent: list[Any],
    report_id: str,
    *,
    reading: Reading | None = None,
) -> dict[str, Any]:
    """Store, join and assess one report in the caller's transaction, and tell of it; what is answered.

    `reading` is what the rules made of its text, where that has been asked before the transaction. Raises Invalid
    for a grade or a strength that the policy does not know.
    """
    now = parts.clock.now()
    gone_by = await going_at(session, parts, now)
    placed = signals_of(report_id, wish, gone_by.policy)
    year = now.astimezone(gone_by.policy.timezone).year
    received, opened = Received((), {}, {}), dict[str, str]()
    if placed:
        loaded = await around_signals(session, parts, placed, now)
        received = loaded.watch.receive(placed, now)
        numbers = await references.take(session, {"R": 1, "T": len(loaded.opening)}, year)
        opened = dict(zip(loaded.opening, numbers.get("T", ()), strict=True))
        places = {s.id: said.place for s, said in zip(placed, wish.signals, strict=True) if said.place}
        handling = (wish.handling, wish.compartment)
        said = received.said
        await keep(
            session, loaded, said, by="rule:joining", placed=placed, handling=handling, places=places, names=opened
        )
    else:
        numbers = await references.take(session, {"R": 1}, year)
    [reference] = numbers["R"]
    row = _row(report_id, reference, wish, who, now, gone_by.policy.version, signals_as_sent)
    row["relevance_due_at"] = now + gone_by.policy.reports.relevance_check_after
    await reports.add(session, row)
    joined = await _joined(session, received, opened)
    answer: dict[str, Any] = {
        "id": report_id,
        "reference": reference,
        "received_at": now.isoformat(),
        "threats": [{"id": threat_id, "reference": name} for threat_id, name in joined],
    }
    if reading is None:
        reading = await read_wish(parts, wish)
    if reading is not None:
        await read_in(session, parts, report_id, wish, reading, now, version=1)
    told = events.ReportReceived(report_id=report_id, threat_ids=[threat_id for threat_id, _ in joined])
    await outbox.add(session, told, version=1)
    await audit.record(
        session,
        who,
        "threat-watch.report.write",
        [report_id, *(threat_id for threat_id, _ in joined)],
        kind="COLLECTION",
        details={"channel": wish.channel.value, "signals": len(placed)},
    )
    return answer


async def _joined(session: Session, received: Received, opened: dict[str, str]) -> list[tuple[str, str]]:
    ids = dict.fromkeys(
        i for touched in (received.counts, received.suggested) for many in touched.values() for i in many
    )
    older = [threat_id for threat_id in ids if threat_id not in opened]
    names = opened | (await references.of_threats(session, older) if older else {})
    return [(threat_id, names[threat_id]) for threat_id in ids if threat_id in names]


def _row(
    report_id: str,
    reference: str,
    wish: ReportWish,
    who: Principal,
    now: datetime,
    policy_version: str,
    signals_as_sent: list[Any],
) -> dict[str, Any]:
    grading = wish.grading
    return {
        "id": report_id,
        "reference": reference,
        "received_at": now,
        "received_from": who.subject,
        "observed_at": wish.observed_at,
        "channel": wish.channel.value,
        "scale": grading.scale if grading else None,
        "source_grade": grading.source if grading else None,
        "information_grade": grading.information if grading else None,
        "origin": wish.origin,
        "kind": wish.kind,
        "verified": wish.verified,
        "exposure": wish.exposure,
        "text": wish.text,
        "signals": signals_as_sent,
        "handling": wish.handling,
        "compartment": wish.compartment,
        "policy_version": policy_version,
    }
