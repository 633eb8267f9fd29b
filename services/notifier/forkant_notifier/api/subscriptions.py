"""All partners' subscriptions, for our administrators: `/notifier/v1/subscriptions`."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter

from forkant_notifier.api.partner_subscriptions import (
    After,
    DeliveryAnswer,
    DeliveryPage,
    ReplayAnswer,
    ReplayBody,
    SubscriptionAnswer,
    SubscriptionPage,
    delivery_answer,
    delivery_page,
    subscription_answer,
    subscription_page,
)
from forkant_notifier.commands import subscribing
from forkant_notifier.commands.subscribing import as_administrator, as_reader
from forkant_shared.fields import Limit
from forkant_shared.identity import SignedIn
from forkant_shared.service import PartsOf

ROUTER = APIRouter(prefix="/notifier/v1/subscriptions", tags=["subscriptions"])


@ROUTER.get("")
async def list_all(parts: PartsOf, who: SignedIn, after: After = None, limit: Limit = 50) -> SubscriptionPage:
    """Every organisation's, in the order they were made."""
    found = await subscribing.list_subscriptions(
        parts, as_reader(who), limit=limit, after=str(after) if after else None
    )
    return subscription_page(found, limit)


@ROUTER.get("/{subscription_id}")
async def read(parts: PartsOf, who: SignedIn, subscription_id: UUID) -> SubscriptionAnswer:
    """One of them, with its health."""
    return subscription_answer(await subscribing.read_subscription(parts, as_reader(who), str(subscription_id)))


@ROUTER.get("/{subscription_id}/deliveries")
async def list_deliveries(
    parts: PartsOf, who: SignedIn, subscription_id: UUID, after: After = None, limit: Limit = 50
) -> DeliveryPage:
    """What was and will be sent to it, newest first."""
    found = await subscribing.list_deliveries(
        parts, as_reader(who), str(subscription_id), limit=limit, before=str(after) if after else None
    )
    return delivery_page(found, limit)


@ROUTER.post("/{subscription_id}/disable")
async def disable(parts: PartsOf, who: SignedIn, subscription_id: UUID) -> SubscriptionAnswer:
    """Deliver nothing to it; only an administrator enables it again. Its queue is kept."""
    return subscription_answer(await subscribing.stop(parts, as_administrator(who), str(subscription_id)))


@ROUTER.post("/{subscription_id}/enable")
async def enable(parts: PartsOf, who: SignedIn, subscription_id: UUID) -> SubscriptionAnswer:
    """Deliver again, what has waited first."""
    return subscription_answer(await subscribing.start(parts, as_administrator(who), str(subscription_id)))


@ROUTER.post("/{subscription_id}/deliveries/{delivery_id}/replay", status_code=202)
async def replay(parts: PartsOf, who: SignedIn, subscription_id: UUID, delivery_id: UUID) -> DeliveryAnswer:
    """Send one again, with the same id."""
    return delivery_answer(
        await subscribing.replay_one(parts, as_administrator(who), str(subscription_id), str(delivery_id))
    )


@ROUTER.post("/{subscription_id}/replay", status_code=202)
async def replay_since(parts: PartsOf, who: SignedIn, subscription_id: UUID, body: ReplayBody) -> ReplayAnswer:
    """Send everything since a time again, with the same ids."""
    count = await subscribing.replay_since(parts, as_administrator(who), str(subscription_id), body.since)
    return ReplayAnswer(count=count)
