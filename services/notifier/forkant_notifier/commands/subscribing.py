"""Subscriptions: a partner keeps its own, our administrators see all and step in; neither ever sees a secret again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from forkant_notifier.commands.desk import NotifierParts, desk_of
from forkant_notifier.commands.telling import delivery
from forkant_notifier.commands.webhook_keys import make_secret
from forkant_notifier.domain.endpoint import read_endpoint
from forkant_notifier.domain.webhook_rules import PING
from forkant_notifier.domain.webhooks import (
    Delivery,
    DeliveryState,
    Disabled,
    WebhookSubscription,
    again,
    changed,
    check_types,
    disable,
    enable,
)
from forkant_notifier.store import deliveries, subscriptions
from forkant_notifier.store.subscriptions import SealedSecret
from forkant_shared import audit
from forkant_shared.access import policy
from forkant_shared.audit import Kind
from forkant_shared.clock import new_id
from forkant_shared.database import Session
from forkant_shared.errors import Conflict, Forbidden, Invalid
from forkant_shared.identity import Principal

PARTNER = "notifier.subscription.partner"
READ = "notifier.subscription.read"
MANAGE = "notifier.subscription.manage"


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody whose right to `action` was looked at; with an `organisation` only its own subscriptions exist."""

    who: Principal
    action: str
    organisation: str | None = None

    @property
    def disables_as(self) -> Disabled:
        return Disabled.ADMINISTRATOR if self.organisation is None else Disabled.OWNER


def as_partner(who: Principal) -> Asker:
    """The organisation a token speaks for. Raises Forbidden, for a person too."""
    policy.require(who, PARTNER)
    if not who.organisation:
        raise Forbidden("Only an organisation subscribes.", remedy="Use a token of your organisation's.")
    return Asker(who, PARTNER, who.organisation)


def as_reader(who: Principal) -> Asker:
    """Ours who may see all subscriptions. Raises Forbidden."""
    policy.require(who, READ)
    return Asker(who, READ)


def as_administrator(who: Principal) -> Asker:
    """Ours who may step in. Raises Forbidden."""
    policy.require(who, MANAGE)
    return Asker(who, MANAGE)


@dataclass(frozen=True, slots=True)
class SubscriptionView:
    """A subscription, how many deliveries of each state it has, and what its signatures are verified with."""

    subscription: WebhookSubscription
    counts: Mapping[DeliveryState, int]
    keys: Sequence[SealedSecret]


# -- reading -----------------------------------------------------------------------------------------------------------


async def list_subscriptions(
    parts: NotifierParts, asker: Asker, *, limit: int, after: str | None = None
) -> list[SubscriptionView]:
    """In the order they were made. Looking is written down."""
    async with parts.database.write() as session:
        found = await subscriptions.listed(session, limit=limit, after=after, organisation=asker.organisation)
        await _note(session, asker, [one.id for one in found], "LIST", kind="CONSULTATION")
        return await _views(session, parts, found)


async def read_subscription(parts: NotifierParts, asker: Asker, subscription_id: str) -> SubscriptionView:
    """One of them. Raises NotFound."""
    async with parts.database.write() as session:
        found = await subscriptions.load(session, subscription_id, organisation=asker.organisation)
        await _note(session, asker, [found.id], "READ", kind="CONSULTATION")
        return (await _views(session, parts, [found]))[0]


async def list_deliveries(
    parts: NotifierParts, asker: Asker, subscription_id: str, *, limit: int, before: str | None = None
) -> list[Delivery]:
    """What was and will be delivered to it, the newest first. Raises NotFound."""
    async with parts.database.write() as session:
        found = await subscriptions.load(session, subscription_id, organisation=asker.organisation)
        await _note(session, asker, [found.id], "DELIVERIES", kind="CONSULTATION")
        return await deliveries.listed(session, found.id, limit=limit, before=before)


async def _views(
    session: Session, parts: NotifierParts, found: Sequence[WebhookSubscription]
) -> list[SubscriptionView]:
    names = [one.id for one in found]
    counts = await deliveries.counts(session, names)
    keys = await subscriptions.secrets_of(session, names, parts.clock.now())
    return [
        SubscriptionView(one, counts[one.id], [key for key in keys if key.subscription_id == one.id]) for one in found
    ]


# -- a partner's own ---------------------------------------------------------------------------------------------------


async def subscribe(
    parts: NotifierParts, asker: Asker, *, url: str, types: Sequence[str]
) -> tuple[SubscriptionView, str]:
    """A new one, with its secret, which nobody is shown again; a ping is sent to it. Raises Invalid, Conflict."""
    rules, now = desk_of(parts).webhooks.rules, parts.clock.now()
    read_endpoint(url, rules, loopback=parts.settings.webhook_loopback)
    assert asker.organisation is not None
    made = WebhookSubscription(new_id(), asker.organisation, url, check_types(types, rules), now, asker.who.subject)
    secret, sealed = make_secret(parts, made.id)
    async with parts.database.write() as session:
        await session.lock([_own(asker.organisation)])
        if await subscriptions.count_of(session, asker.organisation) >= rules.per_organisation:
            raise Conflict(
                f"Your organisation has {rules.per_organisation} subscriptions, which is as many as there may be.",
                remedy="Delete one that you do not use.",
            )
        await subscriptions.insert(session, made)
        await subscriptions.add_secret(session, sealed)
        await _ping(session, parts, made)
        await _note(session, asker, [made.id], "CREATE")
        view = (await _views(session, parts, [made]))[0]
    return view, secret.text


async def change(
    parts: NotifierParts, asker: Asker, subscription_id: str, *, url: str | None, types: Sequence[str] | None
) -> SubscriptionView:
    """Another address or other events; what waits goes to the new address. Raises NotFound, Invalid, Conflict."""

    def with_changes(found: WebhookSubscription) -> WebhookSubscription:
        rules = desk_of(parts).webhooks.rules
        return changed(found, rules, url=url, types=types, loopback=parts.settings.webhook_loopback)

    return await _turn(parts, asker, subscription_id, with_changes, "CHANGE")


async def rotate(
    parts: NotifierParts, asker: Asker, subscription_id: str, *, keep_old: bool
) -> tuple[SubscriptionView, str]:
    """A new secret; the old one signs along for a while, or with `keep_old` false no more. Raises NotFound."""
    rules, now = desk_of(parts).webhooks.rules, parts.clock.now()
    async with parts.database.write() as session:
        found = await subscriptions.load(session, subscription_id, organisation=asker.organisation, for_update=True)
        await subscriptions.end_secrets(session, found.id, now + rules.overlap if keep_old else now)
        secret, sealed = make_secret(parts, found.id)
        await subscriptions.add_secret(session, sealed)
        await _note(session, asker, [found.id], "ROTATE", keep_old=keep_old)
        view = (await _views(session, parts, [found]))[0]
    return view, secret.text


async def unsubscribe(parts: NotifierParts, asker: Asker, subscription_id: str) -> None:
    """It, its secrets and its queue are gone. Raises NotFound."""
    async with parts.database.write() as session:
        found = await subscriptions.load(session, subscription_id, organisation=asker.organisation, for_update=True)
        await subscriptions.delete(session, found.id)
        await _note(session, asker, [found.id], "DELETE", kind="ERASURE")


async def ping(parts: NotifierParts, asker: Asker, subscription_id: str) -> Delivery:
    """Send something that says nothing, to see whether it arrives.

    Raises NotFound, Conflict where it is disabled or was pinged a moment ago.
    """
    each = desk_of(parts).webhooks.rules.ping_each
    async with parts.database.write() as session:
        found = await _enabled(session, asker, subscription_id)
        if await deliveries.made_since(session, found.id, PING, parts.clock.now() - each):
            raise Conflict("A ping was sent a moment ago.", remedy=f"Wait {each.total_seconds():.0f} seconds.")
        made = await _ping(session, parts, found)
        await _note(session, asker, [found.id], "PING")
    return made


def _own(organisation: str) -> str:
    """The lock under which an organisation's addresses are counted and compared."""
    return f"notifier/subscriptions/{organisation}"


async def _ping(session: Session, parts: NotifierParts, to: WebhookSubscription) -> Delivery:
    made = delivery(parts, to.id, PING, to.id, parts.clock.now())
    await deliveries.insert(session, [made])
    session.after_commit(desk_of(parts).webhooks.bell.set)
    return made


# -- both --------------------------------------------------------------------------------------------------------------


async def stop(parts: NotifierParts, asker: Asker, subscription_id: str) -> SubscriptionView:
    """Disable it; its queue is kept. Raises NotFound, Conflict."""
    now = parts.clock.now()
    return await _turn(parts, asker, subscription_id, lambda found: disable(found, asker.disables_as, now), "DISABLE")


async def start(parts: NotifierParts, asker: Asker, subscription_id: str) -> SubscriptionView:
    """Enable it; what has waited is sent. Raises NotFound, Conflict."""
    administrator = asker.organisation is None
    return await _turn(
        parts, asker, subscription_id, lambda found: enable(found, administrator=administrator), "ENABLE"
    )


async def replay_one(parts: NotifierParts, asker: Asker, subscription_id: str, delivery_id: str) -> Delivery:
    """Send one delivery again, with the same id. Raises NotFound, Conflict."""
    now = parts.clock.now()
    async with parts.database.write() as session:
        to = await _enabled(session, asker, subscription_id)
        found = again(await deliveries.load(session, to.id, delivery_id, for_update=True), now)
        await deliveries.save(session, found)
        session.after_commit(desk_of(parts).webhooks.bell.set)
        await _note(session, asker, [to.id, found.id], "REPLAY")
    return found


async def replay_since(parts: NotifierParts, asker: Asker, subscription_id: str, since: datetime) -> int:
    """Send again whatever has happened since then; how many. Raises NotFound, Conflict, Invalid for before we kept."""
    rules, now = desk_of(parts).webhooks.rules, parts.clock.now()
    if not now - rules.keep_done <= since <= now:
        days = rules.keep_done.days
        raise Invalid(f"Deliveries are kept for {days} days.", field="since", remedy="Name a later time, not to come.")
    async with parts.database.write() as session:
        to = await _enabled(session, asker, subscription_id)
        count = await deliveries.replay_since(session, to.id, since, now)
        session.after_commit(desk_of(parts).webhooks.bell.set)
        await _note(session, asker, [to.id], "REPLAY", count=count)
    return count


async def _turn(
    parts: NotifierParts,
    asker: Asker,
    subscription_id: str,
    decide: Callable[[WebhookSubscription], WebhookSubscription],
    what: str,
) -> SubscriptionView:
    """Change a subscription, and its queue with it where it was enabled or disabled by that."""
    async with parts.database.write() as session:
        if asker.organisation is not None:
            await session.lock([_own(asker.organisation)])
        before = await subscriptions.load(session, subscription_id, organisation=asker.organisation, for_update=True)
        after = decide(before)
        if after.url != before.url:
            await subscriptions.require_free(session, after)
        await subscriptions.save(session, after)
        if before.enabled and not after.enabled:
            await deliveries.hold(session, after.id)
        if after.enabled and not before.enabled:
            await deliveries.release(session, after.id, parts.clock.now())
            session.after_commit(desk_of(parts).webhooks.bell.set)
        await _note(session, asker, [after.id], what)
        return (await _views(session, parts, [after]))[0]


async def _enabled(session: Session, asker: Asker, subscription_id: str) -> WebhookSubscription:
    found = await subscriptions.load(session, subscription_id, organisation=asker.organisation, for_update=True)
    if not found.enabled:
        raise Conflict("The subscription is disabled.", remedy="Enable it first; what waits is sent then.")
    return found


async def _note(
    session: Session,
    asker: Asker,
    objects: Sequence[str],
    what: str,
    *,
    kind: Kind = "ALTERATION",
    **more: int | bool,
) -> None:
    await audit.record(session, asker.who, asker.action, objects, kind=kind, details={"what": what, **more})
