"""The handover report: drawn up, signed by the one who goes, signed by the one who comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from forkant_notifier.clients.threat_watch import count_reviews
from forkant_notifier.commands.calendar import duty_now
from forkant_notifier.commands.desk import NotifierParts, desk_of
from forkant_notifier.commands.duty import book_at, human_of
from forkant_notifier.commands.reading import health_now
from forkant_notifier.domain.handover import Handover, PageLine, RouteLine, Standing, checked_note, take
from forkant_notifier.store import duty, handovers
from forkant_shared import audit
from forkant_shared.access import policy
from forkant_shared.clock import new_id
from forkant_shared.database import Session
from forkant_shared.identity import COOKIE, Principal

#: Where nobody has handed over before, a report tells of one day.
FIRST = timedelta(days=1)


def credential_of(headers: Mapping[str, str], cookies: Mapping[str, str]) -> dict[str, str]:
    """The asker's own proof of who they are, to ask another service in their name; empty where there is none."""
    if "authorization" in headers:
        return {"authorization": headers["authorization"]}
    return {"cookie": f"{COOKIE}={cookies[COOKIE]}"} if COOKIE in cookies else {}


@dataclass(frozen=True, slots=True)
class HandoverView:
    """A report (or, without one, what it would tell now), as this reader may see it."""

    handover: Handover | None
    since: datetime
    at: datetime
    standing: Standing
    named: Callable[[str], str]


async def draw_up(parts: NotifierParts, who: Principal, credential: Mapping[str, str]) -> HandoverView:
    """What a report would tell now. `credential` is the asker's own, for what threat-watch lets them count."""
    policy.require(who, "notifier.handover.write")
    since, standing = await _standing(parts, who, credential)
    async with parts.database.read() as session:
        book = await book_at(session, desk_of(parts), parts.clock.now())
        shown = await _for_eyes_of(session, standing, who, book)
    return HandoverView(None, since, parts.clock.now(), shown, book.named)


async def give(parts: NotifierParts, who: Principal, note: str, credential: Mapping[str, str]) -> Handover:
    """Sign as the one who goes. What stands now is kept with it. Raises Invalid."""
    policy.require(who, "notifier.handover.write")
    kept = checked_note(note)
    since, standing = await _standing(parts, who, credential)
    given = Handover(new_id(), since, parts.clock.now(), who.subject, kept, handovers.document_of(standing))
    async with parts.database.write() as session:
        await handovers.insert(session, given)
        await audit.record(session, who, "notifier.handover.write", [given.id], details={"signed": "GIVEN"})
    return given


async def take_over_report(parts: NotifierParts, who: Principal, handover_id: str) -> Handover:
    """Sign as the one who comes. Raises NotFound, Conflict, Forbidden for the one who gave it."""
    policy.require(who, "notifier.handover.write")
    async with parts.database.write() as session:
        given = await handovers.load(session, handover_id, for_update=True)
        taken = take(given, who.subject, parts.clock.now())
        await handovers.sign(session, taken)
        await audit.record(session, who, "notifier.handover.write", [taken.id], details={"signed": "TAKEN"})
    return taken


async def read_report(parts: NotifierParts, who: Principal, handover_id: str) -> HandoverView:
    """One report as it was signed; reading it is written into the audit chain. Raises NotFound."""
    policy.require(who, "notifier.handover.read")
    async with parts.database.write() as session:
        found = await handovers.load(session, handover_id)
        book = await book_at(session, desk_of(parts), parts.clock.now())
        shown = await _for_eyes_of(session, handovers.standing_of(found.document), who, book)
        await audit.record(session, who, "notifier.handover.read", [found.id], kind="CONSULTATION")
    return HandoverView(found, found.since, found.given_at, shown, book.named)


@dataclass(frozen=True, slots=True)
class HandoverList:
    """The latest reports, newest first."""

    items: Sequence[Handover]
    named: Callable[[str], str]


async def list_reports(parts: NotifierParts, who: Principal) -> HandoverList:
    """When the watch was handed over, by whom to whom."""
    policy.require(who, "notifier.handover.read")
    async with parts.database.read() as session:
        book = await book_at(session, desk_of(parts), parts.clock.now())
        return HandoverList(await handovers.recent(session), book.named)


async def _standing(parts: NotifierParts, who: Principal, credential: Mapping[str, str]) -> tuple[datetime, Standing]:
    reviews = await count_reviews(parts.settings.threat_watch_url, credential, parts.peers)
    health, on_duty = await health_now(parts, who), await duty_now(parts, who)
    async with parts.database.read() as session:
        last = await handovers.recent(session, 1)
        since = last[0].given_at if last else parts.clock.now() - FIRST
        lines = await handovers.pages_since(session, since)
        failed = await handovers.failed_since(session, since)
    return since, Standing(
        open_pages=[line for line in lines if line.state != "CLOSED"],
        late_pages=[line for line in lines if line.opened_at > since and line.late],
        failed=failed,
        routes=[RouteLine(route.name, route.last_good) for route in health.routes if route.failing],
        silent=health.silent,
        reports_refused=health.reports_refused,
        gaps=len(on_duty.gaps),
        not_checked_in=sorted({user for on in on_duty.tiers for user in on.not_checked_in}),
        reviews=reviews,
    )


async def _for_eyes_of(session: Session, standing: Standing, who: Principal, book: duty.DutyBook) -> Standing:
    """Without the pages about the reader: to them these do not exist, on paper either."""
    actor_id = human_of(who, book).actor_id
    lines = [*standing.open_pages, *standing.late_pages]
    hidden = await handovers.excluded_of(session, {line.id for line in lines}) if actor_id and lines else {}

    def known(found: Sequence[PageLine]) -> list[PageLine]:
        return [line for line in found if actor_id not in hidden.get(line.id, frozenset())]

    return replace(standing, open_pages=known(standing.open_pages), late_pages=known(standing.late_pages))
