"""A signed webhook after Standard Webhooks: code, lane, drill or not, and whom it is for, to another system."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import httpx2 as httpx

from forkant_notifier.clients.credentials import Rotating
from forkant_notifier.clients.route import Answer, Outgoing
from forkant_notifier.domain.attempts import Outcome
from forkant_notifier.domain.lanes import Channel
from forkant_notifier.domain.messages import Hint
from forkant_shared.clock import Clock

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64


def signing_key(secret: str) -> bytes:
    """The bytes of `whsec_…`. Raises ValueError for what is no such secret."""
    key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    if not secret.startswith(PREFIX) or not SHORTEST <= len(key) <= LONGEST:
        raise ValueError("not a Standard Webhooks secret")
    return key


def signed(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """`v1,…` over id, time and body."""
    told = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, told, hashlib.sha256).digest()).decode()


class WebhookRoute:
    """One address. Our id of the message stays the same however often it comes, so that the other side can tell."""

    channels = frozenset({Channel.WEBHOOK})
    gives_receipts = False

    def __init__(self, name: str, *, url: str, key: Rotating[bytes], clock: Clock) -> None:
        self.name = name
        self._url, self._key, self._clock = url, key, clock
        # A redirect would carry the page to where nobody has said it may go.
        self._client = httpx.AsyncClient(follow_redirects=False)

    async def submit(self, batch: Sequence[Outgoing], *, timeout: timedelta) -> AsyncIterator[Answer]:
        """All at once; each answer as soon as it is there."""
        tries = [asyncio.create_task(self._submit(outgoing, timeout.total_seconds())) for outgoing in batch]
        try:
            for next_done in asyncio.as_completed(tries):
                yield await next_done
        finally:
            for task in tries:
                task.cancel()

    async def _submit(self, outgoing: Outgoing, seconds: float) -> Answer:
        now = self._clock.now()
        body = json.dumps(
            {"type": _kind(outgoing), "timestamp": now.isoformat(), "data": _told(outgoing)}, separators=(",", ":")
        ).encode()
        stamp = int(now.timestamp())
        headers = {
            "content-type": "application/json",
            "webhook-id": outgoing.reference,
            "webhook-timestamp": str(stamp),
            "webhook-signature": signed(self._key.value, outgoing.reference, stamp, body),
        }
        try:
            async with asyncio.timeout(seconds):
                answer = await self._client.post(self._url, content=body, headers=headers, timeout=None)
        except httpx.ConnectError:
            return Answer(outgoing.reference, Outcome.REFUSED, cause="NO_CONNECTION")
        except (TimeoutError, httpx.HTTPError):
            return Answer(outgoing.reference, Outcome.SILENT, cause="TIMEOUT")
        if not 200 <= answer.status_code < 300:
            return Answer(outgoing.reference, Outcome.REFUSED, cause=f"HTTP_{answer.status_code}")
        return Answer(outgoing.reference, Outcome.SUBMITTED, provider_id=outgoing.reference)

    async def close(self) -> None:
        await self._client.aclose()


def _kind(outgoing: Outgoing) -> str:
    if isinstance(outgoing.message, Hint):
        return "forkant.test" if outgoing.message is Hint.TEST else "forkant.hint"
    return "forkant.page"


def _told(outgoing: Outgoing) -> dict[str, str | bool]:
    if isinstance(outgoing.message, Hint):
        return {"to": outgoing.address, "text": outgoing.message.value}
    message = outgoing.message
    return {
        "to": outgoing.address,
        "code": message.code,
        "lane": message.lane.value,
        "drill": message.drill,
        "text": message.body(),
    }
