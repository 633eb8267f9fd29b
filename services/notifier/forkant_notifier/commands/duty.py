"""Who is on duty: the roster a page climbs, taking over, and the demo's rota."""

from __future__ import annotations

import contextlib
import time as monotonic_time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from forkant_notifier.commands.desk import Desk, NotifierParts, desk_of, follow_choice
from forkant_notifier.domain.duty_rules import DutyRules, read_rules
from forkant_notifier.domain.human import Human
from forkant_notifier.domain.lanes import TELEPHONE
from forkant_notifier.domain.roster import Contact, Roster
from forkant_notifier.domain.rota import Override, Rotation, in_force_at
from forkant_notifier.settings import demo_document, duty_document
from forkant_notifier.store import duty, rotas
from forkant_shared import audit
from forkant_shared.access import policy
from forkant_shared.clock import new_id
from forkant_shared.database import Session
from forkant_shared.errors import Conflict, Invalid
from forkant_shared.identity import Principal

TIERS = (1, 2, 3)
OPERATIONS = "operations"
#: Another instance may have changed the rota: no page climbs by one older than this.
BOOK_GOOD_FOR_SECONDS = 1.0


async def book_at(session: Session, desk: Desk, now: datetime) -> duty.DutyBook:
    """People and rota, read anew each second at most, with the policy chosen; at once after a change of our own."""
    tick = monotonic_time.monotonic()
    if desk.book is None or tick - desk.book_read_at > BOOK_GOOD_FOR_SECONDS:
        desk.book = await duty.book(session, now)
        await follow_choice(session, desk)
        desk.book_read_at = tick
    return desk.book


def forget_book(desk: Desk) -> None:
    """The rota has changed: the next page reads it anew."""
    desk.book = None
    desk.feed()


def roster_of(book: duty.DutyBook, operations_line: str, now: datetime) -> Roster:
    """Whom a page can reach at this instant."""
    tiers = {
        tier: tuple(book.people[user].contact for user in book.rota.on_duty(tier, now) if user in book.people)
        for tier in (book.rota.tiers or TIERS)
    }
    floor = tuple(person.contact for person in book.people.values() if person.floor)
    if not any(contact.actor_id is None and contact.addresses for contact in floor) and operations_line:
        floor = (*floor, Contact(OPERATIONS, dict.fromkeys(TELEPHONE, operations_line)))
    return Roster(tiers, floor)


async def roster_at(session: Session, parts: NotifierParts, now: datetime) -> Roster:
    return roster_of(await book_at(session, desk_of(parts), now), parts.settings.operations_line, now)


def human_of(who: Principal, book: duty.DutyBook) -> Human:
    """The one who acts, with the registry's person behind them, from the token or from our own book."""
    person = book.people.get(who.subject)
    return Human(who.subject, who.actor_id or (person.contact.actor_id if person else None))


@dataclass(frozen=True, slots=True)
class Planning:
    """The plan of duty in a transaction that may change it; nobody else decides meanwhile."""

    session: Session
    book: duty.DutyBook
    now: datetime
    rules: DutyRules

    async def note(
        self, who: Principal, kind: str, object_id: str, *, tier: int | None = None, user: str | None = None
    ) -> None:
        """Write a change into the plan's own history and into the audit chain."""
        await rotas.note_change(self.session, self.now, who.subject, kind, tier=tier, user=user)
        details = {"kind": kind, "tier": tier, "user": user}
        await audit.record(self.session, who, "notifier.duty.write", [object_id], details=details)


@contextlib.asynccontextmanager
async def planning(
    parts: NotifierParts, *, tiers: Sequence[int] | None = None, revision: int | None = None
) -> AsyncIterator[Planning]:
    """One act on the plan. Raises Conflict where these tiers were changed after the `revision` the caller had seen."""
    now = parts.clock.now()
    async with parts.database.write() as session:
        await session.lock([rotas.LOCK])
        if revision is not None and await rotas.last_revision(session, tiers) > revision:
            raise Conflict(
                "Somebody else has just changed the duty.", field="revision", remedy="Look at the calendar again."
            )
        yield Planning(session, await duty.book(session, now), now, _rules(parts))
        if "desk" in parts.state:
            session.after_commit(lambda: forget_book(desk_of(parts)))


def _rules(parts: NotifierParts) -> DutyRules:
    """Those of the running notifier; the file's own where a command runs beside it."""
    return desk_of(parts).rules if "desk" in parts.state else read_rules(duty_document())


async def take_over(
    parts: NotifierParts,
    who: Principal,
    tier: int,
    *,
    user: str | None = None,
    hours: float | None = None,
    revision: int | None = None,
) -> Override:
    """*I take it now*: `user` (by default the one who asks) has the tier from this instant for some hours.

    Raises NotFound for somebody without a phone, Conflict for one who has it already, or who comes second.
    """
    policy.require(who, "notifier.duty.write")
    rules, taker = desk_of(parts).rules, user or who.subject
    span = timedelta(hours=rules.take_over_hours if hours is None else hours)
    if not timedelta(0) < span <= rules.longest_override:
        raise Invalid("A take-over lasts from now to at most 14 days.", field="hours")
    async with planning(parts, tiers=[tier], revision=revision) as act:
        number = await rotas.last_revision(act.session) + 1
        override = Override(tier, taker, act.now, act.now + span, made_at=act.now, revision=number, id=new_id())
        act.book.plan.with_override(override, rules, act.now)
        await rotas.add_override(act.session, override, made_by=who.subject)
        await act.note(who, "TAKEN", override.id, tier=tier, user=taker)
    return override


async def load_demo(parts: NotifierParts, actors: Mapping[str, str] | None = None) -> int:
    """Write the made-up users, their phones and a rota that never ends; how many users. Repeating changes nothing.

    `actors` says who a user is in the registry, so that a demo can show a target being passed over. Raises Conflict
    outside embedded mode and trial.
    """
    if not parts.settings.allows_development:
        raise Conflict("Made-up people have no place in a real rota.", remedy="Write a real rota.")
    document, known = demo_document(), actors or {}
    today = parts.clock.now().date()
    async with parts.database.write() as session:
        for user in document["users"]:
            phone = user.get("phone")
            await duty.put_person(
                session,
                user["user"],
                name=user["name"],
                actor_id=known.get(user["user"]),
                floor=user.get("floor", False),
                addresses=dict.fromkeys(TELEPHONE, phone) if phone else {},
            )
        written, now = _demo_rotations(document["rota"], today), parts.clock.now()
        kept = await rotas.rota_from(session, now)
        if not _same(in_force_at(kept.rotations, now), written):
            await rotas.replace_all(session, written, now, "notifier")
        await audit.record(session, Principal.system("notifier"), "notifier.duty.write", [new_id()])
    if "desk" in parts.state:
        forget_book(desk_of(parts))
    return len(document["users"])


async def load_demo_if_empty(parts: NotifierParts) -> None:
    """In embedded mode and trial somebody is always on duty, from the first start."""
    if not parts.settings.allows_development:
        return
    async with parts.database.read() as session:
        known = await rotas.has_rota(session)
    if not known:
        await load_demo(parts)


def _same(kept: Sequence[Rotation], written: Sequence[Rotation]) -> bool:
    def told(rotations: Sequence[Rotation]) -> set[object]:
        return {(r.tier, r.members, r.starts_on, r.handover, r.days, r.zone) for r in rotations}

    return told(kept) == told(written)


def _demo_rotations(rota: Mapping[str, object], today: date) -> list[Rotation]:
    tiers = rota["tiers"]
    assert isinstance(tiers, dict)
    # It begins a week back, so that somebody is on from the first moment.
    starts_on = today - timedelta(days=today.weekday() + 7)
    names = rota["names"]
    assert isinstance(names, dict)
    return [
        Rotation(
            name=str(names[tier]),
            tier=int(tier),
            members=tuple(members),
            starts_on=starts_on,
            handover=time.fromisoformat(str(rota["handover"])),
            days=int(str(rota["days"])),
            zone=str(rota["zone"]),
        )
        for tier, members in tiers.items()
    ]
