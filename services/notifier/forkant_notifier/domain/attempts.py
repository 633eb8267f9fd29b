"""An attempt to reach one phone on one channel: DUE → LEASED → SUBMITTED → DELIVERED | FAILED | UNKNOWN.

A sender holds an attempt by a lease; one that runs out is due again, so a sender that dies loses nothing. FAILED and
UNKNOWN are followed by a new attempt on another route with the same page code: the same code twice does no harm, no
code at all does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from forkant_notifier.domain.lanes import DRILL_URGENCY, URGENCY, Channel, Lane
from forkant_notifier.domain.messages import Hint, PageMessage
from forkant_notifier.domain.page import Page, Ring
from forkant_notifier.domain.policy import PagingPolicy
from forkant_notifier.domain.roster import Contact


class AttemptState(StrEnum):
    """Where an attempt stands. UNKNOWN: the route did not answer, so it may or may not have arrived."""

    DUE = "DUE"
    LEASED = "LEASED"
    SUBMITTED = "SUBMITTED"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"


class Outcome(StrEnum):
    """What a route says of one message. SUBMITTED: the carrier has it; REFUSED: it will not; SILENT: no answer."""

    SUBMITTED = "SUBMITTED"
    DELIVERED = "DELIVERED"
    REFUSED = "REFUSED"
    SILENT = "SILENT"


@dataclass(frozen=True, slots=True)
class Lease:
    """`holder` may send until `until`; `id` tells this lease from a later one."""

    id: str
    holder: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try. `tried` are the routes that failed it before, `number` counts the tries from 1.

    An attempt without a page carries a `hint`, the answer to somebody whose own answer could not be used, or the code
    of a check-in.
    """

    id: str
    page_id: str | None
    code: str
    lane: Lane
    channel: Channel
    user: str
    address: str
    due_at: datetime
    hint: Hint | None = None
    number: int = 1
    tried: tuple[str, ...] = ()
    state: AttemptState = AttemptState.DUE
    lease: Lease | None = None
    route: str | None = None
    provider_id: str | None = None
    submitted_at: datetime | None = None
    receipt_at: datetime | None = None
    cause: str | None = None
    drill: bool = False

    @property
    def urgency(self) -> int:
        """What is sent first where many wait: the lower number. A drill gives way to everything that is real."""
        return DRILL_URGENCY if self.drill else URGENCY[self.lane]


#: A receipt may come late, twice or in any order: it never moves an attempt back along this line.
_RANK = {
    AttemptState.DUE: 0,
    AttemptState.LEASED: 1,
    AttemptState.UNKNOWN: 2,
    AttemptState.SUBMITTED: 2,
    AttemptState.FAILED: 3,
    AttemptState.DELIVERED: 4,
}


def first_try(ring: Ring, page: Page, *, attempt_id: str, now: datetime) -> Attempt:
    """The first attempt to ring a phone for a page: due now."""
    return Attempt(
        id=attempt_id,
        page_id=page.id,
        code=page.code,
        lane=page.lane,
        channel=ring.channel,
        user=ring.contact.user,
        address=ring.contact.addresses[ring.channel],
        due_at=now,
        drill=page.drill,
    )


def hint_to(contact: Contact, hint: Hint, *, attempt_id: str, now: datetime) -> Attempt | None:
    """Tell a phone that its answer could not be used; None for a phone that takes no SMS."""
    address = contact.addresses.get(Channel.SMS)
    if address is None:
        return None
    return Attempt(
        id=attempt_id,
        page_id=None,
        code="",
        lane=Lane.NORMAL,
        channel=Channel.SMS,
        user=contact.user,
        address=address,
        due_at=now,
        hint=hint,
    )


def test_of(route: str, channel: Channel, address: str, *, attempt_id: str, now: datetime) -> Attempt:
    """A message that wakes nobody, by this route alone and through the whole chain."""
    return Attempt(
        id=attempt_id,
        page_id=None,
        code="",
        lane=Lane.NORMAL,
        channel=channel,
        user="",
        address=address,
        due_at=now,
        hint=Hint.TEST,
        route=route,
    )


def may_lease(attempt: Attempt, now: datetime) -> bool:
    """Due, or held by a lease that has run out."""
    if attempt.state is AttemptState.LEASED:
        return attempt.lease is None or attempt.lease.until <= now
    return attempt.state is AttemptState.DUE and attempt.due_at <= now


def body_of(attempt: Attempt, link: str) -> str:
    """The words that leave: the hint, or code and lane."""
    if attempt.hint:
        return attempt.hint.value
    return PageMessage(attempt.code, attempt.lane, link, drill=attempt.drill).body()


def leased(attempt: Attempt, lease: Lease) -> Attempt:
    return replace(attempt, state=AttemptState.LEASED, lease=lease)


def settled(
    attempt: Attempt, outcome: Outcome, *, route: str | None, provider_id: str | None, cause: str | None, now: datetime
) -> Attempt:
    """The attempt after a route has answered, or has not."""
    state = {
        Outcome.SUBMITTED: AttemptState.SUBMITTED,
        Outcome.DELIVERED: AttemptState.DELIVERED,
        Outcome.REFUSED: AttemptState.FAILED,
        Outcome.SILENT: AttemptState.UNKNOWN,
    }[outcome]
    with_carrier = outcome in (Outcome.SUBMITTED, Outcome.DELIVERED)
    return replace(
        attempt,
        state=state,
        lease=None,
        route=route,
        provider_id=provider_id,
        submitted_at=now if with_carrier else None,
        receipt_at=now if outcome is Outcome.DELIVERED else None,
        cause=cause,
    )


def receipted(attempt: Attempt, *, delivered: bool, cause: str | None, now: datetime) -> Attempt | None:
    """The attempt after a carrier's receipt; None where the receipt tells nothing new."""
    state = AttemptState.DELIVERED if delivered else AttemptState.FAILED
    if _RANK[state] <= _RANK[attempt.state]:
        return None
    return replace(attempt, state=state, receipt_at=now, cause=cause, lease=None)


def follow_up(attempt: Attempt, *, attempt_id: str, policy: PagingPolicy, now: datetime) -> Attempt | None:
    """The next try after FAILED or UNKNOWN, on another route; None where the policy or the routes have no further try.

    The page itself goes on climbing either way.
    """
    if attempt.state not in (AttemptState.FAILED, AttemptState.UNKNOWN) or attempt.hint is Hint.TEST:
        return None
    if attempt.number > len(policy.follow_up_after) or attempt.route is None:
        return None
    return Attempt(
        id=attempt_id,
        page_id=attempt.page_id,
        code=attempt.code,
        lane=attempt.lane,
        channel=attempt.channel,
        user=attempt.user,
        address=attempt.address,
        due_at=now + policy.follow_up_after[attempt.number - 1],
        hint=attempt.hint,
        number=attempt.number + 1,
        tried=(*attempt.tried, attempt.route),
        drill=attempt.drill,
    )


def choose_route(attempt: Attempt, routes: Sequence[str]) -> str | None:
    """Of the routes (best first) the first that has not failed this attempt, else the one that has least often.

    A test goes by the route it tries and by no other.
    """
    if attempt.hint is Hint.TEST:
        return attempt.route if attempt.route in routes else None
    return min(routes, key=lambda name: attempt.tried.count(name), default=None)
