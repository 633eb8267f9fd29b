"""A partner's own subscriptions to webhooks: `/notifier/partner/v1/subscriptions`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from forkant_notifier.commands import subscribing
from forkant_notifier.commands.subscribing import SubscriptionView, as_partner
from forkant_notifier.domain.endpoint import LONGEST_URL
from forkant_notifier.domain.webhooks import Delivery, DeliveryState
from forkant_shared.errors import Invalid
from forkant_shared.fields import Limit, Moment
from forkant_shared.identity import SignedIn
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf

ROUTER = APIRouter(prefix="/notifier/partner/v1/subscriptions", tags=["partner subscriptions"])

After = Annotated[UUID | None, Query(description="`next` of the page before")]
Address = Annotated[
    str,
    Field(min_length=1, max_length=LONGEST_URL, description="https, a public name, port 443 or 8443, no user, no #"),
]
Types = Annotated[list[str], Field(max_length=50, description="what to be told of: situation-updated")]


class SubscriptionBody(Body):
    """Where you want to be told, and of what."""

    url: Address
    types: Types


class ChangeBody(Body):
    """What is to be another; what is left out stays."""

    url: Address | None = None
    types: Types | None = None


class RotateBody(Body):
    """`keep_old`: the old secret signs along for a day. Set it to false where somebody else may know it."""

    keep_old: bool = True


class ReplayBody(Body):
    """From when on to send again."""

    since: Moment


class KeyAnswer(BaseModel):
    """What a `v1a` signature is verified with (`whpk_…`); `ends_at` is none for the newest."""

    public_key: str
    made_at: datetime
    ends_at: datetime | None


class CountsAnswer(BaseModel):
    """How many deliveries stand where. `waiting`: for the endpoint to be enabled."""

    due: int
    waiting: int
    delivered: int
    given_up: int


class SubscriptionAnswer(BaseModel):
    """A subscription and its health. `reason` says why it is disabled; `last_cause` is the code of the last failure."""

    id: UUID
    organisation: str
    url: str
    types: list[str]
    status: Literal["ENABLED", "DISABLED"]
    reason: Literal["OWNER", "ADMINISTRATOR", "GONE", "FAILING"] | None
    disabled_at: datetime | None
    made_at: datetime
    failing_since: datetime | None
    failures: int
    last_ok_at: datetime | None
    last_failed_at: datetime | None
    last_cause: str | None
    deliveries: CountsAnswer
    keys: list[KeyAnswer]


class SecretAnswer(SubscriptionAnswer):
    """With the secret (`whsec_…`), this once and never again."""

    secret: str


class SubscriptionPage(BaseModel):
    """Some subscriptions; `next` asks for more."""

    items: list[SubscriptionAnswer]
    next: UUID | None


class DeliveryAnswer(BaseModel):
    """A message. Its id is the `webhook-id` it is sent with, however often."""

    id: UUID
    type: str
    state: Literal["DUE", "LEASED", "WAITING", "DELIVERED", "GIVEN_UP"]
    happened_at: datetime
    due_at: datetime | None
    tries: int
    tried_at: datetime | None
    done_at: datetime | None
    cause: str | None


class DeliveryPage(BaseModel):
    """Some deliveries, newest first; `next` asks for older ones."""

    items: list[DeliveryAnswer]
    next: UUID | None


class ReplayAnswer(BaseModel):
    """How many will be sent again."""

    count: int


def subscription_answer(view: SubscriptionView) -> SubscriptionAnswer:
    """As JSON has it."""
    found, counts = view.subscription, view.counts
    return SubscriptionAnswer(
        id=UUID(found.id),
        organisation=found.organisation,
        url=found.url,
        types=list(found.types),
        status="ENABLED" if found.enabled else "DISABLED",
        reason=found.disabled.value if found.disabled else None,
        disabled_at=found.disabled_at,
        made_at=found.made_at,
        failing_since=found.failing_since,
        failures=found.failures,
        last_ok_at=found.last_ok_at,
        last_failed_at=found.last_failed_at,
        last_cause=found.last_cause,
        deliveries=CountsAnswer(
            due=counts.get(DeliveryState.DUE, 0) + counts.get(DeliveryState.LEASED, 0),
            waiting=counts.get(DeliveryState.WAITING, 0),
            delivered=counts.get(DeliveryState.DELIVERED, 0),
            given_up=counts.get(DeliveryState.GIVEN_UP, 0),
        ),
        keys=[KeyAnswer(public_key=key.public_key, made_at=key.made_at, ends_at=key.ends_at) for key in view.keys],
    )


def subscription_page(found: list[SubscriptionView], limit: int) -> SubscriptionPage:
    """Some of them, and where the next begin."""
    items = [subscription_answer(view) for view in found]
    return SubscriptionPage(items=items, next=items[-1].id if len(items) == limit else None)


def delivery_answer(found: Delivery) -> DeliveryAnswer:
    """As JSON has it."""
    return DeliveryAnswer(
        id=UUID(found.id),
        type=found.type,
        state=found.state.value,
        happened_at=found.happened_at,
        due_at=found.due_at,
        tries=found.tries,
        tried_at=found.tried_at,
        done_at=found.done_at,
        cause=found.cause,
    )


def delivery_page(found: list[Delivery], limit: int) -> DeliveryPage:
    """Some of them, and where the next begin."""
    items = [delivery_answer(one) for one in found]
    return DeliveryPage(items=items, next=items[-1].id if len(items) == limit else None)


def _with(view: SubscriptionView, secret: str, response: Response) -> SecretAnswer:
    # Nothing between us and the partner keeps it.
    response.headers["cache-control"] = "no-store"
    return SecretAnswer(**subscription_answer(view).model_dump(), secret=secret)


@ROUTER.get("")
async def list_own(parts: PartsOf, who: SignedIn, after: After = None, limit: Limit = 50) -> SubscriptionPage:
    """Your organisation's subscriptions."""
    found = await subscribing.list_subscriptions(
        parts, as_partner(who), limit=limit, after=str(after) if after else None
    )
    return subscription_page(found, limit)


@ROUTER.post("", status_code=201)
async def subscribe(parts: PartsOf, who: SignedIn, body: SubscriptionBody, response: Response) -> SecretAnswer:
    """Subscribe. The answer has the secret, this once; a ping is sent to the address at once."""
    view, secret = await subscribing.subscribe(parts, as_partner(who), url=body.url, types=body.types)
    return _with(view, secret, response)


@ROUTER.get("/{subscription_id}")
async def read_own(parts: PartsOf, who: SignedIn, subscription_id: UUID) -> SubscriptionAnswer:
    """One of them, with its health and public keys."""
    return subscription_answer(await subscribing.read_subscription(parts, as_partner(who), str(subscription_id)))


@ROUTER.patch("/{subscription_id}")
async def change(parts: PartsOf, who: SignedIn, subscription_id: UUID, body: ChangeBody) -> SubscriptionAnswer:
    """Another address or other events; what waits goes to the new address."""
    if body.url is None and body.types is None:
        raise Invalid("Nothing is to be changed.", field="url", remedy="Send url, types or both.")
    view = await subscribing.change(parts, as_partner(who), str(subscription_id), url=body.url, types=body.types)
    return subscription_answer(view)


@ROUTER.delete("/{subscription_id}", status_code=204)
async def unsubscribe(parts: PartsOf, who: SignedIn, subscription_id: UUID) -> None:
    """Delete it, with its secrets and whatever waits."""
    await subscribing.unsubscribe(parts, as_partner(who), str(subscription_id))


@ROUTER.post("/{subscription_id}/rotate")
async def rotate(
    parts: PartsOf, who: SignedIn, subscription_id: UUID, body: RotateBody, response: Response
) -> SecretAnswer:
    """A new secret and key. The old ones sign along for a day, so that you can change without missing anything."""
    view, secret = await subscribing.rotate(parts, as_partner(who), str(subscription_id), keep_old=body.keep_old)
    return _with(view, secret, response)


@ROUTER.post("/{subscription_id}/disable")
async def disable(parts: PartsOf, who: SignedIn, subscription_id: UUID) -> SubscriptionAnswer:
    """Deliver nothing for now; the queue is kept."""
    return subscription_answer(await subscribing.stop(parts, as_partner(who), str(subscription_id)))


@ROUTER.post("/{subscription_id}/enable")
async def enable(parts: PartsOf, who: SignedIn, subscription_id: UUID) -> SubscriptionAnswer:
    """Deliver again, what has waited first. 409 where an administrator of ours has disabled it."""
    return subscription_answer(await subscribing.start(parts, as_partner(who), str(subscription_id)))


@ROUTER.post("/{subscription_id}/ping", status_code=202)
async def ping(parts: PartsOf, who: SignedIn, subscription_id: UUID) -> DeliveryAnswer:
    """Have a message sent that says nothing."""
    return delivery_answer(await subscribing.ping(parts, as_partner(who), str(subscription_id)))


@ROUTER.get("/{subscription_id}/deliveries")
async def list_deliveries(
    parts: PartsOf, who: SignedIn, subscription_id: UUID, after: After = None, limit: Limit = 50
) -> DeliveryPage:
    """What was and will be sent, newest first."""
    found = await subscribing.list_deliveries(
        parts, as_partner(who), str(subscription_id), limit=limit, before=str(after) if after else None
    )
    return delivery_page(found, limit)


@ROUTER.post("/{subscription_id}/deliveries/{delivery_id}/replay", status_code=202)
async def replay(parts: PartsOf, who: SignedIn, subscription_id: UUID, delivery_id: UUID) -> DeliveryAnswer:
    """Have one sent again, with the same id."""
    return delivery_answer(await subscribing.replay_one(parts, as_partner(who), str(subscription_id), str(delivery_id)))


@ROUTER.post("/{subscription_id}/replay", status_code=202)
async def replay_since(parts: PartsOf, who: SignedIn, subscription_id: UUID, body: ReplayBody) -> ReplayAnswer:
    """Have everything since a time sent again, with the same ids."""
    count = await subscribing.replay_since(parts, as_partner(who), str(subscription_id), body.since)
    return ReplayAnswer(count=count)
