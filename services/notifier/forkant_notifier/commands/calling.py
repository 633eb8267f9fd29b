"""The duty phone's call log: each call goes to meetings, and what points to violence to threat-watch as a report."""

from __future__ import annotations

from datetime import timedelta

from forkant_notifier.clients.threat_watch import post_report
from forkant_notifier.commands.contacting import seal
from forkant_notifier.commands.desk import NotifierParts, desk_of
from forkant_notifier.commands.duty import book_at, human_of
from forkant_notifier.commands.paging import save
from forkant_notifier.domain.call import LONGEST, CallWish, contact_of, report_of
from forkant_notifier.domain.human import record_action
from forkant_notifier.domain.page import EntryKind, PageState
from forkant_notifier.store import calls, contact_jobs, pages
from forkant_shared import audit, telemetry
from forkant_shared.access import policy
from forkant_shared.clock import new_id
from forkant_shared.errors import Invalid, Unavailable
from forkant_shared.identity import Principal

RETRY_CAP = timedelta(seconds=60)

log = telemetry.get_logger()


async def log_call(parts: NotifierParts, who: Principal, wish: CallWish) -> calls.Call:
    """Keep that there was a call, put the call itself on its way to meetings, and a report to threat-watch where it
    points to violence. Raises Invalid, NotFound."""
    policy.require(who, "notifier.call.write")
    now = parts.clock.now()
    if not 0 < len(wish.what.strip()) <= LONGEST:
        raise Invalid(f"Say in 1 to {LONGEST} signs what it was about.", field="what")
    if wish.called_at > now + timedelta(minutes=1):
        raise Invalid("A call cannot be in the future.", field="called_at")
    call = calls.Call(
        id=wish.form or new_id(),
        called_at=wish.called_at,
        entered_at=now,
        entered_by=who.subject,
        caller=wish.caller,
        what="",
        urgency=wish.urgency,
        violence=wish.violence,
        page_id=wish.page_id,
    )
    async with parts.database.write() as session:
        if not await calls.insert(session, call):
            return call
        job_id = new_id()
        body = contact_of(call.id, wish, who.subject, now)
        await contact_jobs.add(session, job_id, call.id, seal(parts, job_id, body))
        if wish.page_id is not None:
            page = await pages.load(session, wish.page_id, for_update=True)
            by = human_of(who, await book_at(session, desk_of(parts), now))
            page.for_eyes_of(by.actor_id)
            if page.state is not PageState.CLOSED:
                await save(session, parts, page, record_action(page, EntryKind.CALL, by, now))
        if wish.violence:
            await calls.add_job(session, new_id(), call.id, report_of(call.id, wish))
        await audit.record(
            session, who, "notifier.call.write", [call.id], kind="COLLECTION", details={"violence": wish.violence}
        )
    return call


async def send_reports(parts: NotifierParts) -> int:
    """Try the reports that are due; how many threat-watch took. One that it is away for is tried until it answers."""
    async with parts.database.read() as session:
        due = await calls.due_jobs(session)
    taken = 0
    for job in due:
        try:
            who = await desk_of(parts).machine.header("forkant:reports.write")
            report_id = await post_report(parts.settings.threat_watch_url, who, job.id, job.body, parts.peers)
        except Unavailable:
            wait = min(RETRY_CAP, timedelta(seconds=2 ** min(job.tries, 6)))
            async with parts.database.write() as session:
                await calls.job_later(session, job.id, parts.clock.now() + wait, job.tries + 1)
            continue
        except Invalid:
            log.error("report-refused", key=job.id)
            async with parts.database.write() as session:
                await calls.job_refused(session, job.id, "REFUSED")
            continue
        async with parts.database.write() as session:
            await calls.job_done(session, job.id, report_id)
        taken += 1
    return taken
