"""The duty phone's call log, and the report a call becomes when it points to violence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from forkant_notifier.clients.threat_watch import post_report
from forkant_notifier.commands.desk import NotifierParts, desk_of
from forkant_notifier.commands.duty import book_at, human_of
from forkant_notifier.commands.paging import save
from forkant_notifier.domain.human import record_action
from forkant_notifier.domain.page import EntryKind, PageState
from forkant_notifier.store import calls, pages
from forkant_shared import audit, telemetry
from forkant_shared.access import policy
from forkant_shared.clock import new_id
from forkant_shared.errors import Invalid, Unavailable
from forkant_shared.identity import Principal

LONGEST = 2000
RETRY_CAP = timedelta(seconds=60)
IMMINENT_HOURS = {"NOW": 24, "SOON": 72, "LATER": None}

log = telemetry.get_logger()


@dataclass(frozen=True, slots=True)
class CallWish:
    """What the officer entered: three questions, when it was, and who may be harmed if that was said."""

    caller: Literal["KNOWN", "UNKNOWN"]
    what: str
    urgency: Literal["NOW", "SOON", "LATER"]
    violence: bool
    called_at: datetime
    page_id: str | None = None
    threatened: str | None = None


async def log_call(parts: NotifierParts, who: Principal, wish: CallWish) -> calls.Call:
    """Keep a call, and put a report on its way where it points to violence. Raises Invalid, NotFound."""
    policy.require(who, "notifier.call.write")
    now = parts.clock.now()
    if not 0 < len(wish.what.strip()) <= LONGEST:
        raise Invalid(f"Say in 1 to {LONGEST} signs what it was about.", field="what")
    if wish.called_at > now + timedelta(minutes=1):
        raise Invalid("A call cannot be in the future.", field="called_at")
    call = calls.Call(
        id=new_id(),
        called_at=wish.called_at,
        entered_at=now,
        entered_by=who.subject,
        caller=wish.caller,
        what=wish.what.strip(),
        urgency=wish.urgency,
        violence=wish.violence,
        page_id=wish.page_id,
    )
    async with parts.database.write() as session:
        await calls.insert(session, call)
        if wish.page_id is not None:
            page = await pages.load(session, wish.page_id, for_update=True)
            by = human_of(who, await book_at(session, desk_of(parts), now))
            page.for_eyes_of(by.actor_id)
            if page.state is not PageState.CLOSED:
                await save(session, parts, page, record_action(page, EntryKind.CALL, by, now))
        if wish.violence:
            await calls.add_job(session, new_id(), call.id, report_of(call, wish.threatened))
        await audit.record(
            session, who, "notifier.call.write", [call.id], kind="COLLECTION", details={"violence": wish.violence}
        )
    return call


def report_of(call: calls.Call, threatened: str | None) -> dict[str, Any]:
    """What threat-watch gets: not yet graded, exposure NO, an origin that says nothing about who called."""
    return {
        "observed_at": call.called_at.isoformat(),
        "channel": "DUTY_PHONE",
        "origin": f"duty-phone:{call.id}",
        "kind": "FACT",
        "verified": False,
        "exposure": "NO",
        "text": call.what,
        "signals": [
            {
                "factor": "INTENT",
                "strength": "STATED",
                "imminence_hours": IMMINENT_HOURS[call.urgency],
                "aggressor": {"kind": "UNKNOWN"},
                "target": {"kind": "NAME", "name": threatened} if threatened else {"kind": "UNKNOWN"},
            }
        ],
    }


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
