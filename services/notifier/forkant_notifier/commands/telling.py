"""Partners are told that something has happened: stored with the event that told us, then tried until it is taken."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection
from datetime import datetime

from prometheus_client import Counter

from forkant_notifier.clients.pinned import FORBIDDEN
from forkant_notifier.clients.webhook_secret import headers_for
from forkant_notifier.commands.desk import NotifierParts, desk_of
from forkant_notifier.commands.webhook_keys import open_secrets
from forkant_notifier.domain.webhook_rules import PING
from forkant_notifier.domain.webhooks import (
    Delivery,
    DeliveryState,
    Told,
    WebhookSubscription,
    after_try,
    endpoint_of,
    settled,
)
from forkant_notifier.store import deliveries, subscriptions
from forkant_shared import audit, telemetry
from forkant_shared.clock import new_id
from forkant_shared.database import Session
from forkant_shared.errors import Invalid, NotFound
from forkant_shared.identity import Principal

TRIES = Counter(
    "forkant_notifier_webhooks", "Tries at partners' endpoints, by where the delivery stood after", ["state"]
)
NO_SIGNER = "SECRET_UNREADABLE"
#: Where a partner sees one of its subscriptions.
OWN_PATH = "/notifier/partner/v1/subscriptions/"
CLEARED_AT_ONCE = 1000
US = Principal.system("notifier")

log = telemetry.get_logger()


async def tell(session: Session, parts: NotifierParts, type_: str, thing: str, happened_at: datetime) -> int:
    """Everybody who subscribed to it will be told, those whose endpoint is disabled once it is not; how many."""
    heard = await subscriptions.hearing(session, type_)
    made = [delivery(parts, name, type_, thing, happened_at, enabled=enabled) for name, enabled in heard]
    await deliveries.insert(session, made)
    session.after_commit(desk_of(parts).webhooks.bell.set)
    return len(made)


def delivery(
    parts: NotifierParts, subscription_id: str, type_: str, thing: str, happened_at: datetime, *, enabled: bool = True
) -> Delivery:
    """A new delivery, due now, or waiting for its endpoint."""
    now = parts.clock.now()
    return Delivery(
        id=new_id(),
        subscription_id=subscription_id,
        type=type_,
        thing=thing,
        happened_at=happened_at,
        made_at=now,
        begun_at=now,
        due_at=now if enabled else None,
        state=DeliveryState.DUE if enabled else DeliveryState.WAITING,
    )


def body_of(parts: NotifierParts, told: Delivery) -> bytes:
    """What is sent: that it happened, when, and where to fetch it with one's own token. Nothing of what it is."""
    path = OWN_PATH + told.thing if told.type == PING else desk_of(parts).webhooks.rules.events[told.type]
    data = {"id": told.thing, "link": parts.settings.public_url.rstrip("/") + path}
    body = {"type": told.type, "timestamp": told.happened_at.isoformat(), "data": data}
    return json.dumps(body, separators=(",", ":")).encode()


# -- tries -------------------------------------------------------------------------------------------------------------


async def free_leases(parts: NotifierParts) -> int:
    """What a sender that died has held is due again."""
    now = parts.clock.now()
    async with parts.database.read() as session:
        if not await deliveries.any_expired(session, now):
            return 0
    async with parts.database.write() as session:
        return await deliveries.free_expired(session, now)


async def lease_due(parts: NotifierParts, busy: Collection[str], limit: int) -> list[Delivery]:
    """The oldest delivery that is due of each endpoint that nobody here is trying, leased to us."""
    now, rules = parts.clock.now(), desk_of(parts).webhooks.rules
    async with parts.database.read() as session:
        due = await deliveries.endpoints_due(session, now, busy, limit)
    if not due:
        return []
    async with parts.database.write() as session:
        leased = [await deliveries.lease_oldest(session, name, new_id(), now + rules.lease, now) for name in due]
    return [found for found in leased if found is not None]


async def attempt(parts: NotifierParts, leased: Delivery) -> Told:
    """One try, signed anew with every secret that holds now."""
    webhooks, now = desk_of(parts).webhooks, parts.clock.now()
    async with parts.database.read() as session:
        try:
            to = await subscriptions.load(session, leased.subscription_id)
        except NotFound:
            return Told("DELETED")
        kept = await subscriptions.secrets_of(session, [to.id], now)
    try:
        endpoint = endpoint_of(to, webhooks.rules, loopback=parts.settings.webhook_loopback)
    except Invalid:
        return Told(FORBIDDEN)
    signers = open_secrets(parts, kept)
    if not signers:
        log.error("webhook-secret-unreadable", key=to.id)
        return Told(NO_SIGNER)
    body = body_of(parts, leased)
    return await webhooks.poster.post(endpoint, body, headers_for(signers, leased.id, int(now.timestamp()), body))


async def settle(parts: NotifierParts, leased: Delivery, told: Told) -> None:
    """Store what came of a try, and how the endpoint stands after it, in one transaction."""
    rules, now = desk_of(parts).webhooks.rules, parts.clock.now()
    assert leased.lease_id is not None
    async with parts.database.write() as session:
        try:
            before = await subscriptions.load(session, leased.subscription_id, for_update=True)
        except NotFound:
            return
        after = after_try(before, told, rules, now)
        found = settled(leased, told, rules, now, share=_share(), enabled=after.enabled)
        if not await deliveries.settle(session, found, leased.lease_id):
            return
        await subscriptions.save(session, after)
        if before.enabled and not after.enabled:
            await _disabled_by_itself(session, after)
        session.after_commit(TRIES.labels(found.state.value).inc)


def _share() -> float:
    return secrets.randbelow(1 << 16) / (1 << 16)


async def _disabled_by_itself(session: Session, after: WebhookSubscription) -> None:
    assert after.disabled is not None
    await deliveries.hold(session, after.id)
    details = {"what": "DISABLE", "reason": after.disabled.value}
    await audit.record(session, US, "notifier.subscription.manage", [after.id], details=details)
    log.warning("webhook-disabled", key=after.id, cause=after.disabled.value)


async def clear_away(parts: NotifierParts) -> None:
    """What has waited too long waits no longer, what was over long ago is gone, and so are secrets that have ended."""
    now, rules = parts.clock.now(), desk_of(parts).webhooks.rules
    async with parts.database.write() as session:
        await deliveries.give_up_waiting(session, now - rules.keep_waiting, now)
        await deliveries.forget_done(session, now - rules.keep_done, CLEARED_AT_ONCE)
        await subscriptions.forget_ended(session, now)
