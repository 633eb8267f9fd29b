"""Who has the phone: now, in the days to come, and at any time past."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from forkant_notifier.commands.desk import Desk, NotifierParts, desk_of
from forkant_notifier.commands.duty import TIERS, book_at, roster_of
from forkant_notifier.domain.plan import Gap, Waiver
from forkant_notifier.domain.rota import Override
from forkant_notifier.domain.shift import Shift
from forkant_notifier.domain.swap import Swap
from forkant_notifier.store import check_ins, duty, rotas, swaps
from forkant_shared import audit
from forkant_shared.access import policy
from forkant_shared.clock import new_id
from forkant_shared.errors import Invalid
from forkant_shared.identity import Principal

#: The first police system to keep such a list is younger than this.
EARLIEST = timedelta(days=3660)


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Who answers for a tier now, and since when; nobody is a gap that pages climb over at once."""

    tier: int
    users: Sequence[duty.Person]
    shift: Shift
    not_checked_in: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class DutyView:
    """Who is on duty at an instant, the floor below, and what is missing in the days ahead."""

    at: datetime
    tiers: Sequence[OnDuty]
    floor: Sequence[str]
    gaps: Sequence[Gap] = ()


async def duty_now(parts: NotifierParts, who: Principal) -> DutyView:
    """Who is on duty at this moment."""
    policy.require(who, "notifier.duty.read")
    desk, now = desk_of(parts), parts.clock.now()
    async with parts.database.read() as session:
        book = await book_at(session, desk, now)
        shifts = {tier: book.rota.shift_at(tier, now) for tier in sorted({*TIERS, *book.rota.tiers})}
        begun = min((shift.since for shift in shifts.values()), default=now) - desk.rules.check_in_early
        done = await check_ins.latest_done(session, begun)
    roster = roster_of(book, parts.settings.operations_line, now)
    tiers = []
    for tier, shift in shifts.items():
        users = [book.people[contact.user] for contact in roster.tiers.get(tier, ())]
        early = shift.since - desk.rules.check_in_early
        absent = [p.contact.user for p in users if done.get(p.contact.user, early) <= early]
        tiers.append(OnDuty(tier, users, shift, absent))
    floor = [book.named(contact.user) for contact in roster.floor]
    return DutyView(now, tiers, floor, _missing(desk, book, now))


def _missing(desk: Desk, book: duty.DutyBook, now: datetime) -> Sequence[Gap]:
    """The gaps ahead, looked for once a minute while the plan is the same: a board asks each second."""
    asked = (book.plan, now.replace(second=0, microsecond=0))
    if desk.gaps is None or desk.gaps[0] != asked:
        desk.gaps = (asked, book.plan.missing(desk.rules, now))
    return desk.gaps[1]


async def duty_then(parts: NotifierParts, who: Principal, at: datetime) -> DutyView:
    """Who was on duty at a time past, as it was then; asking is written into the audit chain. Raises Invalid."""
    policy.require(who, "notifier.duty.read")
    now = parts.clock.now()
    if not now - EARLIEST < at <= now + timedelta(days=366):
        raise Invalid("There is no rota from so far away.", field="at", remedy="Choose a time nearer to now.")
    async with parts.database.write() as session:
        book = await duty.book(session, at)
        details = {"at": at.isoformat()}
        await audit.record(session, who, "notifier.duty.read", [new_id()], kind="CONSULTATION", details=details)
    tiers = []
    for tier in sorted({*TIERS, *book.rota.tiers}):
        shift = book.rota.shift_at(tier, at)
        tiers.append(OnDuty(tier, [book.people[u] for u in book.rota.on_duty(tier, at) if u in book.people], shift))
    return DutyView(at, tiers, ())


@dataclass(frozen=True, slots=True)
class Calendar:
    """The shifts of the days to come, what was decided over them, what is asked, and what is missing."""

    now: datetime
    shifts: Sequence[Shift]
    overrides: Sequence[Override]
    swaps: Sequence[Swap]
    gaps: Sequence[Gap]
    waivers: Sequence[Waiver]
    book: duty.DutyBook
    revision: int


async def calendar(parts: NotifierParts, who: Principal, days: int | None = None) -> Calendar:
    """The shifts from now on, in order of time."""
    policy.require(who, "notifier.duty.read")
    rules, now = desk_of(parts).rules, parts.clock.now()
    until = now + (timedelta(days=days) if days else rules.calendar)
    async with parts.database.read() as session:
        book = await duty.book(session, now)
        asked = await swaps.open_ones(session, now)
        revision = await rotas.last_revision(session)
    tiers = sorted({*TIERS, *book.rota.tiers})
    shifts = [shift for tier in tiers for shift in book.rota.shifts(tier, now, until)]
    return Calendar(
        now,
        sorted(shifts, key=lambda shift: (max(shift.since, now), shift.tier)),
        sorted((o for o in book.rota.overrides if o.over_at > now), key=lambda o: (o.since, o.tier)),
        asked,
        book.plan.missing(rules, now),
        book.waivers,
        book,
        revision,
    )
