"""Subscriptions of partners, and the deliveries of what they subscribed to.

A delivery is DUE → LEASED → DELIVERED, or due again a step later until it is GIVEN_UP. While its endpoint is disabled
it WAITS, and nothing looks at it. Its id stays the same however often it is sent, so that the receiver can tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from forkant_notifier.domain.endpoint import Endpoint, read_endpoint
from forkant_notifier.domain.webhook_rules import WebhookRules
from forkant_shared.errors import Conflict, Invalid

GONE = 410
#: What an endpoint answers that asks us to come later (RFC 9110).
LATER = (429, 503)


class Disabled(StrEnum):
    """Why nothing is delivered to an endpoint."""

    OWNER = "OWNER"
    ADMINISTRATOR = "ADMINISTRATOR"
    GONE = "GONE"
    FAILING = "FAILING"


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    DUE = "DUE"
    LEASED = "LEASED"
    WAITING = "WAITING"
    DELIVERED = "DELIVERED"
    GIVEN_UP = "GIVEN_UP"


@dataclass(frozen=True, slots=True)
class WebhookSubscription:
    """One endpoint of one organisation (`0192:…`). `disabled` is why, or none while it is enabled.

    `failing_since` is the first of the failures in a row that it has now, `failures` how many they are; `last_cause`
    the code of the last one.
    """

    id: str
    organisation: str
    url: str
    types: tuple[str, ...]
    made_at: datetime
    made_by: str
    disabled: Disabled | None = None
    disabled_at: datetime | None = None
    failing_since: datetime | None = None
    failures: int = 0
    last_ok_at: datetime | None = None
    last_failed_at: datetime | None = None
    last_cause: str | None = None

    @property
    def enabled(self) -> bool:
        return self.disabled is None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one endpoint: that `thing` has happened as `type`. `begun_at` is when its three days began."""

    id: str
    subscription_id: str
    type: str
    thing: str
    happened_at: datetime
    made_at: datetime
    begun_at: datetime
    due_at: datetime | None
    state: DeliveryState = DeliveryState.DUE
    tries: int = 0
    tried_at: datetime | None = None
    done_at: datetime | None = None
    cause: str | None = None
    lease_id: str | None = None
    lease_until: datetime | None = None
    rules_version: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one try. `cause` is a code and none for success; `after` what the receiver asked us to wait."""

    cause: str | None = None
    status: int | None = None
    after: timedelta | None = None

    @property
    def taken(self) -> bool:
        return self.cause is None


def check_types(types: Sequence[str], rules: WebhookRules) -> tuple[str, ...]:
    """The types in the order given. Raises Invalid for none, one twice, and one that nobody can subscribe to."""
    known = ", ".join(sorted(rules.events))
    for place, name in enumerate(types):
        if name not in rules.events:
            raise Invalid("There is no such event for partners.", field=f"types.{place}", remedy=f"Use {known}.")
    if not types or len(set(types)) < len(types):
        raise Invalid("Name each event you want once, and at least one.", field="types", remedy=f"Use {known}.")
    return tuple(types)


def changed(
    subscription: WebhookSubscription,
    rules: WebhookRules,
    *,
    url: str | None,
    types: Sequence[str] | None,
    loopback: bool,
) -> WebhookSubscription:
    """With another address or other events. A new address has not failed yet. Raises Invalid."""
    found = subscription
    if url is not None and url != subscription.url:
        read_endpoint(url, rules, loopback=loopback)
        found = replace(found, url=url, failing_since=None, failures=0)
    if types is not None:
        found = replace(found, types=check_types(types, rules))
    return found


def disable(subscription: WebhookSubscription, why: Disabled, now: datetime) -> WebhookSubscription:
    """Deliver nothing to it from now on. Raises Conflict where it is disabled already."""
    if not subscription.enabled:
        raise Conflict("The subscription is disabled already.", remedy="Enable it to have what waits delivered.")
    return replace(subscription, disabled=why, disabled_at=now)


def enable(subscription: WebhookSubscription, *, administrator: bool) -> WebhookSubscription:
    """Deliver again, beginning with what has waited. Raises Conflict for one that is enabled, or not theirs to enable.

    What an administrator has disabled only an administrator enables.
    """
    if subscription.enabled:
        raise Conflict("The subscription is enabled already.")
    if subscription.disabled is Disabled.ADMINISTRATOR and not administrator:
        raise Conflict("An administrator has disabled this subscription.", remedy="Ask your contact with the police.")
    return replace(subscription, disabled=None, disabled_at=None, failing_since=None, failures=0)


def after_try(subscription: WebhookSubscription, told: Told, rules: WebhookRules, now: datetime) -> WebhookSubscription:
    """How the endpoint stands after one try: well, failing, or disabled because it is gone or has failed for long."""
    if told.taken:
        return replace(subscription, failing_since=None, failures=0, last_ok_at=now)
    since = subscription.failing_since or now
    found = replace(
        subscription,
        failing_since=since,
        failures=subscription.failures + 1,
        last_failed_at=now,
        last_cause=told.cause,
    )
    if not found.enabled:
        return found
    if told.status == GONE:
        return replace(found, disabled=Disabled.GONE, disabled_at=now)
    if now - since >= rules.disable_after and found.failures >= rules.disable_after_failures:
        return replace(found, disabled=Disabled.FAILING, disabled_at=now)
    return found


def settled(
    delivery: Delivery, told: Told, rules: WebhookRules, now: datetime, *, share: float, enabled: bool
) -> Delivery:
    """The delivery after one try: done, due again, waiting for its endpoint, or given up.

    `share` from 0 to 1 says how much of the jitter this step loses; `enabled` how the endpoint stands after the try.
    """
    found = replace(
        delivery,
        tries=delivery.tries + 1,
        tried_at=now,
        cause=told.cause,
        lease_id=None,
        lease_until=None,
        rules_version=rules.version,
    )
    if told.taken:
        return replace(found, state=DeliveryState.DELIVERED, due_at=None, done_at=now)
    if not enabled:
        return replace(found, state=DeliveryState.WAITING, due_at=None)
    last = delivery.begun_at + rules.give_up_after
    if found.tries > len(rules.retry_after) or now >= last:
        return replace(found, state=DeliveryState.GIVEN_UP, due_at=None, done_at=now)
    step = rules.retry_after[found.tries - 1] * (1 - rules.jitter * share)
    asked = min(told.after or timedelta(), rules.longest_wait)
    return replace(found, state=DeliveryState.DUE, due_at=min(now + max(step, asked), last))


def again(delivery: Delivery, now: datetime) -> Delivery:
    """To be sent once more, from the first step. Raises Conflict for one that is on its way as it is."""
    if delivery.state not in (DeliveryState.DELIVERED, DeliveryState.GIVEN_UP):
        raise Conflict("This delivery is not over.", remedy="Wait; it is tried by itself.")
    return replace(delivery, state=DeliveryState.DUE, due_at=now, begun_at=now, tries=0, done_at=None, cause=None)


def endpoint_of(subscription: WebhookSubscription, rules: WebhookRules, *, loopback: bool) -> Endpoint:
    """Where it is delivered to, judged anew: rules and settings may have become stricter. Raises Invalid."""
    return read_endpoint(subscription.url, rules, loopback=loopback)
