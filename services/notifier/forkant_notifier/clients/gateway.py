"""Any gateway for SMS or calls that speaks HTTP, by a template (LINK Mobility, Puzzel, Twilio style)."""

from __future__ import annotations

import asyncio
import hmac
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2 as httpx

from forkant_notifier.clients.credentials import Rotating
from forkant_notifier.clients.pools import Pools
from forkant_notifier.clients.route import Answer, Outgoing
from forkant_notifier.clients.template import GatewayTemplate, at_path, filled, filled_url
from forkant_notifier.domain.attempts import Outcome
from forkant_notifier.domain.lanes import Channel, Lane
from forkant_notifier.domain.phone_number import as_dialled
from forkant_notifier.domain.speech import Speech

#: Connections of their own for each lane: a queue of NORMAL messages never stands before a LIFE one.
CONNECTIONS = {Lane.LIFE: 200, Lane.NORMAL: 20}


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a gateway reports of a message it has taken."""

    provider_id: str
    delivered: bool
    cause: str | None


class HttpGateway:
    """One gateway."""

    gives_receipts: bool

    def __init__(
        self,
        template: GatewayTemplate,
        *,
        credentials: Mapping[str, Rotating[str]] | None = None,
        secret: Rotating[str] | None = None,
        speech: Speech | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.template = template
        self._credentials = dict(credentials or {})
        self._secret = secret
        self._speech = speech
        self.name = template.name
        self.channels: frozenset[Channel] = frozenset({template.channel})
        self.gives_receipts = template.receipt is not None or template.poll is not None
        self._pools = {lane: Pools(size, transport) for lane, size in CONNECTIONS.items()}

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
        try:
            async with asyncio.timeout(seconds):
                answer = await self._pools[outgoing.lane].send(self._request(outgoing))
        except httpx.ConnectError:
            return Answer(outgoing.reference, Outcome.REFUSED, cause="NO_CONNECTION")
        except (TimeoutError, httpx.HTTPError):
            # It may have arrived: the other road, same code.
            return Answer(outgoing.reference, Outcome.SILENT, cause="TIMEOUT")
        return self._judged(outgoing, answer)

    def _known(self) -> dict[str, str]:
        """What only we and the gateway know, as it is now."""
        return {name: credential.value for name, credential in self._credentials.items()}

    def _request(self, outgoing: Outgoing) -> httpx.Request:
        template = self.template
        values = self._known() | {
            "to": outgoing.address,
            "text": self._words(outgoing),
            "reference": outgoing.reference,
            "link": outgoing.link,
        }
        fields = filled(template.body.fields, values)
        given: dict[str, Any] = {
            "json": {"json": fields},
            "form": {"data": fields},
            "query": {"params": fields or None},
        }[template.body.kind]
        headers = filled(template.headers, values)
        return self._pools[outgoing.lane].client.build_request(
            template.method, filled_url(template.url, values), headers=headers, timeout=None, **given
        )

    def _words(self, outgoing: Outgoing) -> str:
        spoken = self._speech if outgoing.channel is Channel.CALL else None
        return spoken.opening(outgoing.message) if spoken else outgoing.body

    def _judged(self, outgoing: Outgoing, answer: httpx.Response) -> Answer:
        success = self.template.success
        if answer.status_code not in success.status:
            return Answer(outgoing.reference, Outcome.REFUSED, cause=f"HTTP_{answer.status_code}")
        if success.pattern is not None and not re.search(success.pattern, answer.text):
            return Answer(outgoing.reference, Outcome.REFUSED, cause="GATEWAY_SAID_NO")
        try:
            told = answer.json()
        except ValueError:
            told = None
        if success.path is not None and at_path(told, success.path) not in success.values:
            return Answer(outgoing.reference, Outcome.REFUSED, cause="GATEWAY_SAID_NO")
        provider_id = at_path(told, self.template.id) if self.template.id else None
        # Without an id of its own the gateway knows the message by ours.
        provider_id = str(provider_id or outgoing.reference)[:200]
        return Answer(outgoing.reference, Outcome.SUBMITTED, provider_id=provider_id)

    # -- what the gateway tells us ---------------------------------------------------------------------------------

    def shows_secret(self, given: str | None) -> bool:
        """Whether a caller is this gateway."""
        secret = self._secret.value if self._secret else None
        return secret is not None and given is not None and hmac.compare_digest(given.encode(), secret.encode())

    async def ask(self, provider_id: str, *, timeout: timedelta) -> Receipt | None:
        """What has become of a message; None where the gateway does not say, or says nothing final."""
        template = self.template.poll
        if template is None:
            return None
        values = self._known() | {"id": provider_id}
        try:
            async with asyncio.timeout(timeout.total_seconds()):
                asking = self._pools[Lane.NORMAL].client.build_request(
                    "GET", filled_url(template.url, values), headers=filled(template.headers, values)
                )
                answer = await self._pools[Lane.NORMAL].send(asking)
            told = answer.json() if answer.status_code == 200 else None
        except (TimeoutError, httpx.HTTPError, ValueError):
            return None
        return _judged_state(provider_id, at_path(told, template.state), template.delivered, template.failed)

    def receipt(self, told: Mapping[str, Any]) -> Receipt | None:
        """A delivery receipt; None for a state that says nothing yet, or for what is no receipt."""
        template = self.template.receipt
        if template is None:
            return None
        provider_id = at_path(told, template.id)
        if provider_id is None:
            return None
        return _judged_state(str(provider_id), at_path(told, template.state), template.delivered, template.failed)

    def reply(self, told: Mapping[str, Any]) -> tuple[str, str] | None:
        """Sender and text of an answer from a phone; None for what is no answer."""
        template = self.template.reply
        if template is None:
            return None
        sender, text = at_path(told, template.sender), at_path(told, template.text)
        if not isinstance(sender, str | int) or not isinstance(text, str):
            return None
        return as_dialled(str(sender), template.country), text

    def keys(self, told: Mapping[str, Any]) -> tuple[str, str] | None:
        """Our own reference of the call, and the keys that were pressed; None for what is neither."""
        template = self.template.keypad
        if template is None:
            return None
        reference, digits = at_path(told, template.reference), at_path(told, template.digits)
        if not isinstance(reference, str) or not isinstance(digits, str | int):
            return None
        return reference[:80], str(digits)[:40]

    def to_say(self, text: str) -> dict[str, Any]:
        """What a call says next, as this gateway takes it."""
        template = self.template.keypad
        found: dict[str, Any] = filled(template.say, {"text": text}) if template else {}
        return found

    @property
    def channel(self) -> Channel:
        return self.template.channel

    async def close(self) -> None:
        for pools in self._pools.values():
            await pools.close()


def _judged_state(provider_id: str, state: Any, delivered: Sequence[str], failed: Sequence[str]) -> Receipt | None:
    if str(state) not in (*delivered, *failed):
        return None
    good = str(state) in delivered
    return Receipt(provider_id.replace("\0", "")[:200], good, None if good else "CARRIER_SAID_NO")
