"""What a route to the phones is, whoever carries it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from forkant_notifier.domain.attempts import Outcome
from forkant_notifier.domain.lanes import Channel, Lane
from forkant_notifier.domain.messages import Hint, PageMessage


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to one phone. `reference` is our own id of it; there is no field for content."""

    reference: str
    channel: Channel
    address: str
    lane: Lane
    message: PageMessage | Hint

    @property
    def body(self) -> str:
        return self.message.value if isinstance(self.message, Hint) else self.message.body()

    @property
    def link(self) -> str:
        """Where the phone's owner answers; empty for a hint."""
        return "" if isinstance(self.message, Hint) else self.message.link


@dataclass(frozen=True, slots=True)
class Answer:
    """What a route says of one message. `cause` is a code, never the carrier's own words."""

    reference: str
    outcome: Outcome
    provider_id: str | None = None
    cause: str | None = None


#: Causes that lie with whom it was for: they say nothing of how the route is.
RECIPIENT = frozenset({"NO_BROWSER", "BROWSER_GONE", "BAD_KEY", "SERVICE_NOT_ALLOWED"})


class Route(Protocol):
    """A carrier: an HTTP gateway today, an SMPP or SIP trunk tomorrow.

    Nothing here is HTTP's own. A session that is kept (an SMPP bind) is opened at the first `submit` and let go in
    `close`; its receipts and replies come back through `commands.sending.take_receipt` and `commands.answering`, from
    the route's own reader instead of the receipts address. A call (SIP) is SUBMITTED when it rings, and DELIVERED by a
    receipt when it is taken up; a voicemail is no receipt.

    `submit` says of every message in the batch, as soon as it is known and in any order, what came of it; each within
    `timeout`. It never raises: a carrier that cannot be reached is an answer too. `gives_receipts` says whether
    delivery is told later, to the receipts address of this route.
    """

    name: str
    channels: frozenset[Channel]
    gives_receipts: bool

    def submit(self, batch: Sequence[Outgoing], *, timeout: timedelta) -> AsyncIterator[Answer]: ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
