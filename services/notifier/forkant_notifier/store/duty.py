"""People, their phones, and the rota."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from forkant_notifier.domain.lanes import Channel
from forkant_notifier.domain.roster import Contact
from forkant_notifier.domain.rota import Override, Rota, Rotation
from forkant_notifier.tables import DEVICES, OVERRIDES, PEOPLE, ROTATIONS
from forkant_shared.clock import new_id
from forkant_shared.database import Session


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may be on duty: the phone to ring, the name on the desk, whether it is a line of the floor."""

    contact: Contact
    name: str
    floor: bool


@dataclass(frozen=True, slots=True)
class DutyBook:
    """Everything that says whom a page can reach."""

    people: Mapping[str, Person]
    rota: Rota

    def named(self, user: str) -> str:
        """The name on the desk; the user's own word for one we do not know."""
        person = self.people.get(user)
        return person.name if person else user


async def book(session: Session, now: datetime) -> DutyBook:
    """People, rotations and the overrides that may still matter."""
    addresses: dict[str, dict[Channel, str]] = {}
    for row in await session.execute(sa.select(DEVICES).order_by(DEVICES.c.user, DEVICES.c.channel)):
        addresses.setdefault(row.user, {})[Channel(row.channel)] = row.address
    people = {
        row.user: Person(Contact(row.user, addresses.get(row.user, {}), row.actor_id), row.name, row.floor)
        for row in await session.execute(sa.select(PEOPLE))
    }
    rotations = [_rotation(row) for row in await session.execute(sa.select(ROTATIONS).order_by(ROTATIONS.c.id))]
    recent = sa.select(OVERRIDES).where(OVERRIDES.c.until > now - timedelta(days=1))
    overrides = [
        Override(row.tier, row.user, row.since, row.until, row.made_at) for row in await session.execute(recent)
    ]
    return DutyBook(people, Rota(tuple(rotations), tuple(overrides)))


def _rotation(row: Any) -> Rotation:
    return Rotation(
        tier=row.tier,
        members=tuple(row.members),
        starts_on=row.starts_on,
        handover=time.fromisoformat(row.handover),
        days=row.days,
        zone=row.zone,
    )


async def person_with_phone(session: Session, address: str) -> str | None:
    """The user whose phone has this number."""
    found = await session.execute(sa.select(DEVICES.c.user).where(DEVICES.c.address == address).limit(1))
    return found.scalar_one_or_none()


async def put_person(
    session: Session, user: str, *, name: str, actor_id: str | None, floor: bool, addresses: Mapping[Channel, str]
) -> None:
    """Write a person and their phones anew."""
    await session.execute(DEVICES.delete().where(DEVICES.c.user == user))
    await session.insert_ignore(PEOPLE, [{"user": user, "name": name, "actor_id": actor_id, "floor": floor}])
    values = {"name": name, "actor_id": actor_id, "floor": floor}
    await session.execute(PEOPLE.update().where(PEOPLE.c.user == user).values(values))
    rows = [{"user": user, "channel": channel.value, "address": address} for channel, address in addresses.items()]
    if rows:
        await session.execute(DEVICES.insert(), rows)


async def set_actor(session: Session, user: str, actor_id: str | None) -> int:
    """Say who this user is in the registry; how many users that was."""
    found = await session.execute(PEOPLE.update().where(PEOPLE.c.user == user).values(actor_id=actor_id))
    return found.rowcount


async def replace_rotations(session: Session, rotations: list[Rotation]) -> None:
    """Write the whole rota anew; overrides stay."""
    await session.execute(ROTATIONS.delete())
    rows = [
        {
            "id": new_id(),
            "tier": rotation.tier,
            "members": list(rotation.members),
            "starts_on": rotation.starts_on,
            "handover": rotation.handover.strftime("%H:%M"),
            "days": rotation.days,
            "zone": rotation.zone,
        }
        for rotation in rotations
    ]
    if rows:
        await session.execute(ROTATIONS.insert(), rows)


async def add_override(session: Session, override: Override, *, made_by: str) -> str:
    """Store an override; its id."""
    override_id = new_id()
    await session.execute(
        OVERRIDES.insert().values(
            id=override_id,
            tier=override.tier,
            user=override.user,
            since=override.since,
            until=override.until,
            made_at=override.made_at,
            made_by=made_by,
        )
    )
    return override_id


async def has_rota(session: Session) -> bool:
    """Whether anybody has written a rota yet."""
    return (await session.execute(sa.select(ROTATIONS.c.id).limit(1))).first() is not None


def starts_of_week(day: date) -> date:
    """The Monday of that day's week."""
    return day - timedelta(days=day.weekday())
