"""The four-month clock of a report: somebody finds it necessary and relevant in time, or it is destroyed.

Not to be confused with verification, which has no such limit. What is destroyed takes its signals along: threats are
weighed anew without them, and a person is asked to look at what is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from forkant_shared import audit
from forkant_shared.access import policy
from forkant_shared.database import Session
from forkant_shared.errors import Conflict, Invalid, NotFound
from forkant_shared.identity import Principal
from forkant_threat_watch.commands.disclosing import rests_no_longer
from forkant_threat_watch.commands.keeping import keep
from forkant_threat_watch.commands.loading import ThreatWatchParts, around_threats
from forkant_threat_watch.domain import hand
from forkant_threat_watch.store import followup, report_clock, reports

CHECK = "threat-watch.report.check"
AT_ONCE = 20
CLOCK = Principal.system("rule:report-clock")


@dataclass(frozen=True, slots=True)
class Due:
    """Reports whose clock runs out soon, and where to go on from."""

    rows: Sequence[Any]
    next: tuple[datetime, str] | None


async def list_due(parts: ThreatWatchParts, who: Principal, *, after: tuple[datetime, str] | None, limit: int) -> Due:
    """Reports whose clock runs out soon, the first to run out first. Raises Forbidden."""
    policy.require(who, CHECK)
    async with parts.database.read() as session:
        visible = policy.visible(who, CHECK, reports.COLUMNS)
        found = await report_clock.due(
            session, visible, parts.clock.now() + followup.current().check_reports_before, after=after, limit=limit
        )
    last = found[-1] if len(found) == limit else None
    return Due(found, (last.relevance_due_at, last.id) if last else None)


async def check_report(parts: ThreatWatchParts, who: Principal, report_id: str, *, kept: bool, reason: str) -> None:
    """A person has looked at purpose, necessity and relevance: the clock stops, or the report goes now.

    Raises Forbidden, NotFound, Invalid without a reason, Conflict where it was checked before.
    """
    policy.require(who, CHECK)
    reason = reason.strip()
    if not reason:
        raise Invalid("A reason is missing.", field="reason", remedy="Say in a sentence why.")
    async with parts.database.write() as session:
        visible = policy.visible(who, CHECK, reports.COLUMNS)
        row = await report_clock.hold(session, report_id) if await reports.find(session, report_id, visible) else None
        if row is None:
            raise NotFound("There is no such report.")
        if kept and row.relevance_checked_at is not None:
            raise Conflict("The report was checked before.", field="outcome", remedy="There is nothing left to do.")
        if kept:
            await report_clock.keep(session, report_id, who.subject, reason, parts.clock.now())
            await audit.record(session, who, CHECK, [report_id], details={"outcome": "KEPT"})
        else:
            await destroy(session, parts, row, who, "PERSON")


async def destroy_ripe(parts: ThreatWatchParts) -> int:
    """Destroy what nobody has checked in time, each in a transaction of its own; how many."""
    async with parts.database.read() as session:
        waiting = await report_clock.ripe(session, parts.clock.now(), AT_ONCE)
    gone = 0
    for report_id in waiting:
        try:
            async with parts.database.write() as session:
                row = await report_clock.hold(session, report_id)
                # A person or another instance may have been here since the list was read.
                if row is None or row.relevance_checked_at is not None:
                    continue
                await destroy(session, parts, row, CLOCK, "CLOCK")
                gone += 1
        except Conflict:
            continue
    return gone


async def destroy(session: Session, parts: ThreatWatchParts, row: Any, who: Principal, cause: str) -> None:
    """Take a report away with its signals, in the caller's transaction; a receipt with the cause is left."""
    now = parts.clock.now()
    open_ids, over = await report_clock.threats_with(session, row.id)
    if open_ids:
        loaded = await around_threats(session, parts, open_ids, now)
        said = [each for threat_id in open_ids for each in hand.forget(loaded.watch, threat_id, row.id, now)]
        said += await rests_no_longer(session, loaded, open_ids, row.id, who.subject)
        await keep(session, loaded, said, by=who.subject)
    await report_clock.destroy(session, row, [*open_ids, *over], who.subject, cause, now)
    await audit.record(session, who, "threat-watch.report.destroy", [row.id], kind="ERASURE", details={"cause": cause})


def written_after(place: tuple[datetime, str]) -> str:
    """Where to go on from, as text."""
    return f"{place[0].isoformat()}~{place[1]}"


def read_after(text: str | None) -> tuple[datetime, str] | None:
    """The same read back. Raises Invalid."""
    if text is None:
        return None
    moment, _, report_id = text.replace(" ", "+").partition("~")
    try:
        found = datetime.fromisoformat(moment)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or len(report_id) != 36:
        raise Invalid("`after` is not one we gave.", field="after", remedy="Send `next` of the part before.")
    return found, report_id
