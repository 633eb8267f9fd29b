"""Who may be on duty, and by which phones: written, changed and let go on the desk, by the same checks as a file's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from forkant_notifier.commands.desk import NotifierParts, desk_of
from forkant_notifier.commands.duty import Planning, planning
from forkant_notifier.commands.importing import floor_is_empty, numbers_of_others, write_people
from forkant_notifier.commands.reaching import read_browsers
from forkant_notifier.domain.devices import Device, devices_of
from forkant_notifier.domain.duty_file import DutyFile, Wrong, read_duty
from forkant_notifier.domain.lanes import Channel
from forkant_notifier.domain.push import PREFIX
from forkant_notifier.domain.rota import in_force_at
from forkant_notifier.store import devices, duty, reach, rotas
from forkant_notifier.store.duty import DutyBook, Person
from forkant_shared import audit
from forkant_shared.access import policy
from forkant_shared.clock import new_id
from forkant_shared.database import Session
from forkant_shared.errors import Conflict, Invalid, NotFound
from forkant_shared.identity import Principal


class PersonRefused(Invalid):
    """What is wrong with a person, field by field; the error itself tells the first."""

    def __init__(self, wrong: Sequence[Wrong]) -> None:
        super().__init__(wrong[0].message, field=wrong[0].field, remedy=wrong[0].remedy or None)
        self.wrong = tuple(wrong)


@dataclass(frozen=True, slots=True)
class PersonView:
    """Somebody who may be on duty, with every phone as it is, and the rotas they take turns in."""

    id: str
    person: Person
    devices: Sequence[Device]
    rotas: Sequence[str]
    pin_locked_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class PeopleView:
    """A part of the list by name, whether there is more, and the last change of the plan."""

    views: Sequence[PersonView]
    more: bool
    revision: int


def person_id(user: str) -> str:
    """The same for the same user, and no address tells the user by it."""
    return str(uuid5(NAMESPACE_URL, f"urn:forkant:duty:{user}"))


async def list_people(parts: NotifierParts, who: Principal, *, limit: int, after: str | None = None) -> PeopleView:
    """By name; looking is written down. Raises Forbidden, Invalid for an `after` that names nobody."""
    policy.require(who, "notifier.duty.read")
    now = parts.clock.now()
    async with parts.database.write() as session:
        book = await duty.book(session, now)
        listed = sorted((one for one in book.people.values() if not one.left), key=_place)
        if after is not None:
            begin = _place(_found(book, after, field="after"))
            listed = [one for one in listed if _place(one) > begin]
        views = await _views(session, parts, book, listed[:limit])
        await audit.record(
            session,
            who,
            "notifier.duty.read",
            [view.id for view in views],
            kind="CONSULTATION",
            details={"what": "PEOPLE"},
        )
        return PeopleView(views, len(listed) > limit, await rotas.last_revision(session))


async def read_person(parts: NotifierParts, who: Principal, id_: str) -> tuple[PersonView, int]:
    """One of them, and the last change of the plan. Raises Forbidden, NotFound for whoever has left too."""
    policy.require(who, "notifier.duty.read")
    async with parts.database.write() as session:
        book = await duty.book(session, parts.clock.now())
        views = await _views(session, parts, book, [_here(_found(book, id_))])
        await audit.record(session, who, "notifier.duty.read", [id_], kind="CONSULTATION", details={"what": "PEOPLE"})
        return views[0], await rotas.last_revision(session)


async def add_person(
    parts: NotifierParts, who: Principal, row: Mapping[str, object], *, revision: int | None = None
) -> str:
    """Somebody new, or somebody who had left; their id. Raises Invalid, Conflict for one who is there already."""
    policy.require(who, "notifier.duty.plan")
    found = _read(row)
    user = found.people[0].user
    async with planning(parts, revision=revision) as act:
        known = act.book.people.get(user)
        if known is not None and not known.left:
            raise Conflict("This user is in the list already.", field="user", remedy="Change the one who is there.")
        await _write(parts, act, who, found, user)
    return person_id(user)


async def change_person(
    parts: NotifierParts, who: Principal, id_: str, row: Mapping[str, object], *, revision: int | None = None
) -> None:
    """Name, numbers and floor as they are from now on. Raises NotFound, Invalid (also for a new gap), Conflict.

    Browsers that take a push stay; so does a push address that was written by a file.
    """
    policy.require(who, "notifier.duty.plan")
    async with planning(parts, revision=revision) as act:
        known = _here(_found(act.book, id_))
        push = known.contact.addresses.get(Channel.PUSH, PREFIX)
        kept = {} if push.startswith(PREFIX) else {"push": push}
        found = _read({**row, **kept, "user": known.contact.user})
        await _write(parts, act, who, found, known.contact.user)
        if row.get("actor_id") is None and known.contact.actor_id:
            await duty.set_actor(act.session, known.contact.user, None)


async def let_go(parts: NotifierParts, who: Principal, id_: str, *, revision: int | None = None) -> None:
    """Somebody is not on duty any more: phones, browsers and PIN go, the name stays in what was.

    Raises NotFound, Invalid where a tier or the floor would be left with nobody, Conflict.
    """
    policy.require(who, "notifier.duty.plan")
    async with planning(parts, revision=revision) as act:
        user = _here(_found(act.book, id_)).contact.user
        await _write(parts, act, who, DutyFile(leave=[user]), user)
    await read_browsers(parts)


async def _write(parts: NotifierParts, act: Planning, who: Principal, found: DutyFile, user: str) -> None:
    _refuse((await write_people(act, found)).wrong)
    after = await duty.book(act.session, act.now)
    act.book.plan.refuse_new_gaps(after.plan, after.plan.rota.tiers, act.rules, act.now)
    _refuse(numbers_of_others(after, [user]))
    _refuse(floor_is_empty(parts, after))
    await act.note(who, "PERSON_LEFT" if found.leave else "PERSON", new_id(), user=user)


def _read(row: Mapping[str, object]) -> DutyFile:
    found = read_duty({"people": [dict(row)]})
    _refuse(found.wrong)
    return found


def _refuse(wrong: Sequence[Wrong]) -> None:
    if wrong:
        raise PersonRefused(wrong)


def _place(person: Person) -> tuple[str, str]:
    return person.name.casefold(), person.contact.user


def _found(book: DutyBook, id_: str, *, field: str | None = None) -> Person:
    """Raises NotFound, or Invalid where `field` of a query names nobody."""
    person = next((one for user, one in book.people.items() if person_id(user) == id_), None)
    if person is not None:
        return person
    if field:
        raise Invalid("There is no such person.", field=field, remedy="Use `next` of the page before.")
    raise NotFound("There is no such person.")


def _here(person: Person) -> Person:
    if person.left:
        raise NotFound("There is no such person.")
    return person


async def _views(
    session: Session, parts: NotifierParts, book: DutyBook, listed: Sequence[Person]
) -> Sequence[PersonView]:
    now, rules = parts.clock.now(), desk_of(parts).rules
    ended = await devices.endings(
        session, [one.contact.user for one in listed], now - rules.device_days, rules.device_dead_after
    )
    locked = await reach.locked(session, now)
    turns = in_force_at(book.rota.rotations, now)
    views = []
    for one in listed:
        user = one.contact.user
        found = devices_of(one.contact, ended.get(user, {}), push_lost=one.push_lost, rules=rules)
        names = sorted(rotation.name or str(rotation.tier) for rotation in turns if user in rotation.members)
        views.append(PersonView(person_id(user), one, found, names, locked.get(user)))
    return views
