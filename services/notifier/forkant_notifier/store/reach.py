"""PINs, and the browsers that take a push."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from forkant_notifier.domain.lanes import Channel
from forkant_notifier.domain.pin import Pin
from forkant_notifier.domain.push import Subscription
from forkant_notifier.tables import DEVICES, PINS, PUSH_SUBSCRIPTIONS
from forkant_shared.clock import new_id
from forkant_shared.database import Session


async def pin_of(session: Session, user: str, *, for_update: bool = False) -> Pin | None:
    """None for somebody who has set none."""
    query = sa.select(PINS).where(PINS.c.user == user)
    row = (await session.execute(query.with_for_update() if for_update else query)).one_or_none()
    return None if row is None else Pin(row.user, row.salt, row.seal, row.wrong, row.locked_until)


async def put_pin(session: Session, pin: Pin, now: datetime) -> None:
    """A new one, in place of any there was."""
    await session.execute(PINS.delete().where(PINS.c.user == pin.user))
    await session.execute(
        PINS.insert().values(user=pin.user, salt=pin.salt, seal=pin.seal, wrong=0, locked_until=None, set_at=now)
    )


async def locked(session: Session, now: datetime) -> dict[str, datetime]:
    """Whose PIN is locked, and until when."""
    rows = await session.execute(sa.select(PINS.c.user, PINS.c.locked_until).where(PINS.c.locked_until > now))
    return {row.user: row.locked_until for row in rows}


async def save_tries(session: Session, pin: Pin) -> None:
    values = {"wrong": pin.wrong, "locked_until": pin.locked_until}
    await session.execute(PINS.update().where(PINS.c.user == pin.user).values(values))


async def subscriptions(session: Session, user: str | None = None) -> list[Subscription]:
    """The browsers of one person, or of all, the oldest first."""
    table = PUSH_SUBSCRIPTIONS
    query = sa.select(table).order_by(table.c.id)
    if user is not None:
        query = query.where(table.c.user == user)
    rows = await session.execute(query)
    return [Subscription(row.id, row.user, row.endpoint, row.key, row.secret, row.made_at) for row in rows]


async def subscribe(session: Session, user: str, endpoint: str, key: str, secret: str) -> None:
    """A browser takes pushes for this person, and for nobody else any more."""
    table = PUSH_SUBSCRIPTIONS
    await session.execute(table.delete().where(table.c.endpoint == endpoint))
    now = session.clock.now()
    await session.execute(
        table.insert().values(id=new_id(), user=user, endpoint=endpoint, key=key, secret=secret, made_at=now)
    )


async def unsubscribe(session: Session, subscription_id: str, user: str | None = None) -> int:
    """One browser less (of this person, where one is named); how many that was."""
    table = PUSH_SUBSCRIPTIONS
    which = table.c.id == subscription_id
    if user is not None:
        which = sa.and_(which, table.c.user == user)
    return (await session.execute(table.delete().where(which))).rowcount


async def put_address(session: Session, user: str, channel: Channel, address: str | None) -> None:
    """Where this channel reaches the person; None: nowhere any more."""
    which = sa.and_(DEVICES.c.user == user, DEVICES.c.channel == channel.value)
    await session.execute(DEVICES.delete().where(which))
    if address is not None:
        await session.execute(DEVICES.insert().values(user=user, channel=channel.value, address=address))
