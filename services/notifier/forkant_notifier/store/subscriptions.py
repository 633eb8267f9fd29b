"""Partners' subscriptions, and the sealed secrets they are signed with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from forkant_notifier.domain.webhooks import Disabled, WebhookSubscription
from forkant_notifier.tables import WEBHOOK_DELIVERIES, WEBHOOK_SECRETS, WEBHOOK_SUBSCRIPTIONS
from forkant_shared.database import Session
from forkant_shared.errors import Conflict, NotFound

_OF = WEBHOOK_SUBSCRIPTIONS.c


@dataclass(frozen=True, slots=True)
class SealedSecret:
    """What signs for one endpoint. `sealed` cannot be read without the desk's key; `ends_at` is none for the newest."""

    id: str
    subscription_id: str
    sealed: bytes
    public_key: str
    made_at: datetime
    ends_at: datetime | None = None


def _row(subscription: WebhookSubscription) -> dict[str, Any]:
    return asdict(subscription) | {"types": list(subscription.types)}


def _subscription(row: Any) -> WebhookSubscription:
    found = dict(row._mapping)
    found["types"] = tuple(found["types"])
    found["disabled"] = Disabled(found["disabled"]) if found["disabled"] else None
    return WebhookSubscription(**found)


async def insert(session: Session, subscription: WebhookSubscription) -> None:
    """Raises Conflict where the organisation has one at this address already."""
    if not await session.insert_ignore(WEBHOOK_SUBSCRIPTIONS, [_row(subscription)]):
        raise _taken()


async def load(
    session: Session, subscription_id: str, *, organisation: str | None = None, for_update: bool = False
) -> WebhookSubscription:
    """One subscription. Raises NotFound, the same for one of another `organisation`."""
    query = sa.select(WEBHOOK_SUBSCRIPTIONS).where(_OF.id == subscription_id)
    if organisation is not None:
        query = query.where(_OF.organisation == organisation)
    row = (await session.execute(query.with_for_update() if for_update else query)).one_or_none()
    if row is None:
        raise NotFound("There is no such subscription.")
    return _subscription(row)


async def require_free(session: Session, subscription: WebhookSubscription) -> None:
    """Raises Conflict where another of the organisation's has this address."""
    other = sa.select(_OF.id).where(
        _OF.organisation == subscription.organisation, _OF.url == subscription.url, _OF.id != subscription.id
    )
    if (await session.execute(other)).first() is not None:
        raise _taken()


async def save(session: Session, subscription: WebhookSubscription) -> None:
    """Store it as it is now; its row is held."""
    await session.execute(WEBHOOK_SUBSCRIPTIONS.update().where(_OF.id == subscription.id).values(**_row(subscription)))


async def delete(session: Session, subscription_id: str) -> None:
    """It, its secrets and whatever was delivered or waits."""
    for table in (WEBHOOK_DELIVERIES, WEBHOOK_SECRETS):
        await session.execute(table.delete().where(table.c.subscription_id == subscription_id))
    await session.execute(WEBHOOK_SUBSCRIPTIONS.delete().where(_OF.id == subscription_id))


async def listed(
    session: Session, *, limit: int, after: str | None = None, organisation: str | None = None
) -> list[WebhookSubscription]:
    """In the order they were made."""
    query = sa.select(WEBHOOK_SUBSCRIPTIONS).order_by(_OF.id).limit(limit)
    if after is not None:
        query = query.where(_OF.id > after)
    if organisation is not None:
        query = query.where(_OF.organisation == organisation)
    return [_subscription(row) for row in await session.execute(query)]


async def count_of(session: Session, organisation: str) -> int:
    query = sa.select(sa.func.count()).select_from(WEBHOOK_SUBSCRIPTIONS).where(_OF.organisation == organisation)
    return int((await session.execute(query)).scalar_one())


async def hearing(session: Session, type_: str) -> list[tuple[str, bool]]:
    """The subscriptions that want events of this type, and whether each is enabled; so many an organisation."""
    # Held until the end, so that none is disabled between this look and what is stored after it.
    query = sa.select(_OF.id, _OF.types, _OF.disabled).order_by(_OF.id).with_for_update(read=True)
    return [(row.id, row.disabled is None) for row in await session.execute(query) if type_ in row.types]


def _taken() -> Conflict:
    return Conflict(
        "Your organisation has a subscription at this address already.",
        field="url",
        remedy="Change or delete that one, or use another address.",
    )


# -- secrets -----------------------------------------------------------------------------------------------------------


async def add_secret(session: Session, secret: SealedSecret) -> None:
    await session.execute(WEBHOOK_SECRETS.insert().values(**asdict(secret)))


async def end_secrets(session: Session, subscription_id: str, at: datetime) -> None:
    """None of those there are signs after `at`."""
    of = WEBHOOK_SECRETS.c
    longer = sa.and_(of.subscription_id == subscription_id, sa.or_(of.ends_at.is_(None), of.ends_at > at))
    await session.execute(WEBHOOK_SECRETS.update().where(longer).values(ends_at=at))


async def secrets_of(session: Session, subscription_ids: Sequence[str], now: datetime) -> list[SealedSecret]:
    """Those that sign now, newest first."""
    of = WEBHOOK_SECRETS.c
    query = (
        sa.select(WEBHOOK_SECRETS)
        .where(of.subscription_id.in_(subscription_ids), sa.or_(of.ends_at.is_(None), of.ends_at > now))
        .order_by(of.id.desc())
    )
    return [SealedSecret(**row._mapping) for row in await session.execute(query)]


async def forget_ended(session: Session, now: datetime) -> int:
    """Secrets that sign no more are gone; how many."""
    return (await session.execute(WEBHOOK_SECRETS.delete().where(WEBHOOK_SECRETS.c.ends_at <= now))).rowcount
