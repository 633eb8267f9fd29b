"""What is delivered to partners' endpoints, and the leases of those who try."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from forkant_notifier.domain.webhook_rules import PING
from forkant_notifier.domain.webhooks import Delivery, DeliveryState
from forkant_notifier.tables import WEBHOOK_DELIVERIES, WEBHOOK_SUBSCRIPTIONS
from forkant_shared.database import Session
from forkant_shared.errors import NotFound

_OF = WEBHOOK_DELIVERIES.c
#: Said as the partial indexes say them, so that only such rows are looked at.
_DUE = _OF.state == sa.literal_column("'DUE'")
_LEASED = _OF.state == sa.literal_column("'LEASED'")
_WAITING = _OF.state == sa.literal_column("'WAITING'")
_OVER = _OF.state.in_(["DELIVERED", "GIVEN_UP"])
_ONCE_MORE = {"state": "DUE", "tries": 0, "done_at": None, "cause": None}


def _row(delivery: Delivery) -> dict[str, Any]:
    return asdict(delivery)


def _delivery(row: Any) -> Delivery:
    found = dict(row._mapping)
    found["state"] = DeliveryState(found["state"])
    return Delivery(**found)


async def insert(session: Session, made: Sequence[Delivery]) -> None:
    session.later(WEBHOOK_DELIVERIES, *(_row(delivery) for delivery in made))


async def endpoints_due(session: Session, now: datetime, busy: Collection[str], limit: int) -> list[str]:
    """The enabled subscriptions that have something due and are not being tried here; one look each, by the index."""
    return list((await session.execute(_endpoints_due(now, busy, limit))).scalars())


def _endpoints_due(now: datetime, busy: Collection[str], limit: int) -> sa.Select[Any]:
    due = sa.exists().where(_OF.subscription_id == WEBHOOK_SUBSCRIPTIONS.c.id, _DUE, _OF.due_at <= now)
    free = sa.and_(WEBHOOK_SUBSCRIPTIONS.c.disabled.is_(None), WEBHOOK_SUBSCRIPTIONS.c.id.not_in(list(busy)))
    return sa.select(WEBHOOK_SUBSCRIPTIONS.c.id).where(free, due).limit(limit)


async def lease_oldest(
    session: Session, subscription_id: str, lease_id: str, until: datetime, now: datetime
) -> Delivery | None:
    """Take this endpoint's oldest delivery that is due; another instance passes over what we take."""
    # Looked for first and by itself: inside an UPDATE PostgreSQL may run a look that skips what is locked twice.
    row = (await session.execute(_oldest(subscription_id, now).with_for_update(skip_locked=True))).one_or_none()
    if row is None:
        return None
    found = replace(_delivery(row), state=DeliveryState.LEASED, lease_id=lease_id, lease_until=until)
    await save(session, found)
    return found


def _oldest(subscription_id: str, now: datetime) -> sa.Select[Any]:
    mine = sa.select(WEBHOOK_DELIVERIES).where(_OF.subscription_id == subscription_id, _DUE, _OF.due_at <= now)
    return mine.order_by(_OF.due_at).limit(1)


def _expired(now: datetime) -> sa.Select[Any]:
    return sa.select(_OF.id).where(_LEASED, _OF.lease_until <= now).limit(1)


def looks(subscription_id: str, now: datetime) -> list[sa.Select[Any]]:
    """What is asked each second, whether there is anything to do or not."""
    return [_endpoints_due(now, (), 1), _oldest(subscription_id, now), _expired(now)]


async def any_expired(session: Session, now: datetime) -> bool:
    """Whether a lease has run out: a look that takes no lock."""
    return (await session.execute(_expired(now))).first() is not None


async def free_expired(session: Session, now: datetime) -> int:
    """Leases that have run out: due again, or waiting where the endpoint was disabled meanwhile. How many."""
    gone = sa.and_(_LEASED, _OF.lease_until <= now)
    disabled = _OF.subscription_id.in_(
        sa.select(WEBHOOK_SUBSCRIPTIONS.c.id).where(WEBHOOK_SUBSCRIPTIONS.c.disabled.is_not(None))
    )
    freed = {"lease_id": None, "lease_until": None}
    waits = await session.execute(
        WEBHOOK_DELIVERIES.update().where(gone, disabled).values(state="WAITING", due_at=None, **freed)
    )
    due = await session.execute(WEBHOOK_DELIVERIES.update().where(gone).values(state="DUE", due_at=now, **freed))
    return waits.rowcount + due.rowcount


async def settle(session: Session, delivery: Delivery, lease_id: str) -> bool:
    """Store what came of a try, under the lease it was made with; False where that was lost meanwhile."""
    row = _row(delivery)
    found = await session.execute(
        WEBHOOK_DELIVERIES.update().where(_OF.id == delivery.id, _OF.lease_id == lease_id).values(**row)
    )
    return found.rowcount == 1


async def hold(session: Session, subscription_id: str) -> int:
    """The endpoint is disabled: nothing of it is due. How many wait now."""
    mine = sa.and_(_OF.subscription_id == subscription_id, _DUE)
    return (
        await session.execute(WEBHOOK_DELIVERIES.update().where(mine).values(state="WAITING", due_at=None))
    ).rowcount


async def release(session: Session, subscription_id: str, now: datetime) -> int:
    """The endpoint is enabled: what waited is due, from its first step on. How many."""
    mine = sa.and_(_OF.subscription_id == subscription_id, _WAITING)
    once_more = _ONCE_MORE | {"due_at": now, "begun_at": now}
    return (await session.execute(WEBHOOK_DELIVERIES.update().where(mine).values(once_more))).rowcount


async def replay_since(session: Session, subscription_id: str, since: datetime, now: datetime) -> int:
    """Whatever has happened since then and is over is due once more. How many."""
    mine = sa.and_(_OF.subscription_id == subscription_id, _OF.happened_at >= since, _OVER, _OF.type != PING)
    once_more = _ONCE_MORE | {"due_at": now, "begun_at": now}
    return (await session.execute(WEBHOOK_DELIVERIES.update().where(mine).values(once_more))).rowcount


async def load(session: Session, subscription_id: str, delivery_id: str, *, for_update: bool = False) -> Delivery:
    """One delivery of this subscription. Raises NotFound."""
    query = sa.select(WEBHOOK_DELIVERIES).where(_OF.id == delivery_id, _OF.subscription_id == subscription_id)
    row = (await session.execute(query.with_for_update() if for_update else query)).one_or_none()
    if row is None:
        raise NotFound("There is no such delivery.")
    return _delivery(row)


async def save(session: Session, delivery: Delivery) -> None:
    """Store it as it is now; its row is held."""
    await session.execute(WEBHOOK_DELIVERIES.update().where(_OF.id == delivery.id).values(**_row(delivery)))


async def listed(session: Session, subscription_id: str, *, limit: int, before: str | None = None) -> list[Delivery]:
    """The newest first."""
    query = sa.select(WEBHOOK_DELIVERIES).where(_OF.subscription_id == subscription_id).order_by(_OF.id.desc())
    if before is not None:
        query = query.where(_OF.id < before)
    return [_delivery(row) for row in await session.execute(query.limit(limit))]


async def made_since(session: Session, subscription_id: str, type_: str, since: datetime) -> bool:
    """Whether one of this type was made for it since then."""
    mine = sa.select(_OF.id).where(_OF.subscription_id == subscription_id, _OF.type == type_, _OF.made_at > since)
    return (await session.execute(mine.limit(1))).first() is not None


async def counts(session: Session, subscription_ids: Sequence[str]) -> Mapping[str, Mapping[DeliveryState, int]]:
    """How many of each state every one of these has."""
    query = (
        sa.select(_OF.subscription_id, _OF.state, sa.func.count().label("count"))
        .where(_OF.subscription_id.in_(subscription_ids))
        .group_by(_OF.subscription_id, _OF.state)
    )
    found: dict[str, dict[DeliveryState, int]] = {name: {} for name in subscription_ids}
    for row in await session.execute(query):
        found[row.subscription_id][DeliveryState(row.state)] = row._mapping["count"]
    return found


async def give_up_waiting(session: Session, older: datetime, now: datetime) -> int:
    """What has waited for a disabled endpoint since before `older` waits no longer. How many."""
    old = sa.and_(_WAITING, _OF.made_at < older)
    over = {"state": "GIVEN_UP", "done_at": now, "cause": "WAITED_TOO_LONG"}
    return (await session.execute(WEBHOOK_DELIVERIES.update().where(old).values(over))).rowcount


async def forget_done(session: Session, older: datetime, limit: int) -> int:
    """Delete what was over before `older`, at most `limit` at a time. How many."""
    old = sa.select(_OF.id).where(_OF.done_at < older).order_by(_OF.done_at).limit(limit)
    return (await session.execute(WEBHOOK_DELIVERIES.delete().where(_OF.id.in_(old)))).rowcount
