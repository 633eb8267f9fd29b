"""Drills: started by a duty leader, answered by whoever is on duty, over before they could be in anybody's way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from forkant_notifier.commands.desk import NotifierParts, desk_of
from forkant_notifier.commands.duty import book_at
from forkant_notifier.commands.paging import open_page, save
from forkant_notifier.domain.climb import Cause
from forkant_notifier.domain.drill import Drill, DrillReport, over_because, report
from forkant_notifier.domain.human import Human, close
from forkant_notifier.domain.lanes import Lane
from forkant_notifier.domain.page import CloseCause, Origin
from forkant_notifier.store import attempts, drills, pages
from forkant_shared import audit
from forkant_shared.access import policy
from forkant_shared.database import Session
from forkant_shared.errors import Conflict
from forkant_shared.identity import Principal

SHOWN = 50


async def start(parts: NotifierParts, who: Principal, lane: Lane) -> Drill:
    """Ring whoever is on duty, as a page of this lane would. Raises Forbidden, Conflict while another drill or a real
    page in the LIFE lane runs."""
    policy.require(who, "notifier.drill.write")
    now = parts.clock.now()
    async with parts.database.write() as session:
        await session.lock(["notifier/drill"])
        if await drills.running(session) is not None:
            raise Conflict("A drill runs already.", remedy="Wait until it is over, or end it.")
        if await drills.real_page_runs(session):
            raise Conflict("A real page runs that is urgent.", remedy="Close it first; a drill can wait.")
        page = await open_page(session, parts, Cause(lane=lane, origin=Origin.DRILL, by=who.subject))
        drill = Drill(page, who.subject, now + desk_of(parts).rules.drill_for[lane])
        await drills.insert(session, drill)
        await audit.record(session, who, "notifier.drill.write", [page.id], details={"what": "START"})
    return drill


async def stop(parts: NotifierParts, who: Principal, drill_id: str) -> Drill:
    """End it now. Raises Forbidden, NotFound, Conflict where it is over."""
    policy.require(who, "notifier.drill.write")
    async with parts.database.write() as session:
        drill = await drills.load(session, drill_id, for_update=True)
        if not drill.running:
            raise Conflict("The drill is over.", remedy="Look at its report.")
        await _end(session, parts, drill, CloseCause.DRILL_STOPPED, Human(who.subject))
        await audit.record(session, who, "notifier.drill.write", [drill_id], details={"what": "STOP"})
        return await drills.load(session, drill_id)


async def end_what_is_over(parts: NotifierParts) -> bool:
    """End the drill whose time is up, or that a real page in the LIFE lane has overtaken; whether there was one.

    Done by the clock each second and not where real pages are opened, so that no drill is ever in their way.
    """
    async with parts.database.read() as session:
        running = await drills.running(session)
        if running is None or await _cause(session, parts, running) is None:
            return False
    async with parts.database.write() as session:
        drill = await drills.load(session, running.page.id, for_update=True)
        cause = await _cause(session, parts, drill)
        if cause is not None:
            await _end(session, parts, drill, cause)
    return cause is not None


async def _cause(session: Session, parts: NotifierParts, drill: Drill) -> CloseCause | None:
    real = await drills.real_page_runs(session)
    return over_because(drill, real_page=real, now=parts.clock.now())


async def _end(
    session: Session, parts: NotifierParts, drill: Drill, cause: CloseCause, by: Human | None = None
) -> None:
    await save(session, parts, drill.page, close(drill.page, cause, parts.clock.now(), by=by))
    await attempts.answered(session, drill.page.id)


@dataclass(frozen=True, slots=True)
class DrillList:
    """The latest drills, newest first, and what their users are called."""

    items: Sequence[Drill]
    named: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class DrillView:
    """A drill and what it has shown so far."""

    drill: Drill
    report: DrillReport
    named: Callable[[str], str]


async def list_drills(parts: NotifierParts, who: Principal) -> DrillList:
    """The latest drills. Raises Forbidden."""
    policy.require(who, "notifier.drill.read")
    async with parts.database.read() as session:
        book = await book_at(session, desk_of(parts), parts.clock.now())
        return DrillList(await drills.recent(session, SHOWN), book.named)


async def read_drill(parts: NotifierParts, who: Principal, drill_id: str) -> DrillView:
    """One drill with its report; reading it is written into the audit chain. Raises Forbidden, NotFound."""
    policy.require(who, "notifier.drill.read")
    async with parts.database.write() as session:
        drill = await drills.load(session, drill_id)
        book = await book_at(session, desk_of(parts), parts.clock.now())
        tries = await attempts.of_pages(session, [drill_id])
        entries = await pages.timeline(session, drill_id)
        await audit.record(session, who, "notifier.drill.read", [drill_id], kind="CONSULTATION")
    return DrillView(drill, report(drill.page, entries, tries[drill_id]), book.named)
