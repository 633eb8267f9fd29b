"""Pages open, climb, are updated and close by what threat-watch says and by the clock."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from forkant_notifier.commands.desk import NotifierParts, desk_of, policy_of
from forkant_notifier.commands.duty import roster_at
from forkant_notifier.domain import climb, human
from forkant_notifier.domain.attempts import Attempt, Lease, first_try, leased
from forkant_notifier.domain.codes import draw, free
from forkant_notifier.domain.horizon import Horizon, horizon
from forkant_notifier.domain.lanes import Lane
from forkant_notifier.domain.page import CloseCause, Decision, Origin, Page
from forkant_notifier.store import attempts, check_ins, looks, pages
from forkant_shared import outbox
from forkant_shared.clock import new_id
from forkant_shared.database import Session
from forkant_shared.errors import NotFound
from forkant_shared.events.threat_watch import (
    EscalationRaised,
    EscalationUpdated,
    ReportEscalated,
    ReportTriaged,
    ThreatClosed,
)

CODES_AT_ONCE = 64


async def open_page(session: Session, parts: NotifierParts, cause: climb.Cause) -> Page:
    """A new page in this transaction; its first attempts leave as soon as it is committed."""
    desk, now = desk_of(parts), parts.clock.now()
    roster = await roster_at(session, parts, now)  # before the policy is asked for: it says which was chosen last
    decision = climb.open_page(
        cause,
        page_id=new_id(),
        code=await _free_code(session, parts),
        policy=desk.policy,
        roster=roster,
        now=now,
    )
    page = await pages.insert(session, decision)
    await follow(session, parts, page, decision)
    return page


async def _free_code(session: Session, parts: NotifierParts) -> str:
    """A code no running page has. They are looked up many at a time; should another instance take one of ours first,
    the unique index refuses it and the event is handled again."""
    desk = desk_of(parts)
    while not desk.codes:
        candidates = draw(secrets.randbelow, CODES_AT_ONCE)
        taken = set(await pages.taken_codes(session, candidates))
        waiting = await check_ins.taken_codes(session, candidates, parts.clock.now())
        desk.codes = free(candidates, taken | waiting)
    return desk.codes.pop()


async def save(session: Session, parts: NotifierParts, before: Page, decision: Decision) -> Page:
    """Store what was decided on a page, and set going what follows from it. Raises Stale."""
    if decision.page == before and not decision.entries:
        return before
    page = await pages.save(session, before, decision)
    await follow(session, parts, page, decision)
    return page


async def follow(session: Session, parts: NotifierParts, page: Page, decision: Decision) -> None:
    """Attempts for every phone that rings, and events for the others.

    The attempts are born with a lease of this instance and handed to its sender at commit, which saves a transaction
    on the way to the phone; should we die in between, the lease runs out and any sender takes them.
    """
    desk, now = desk_of(parts), parts.clock.now()
    lease = Lease(new_id(), parts.settings.instance, now + desk.policy.lease)
    tries = [first_try(ring, page, attempt_id=new_id(), now=now) for ring in decision.rings]
    if not page.drill:
        tries = [leased(attempt, lease) for attempt in tries]
    await attempts.insert(session, tries)
    for event in decision.events:
        await outbox.add(session, event, version=page.version)
    if tries:
        # A drill waits in the database, behind whatever is real.
        session.after_commit(desk.mailbox.ring if page.drill else partial(desk.mailbox.hand_over, tries))
    session.after_commit(desk.feed)


async def raise_escalation(session: Session, parts: NotifierParts, event: EscalationRaised) -> None:
    """An escalation becomes a page. LIFE takes the place of the threat's NORMAL pages."""
    running = await pages.running_of_threat(session, event.threat_id)
    if any(page.escalation_id == event.escalation_id for page in running):
        return
    lane = Lane(event.lane)
    if event.replaces is not None and all(page.escalation_id != event.replaces for page in running):
        # A report that belonged to no threat had its page before the threat got one.
        earlier = await pages.by_escalation(session, event.replaces)
        running += [earlier] if earlier is not None and earlier.report_id is not None else []
    for page in running:
        if page.escalation_id == event.replaces or (lane is Lane.LIFE and page.lane is Lane.NORMAL):
            await save(session, parts, page, human.close(page, CloseCause.REPLACED, parts.clock.now()))
            await attempts.answered(session, page.id)
    cause = climb.Cause(
        lane=lane,
        origin=Origin.ESCALATION,
        threat_id=event.threat_id,
        escalation_id=event.escalation_id,
        include_leader=event.include_leader,
        excluded=frozenset(event.excluded_actor_ids),
        rules=tuple(event.rules),
    )
    await open_page(session, parts, cause)


async def raise_report(session: Session, parts: NotifierParts, event: ReportEscalated) -> None:
    """A report that belongs to no threat yet becomes a page; another under the same escalation a line on it."""
    known = await pages.by_escalation(session, event.escalation_id)
    if known is not None:
        if known.report_id != event.report_id:
            await save(session, parts, known, human.update(known, climb.codes(event.rules), parts.clock.now()))
        return
    cause = climb.Cause(
        lane=Lane(event.lane),
        origin=Origin.ESCALATION,
        report_id=event.report_id,
        escalation_id=event.escalation_id,
        include_leader=event.include_leader,
        excluded=frozenset(event.excluded_actor_ids),
        rules=tuple(event.rules),
    )
    await open_page(session, parts, cause)


async def close_report(session: Session, parts: NotifierParts, event: ReportTriaged) -> None:
    """A person has assessed the report's text, and its page is over. Raises NotFound for one we have not seen."""
    if event.escalation_id is None:
        return
    page = await pages.by_escalation(session, event.escalation_id)
    if page is None:
        raise NotFound("There is no page for this escalation.", field="escalation_id")
    await save(session, parts, page, human.close(page, CloseCause.TRIAGED, parts.clock.now()))
    await attempts.answered(session, page.id)


async def update_escalation(session: Session, parts: NotifierParts, event: EscalationUpdated) -> None:
    """More has come to a page that already rings. Raises NotFound where we have not seen the escalation."""
    page = await pages.by_escalation(session, event.escalation_id)
    if page is None:
        raise NotFound("There is no page for this escalation.", field="escalation_id")
    await save(session, parts, page, human.update(page, climb.codes(event.rules), parts.clock.now()))


async def close_threat(session: Session, parts: NotifierParts, event: ThreatClosed) -> None:
    """A threat is over, and with it every page about it."""
    for page in await pages.running_of_threat(session, event.threat_id):
        await save(session, parts, page, human.close(page, CloseCause.THREAT_CLOSED, parts.clock.now()))
        await attempts.answered(session, page.id)


def horizon_at(parts: NotifierParts) -> Horizon:
    """How far ahead anything can lie now."""
    desk = desk_of(parts)
    return horizon(parts.clock.now(), [desk.policy, *desk.policies.values()])


async def look(parts: NotifierParts) -> looks.Found:
    """What there is to do by the clock."""
    async with parts.database.read() as session:
        return await looks.look(session, horizon_at(parts))


async def step_pages(parts: NotifierParts, *, limit: int = 100) -> int:
    """Take the steps that are due; how many pages had one."""
    now = parts.clock.now()
    async with parts.database.read() as session:
        due = await pages.due_ids(session, horizon_at(parts), limit)
    if not due:
        return 0
    async with parts.database.write() as session:
        if not await session.try_lock("notifier/steps"):
            return 0
        for page_id in due:
            page = await pages.load(session, page_id, for_update=True)
            policy = await policy_of(session, desk_of(parts), page.policy_version)
            roster = await roster_at(session, parts, now)
            await save(session, parts, page, climb.step_due(page, policy, roster, now))
    return len(due)


async def free_leases(parts: NotifierParts) -> int:
    """Attempts whose sender has gone silent are due again, and those that a clock set back has put far ahead are due
    now; how many."""
    ahead = horizon_at(parts)
    async with parts.database.write() as session:
        freed = await attempts.free_expired(session, ahead) + await attempts.bring_forward(session, ahead)
        session.after_commit(desk_of(parts).mailbox.ring)
    return freed


async def free_own_leases(parts: NotifierParts) -> int:
    """What an earlier life of this instance held is due at once; how many."""
    async with parts.database.write() as session:
        freed = await attempts.free_held_by(session, parts.settings.instance)
        session.after_commit(desk_of(parts).mailbox.ring)
    return freed


async def renew_leases(parts: NotifierParts, ids: Sequence[str]) -> tuple[list[str], datetime]:
    """Hold what waits for a carrier longer; those we still held, and until when."""
    until = parts.clock.now() + desk_of(parts).policy.lease
    async with parts.database.write() as session:
        return await attempts.renew(session, ids, parts.settings.instance, until), until


async def lease_due(parts: NotifierParts, *, limit: int) -> list[Attempt]:
    """Take what is due, many in one statement; without a write where nothing is."""
    desk, now = desk_of(parts), parts.clock.now()
    async with parts.database.read() as session:
        if not await attempts.any_due(session, now):
            return []
    lease = Lease(new_id(), parts.settings.instance, now + desk.policy.lease)
    async with parts.database.write() as session:
        return await attempts.lease_due(session, lease, now, limit)
