"""People, their phones, and the rota."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from forkant_notifier.domain.lanes import Channel
from forkant_notifier.domain.plan import Plan, Waiver
from forkant_notifier.domain.push import PREFIX
from forkant_notifier.domain.roster import Contact
from forkant_notifier.domain.rota import Rota
from forkant_notifier.store import rotas
from forkant_notifier.tables import CALENDAR_SECRETS, DEVICES, PEOPLE, PINS, PUSH_SUBSCRIPTIONS
from forkant_shared.database import Session


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may be on duty: the phone to ring, the name on the desk, whether it is a line of the floor."""

    contact: Contact
    name: str
    floor: bool
    left: bool = False
    push_lost: bool = False


@dataclass(frozen=True, slots=True)
class DutyBook:
    """Everything that says whom a page can reach."""

    people: Mapping[str, Person]
    rota: Rota
    waivers: tuple[Waiver, ...] = ()

    @property
    def plan(self) -> Plan:
        """The rota, with who can be reached at all."""
        reachable = frozenset(user for user, person in self.people.items() if person.contact.addresses)
        return Plan(self.rota, reachable, self.waivers)

    def named(self, user: str) -> str:
        """The name on the desk; the user's own word for one we do not know."""
        person = self.people.get(user)
        return person.name if person else user


async def book(session: Session, now: datetime) -> DutyBook:
    """People, and what decides who is on duty from that instant on."""
    addresses: dict[str, dict[Channel, str]] = {}
    for row in await session.execute(sa.select(DEVICES).order_by(DEVICES.c.user, DEVICES.c.channel)):
        addresses.setdefault(row.user, {})[Channel(row.channel)] = row.address
    people = {
        row.user: Person(
            Contact(row.user, addresses.get(row.user, {}), row.actor_id),
            row.name,
            row.floor,
            row.left_at is not None,
            row.push_lost_at is not None,
        )
        for row in await session.execute(sa.select(PEOPLE))
    }
    return DutyBook(people, await rotas.rota_from(session, now), tuple(await rotas.waivers_from(session, now)))


async def person_with_phone(session: Session, address: str) -> str | None:
    """The user whose phone has this number."""
    found = await session.execute(sa.select(DEVICES.c.user).where(DEVICES.c.address == address).limit(1))
    return found.scalar_one_or_none()


async def put_person(
    session: Session, user: str, *, name: str, actor_id: str | None, floor: bool, addresses: Mapping[Channel, str]
) -> None:
    """Write a person and their phones anew. Browsers that notify them stay: only they turn those off."""
    theirs = sa.and_(DEVICES.c.user == user, DEVICES.c.address.startswith(PREFIX))
    await session.execute(DEVICES.delete().where(DEVICES.c.user == user, sa.not_(theirs)))
    kept = {Channel(row.channel) for row in await session.execute(sa.select(DEVICES.c.channel).where(theirs))}
    await session.insert_ignore(PEOPLE, [{"user": user, "name": name, "actor_id": actor_id, "floor": floor}])
    values = {"name": name, "actor_id": actor_id, "floor": floor, "left_at": None}
    await session.execute(PEOPLE.update().where(PEOPLE.c.user == user).values(values))
    rows = [
        {"user": user, "channel": channel.value, "address": address}
        for channel, address in addresses.items()
        if channel not in kept
    ]
    if rows:
        await session.execute(DEVICES.insert(), rows)


async def set_actor(session: Session, user: str, actor_id: str | None) -> int:
    """Say who this user is in the registry; how many users that was."""
    found = await session.execute(PEOPLE.update().where(PEOPLE.c.user == user).values(actor_id=actor_id))
    return found.rowcount


async def leave(session: Session, user: str, at: datetime) -> None:
    """Somebody is not on duty any more: the name stays with what was; phones, browsers, PIN and calendar go."""
    for table in (DEVICES, PUSH_SUBSCRIPTIONS, PINS, CALENDAR_SECRETS):
        await session.execute(table.delete().where(table.c.user == user))
    gone = {"left_at": at, "floor": False, "push_lost_at": None}
    await session.execute(PEOPLE.update().where(PEOPLE.c.user == user).values(gone))
