"""Web Push: a browser's push service carries an encrypted code (RFC 8030, 8291, 8292). Only the browser can read it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import os
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

import httpx2 as httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc import jwt
from joserfc.jwk import ECKey

from forkant_notifier.clients.route import Answer, Outgoing
from forkant_notifier.domain.attempts import Outcome
from forkant_notifier.domain.lanes import Channel, Lane
from forkant_notifier.domain.messages import Hint
from forkant_notifier.domain.push import Subscription, may_be_reached
from forkant_shared.clock import Clock

#: Every message is as long as this, so that its length says nothing.
LENGTH = 1024
RECORD = 4096
TOKEN_HOURS = 12
URGENCY = {Lane.LIFE: "high", Lane.NORMAL: "normal"}
GONE = (404, 410)

Subscribed = Callable[[str], Sequence[Subscription]]
Forget = Callable[[Subscription], Awaitable[None]]


def key_of(pem: str) -> ec.EllipticCurvePrivateKey:
    """The VAPID key in a PEM. Raises ValueError for anything but a P-256 key."""
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("not a P-256 key")
    return key


def encrypted(payload: bytes, subscription: Subscription) -> bytes:
    """The body for one browser: aes128gcm under a key that only it and we can make. Raises ValueError for a bad key."""
    theirs, auth = _bytes(subscription.key), _bytes(subscription.secret)
    if len(auth) != 16:
        raise ValueError("the shared secret of a browser has 16 bytes")
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
    ours = ec.generate_private_key(ec.SECP256R1())
    point = _point(ours.public_key())
    shared = _hmac(auth, ours.exchange(ec.ECDH(), public))
    secret = _hmac(shared, b"WebPush: info\0" + theirs + point + b"\x01")
    salt = os.urandom(16)
    both = _hmac(salt, secret)
    key = _hmac(both, b"Content-Encoding: aes128gcm\0\x01")[:16]
    nonce = _hmac(both, b"Content-Encoding: nonce\0\x01")[:12]
    record = payload + b"\x02" + bytes(max(0, LENGTH - len(payload)))
    return salt + struct.pack("!IB", RECORD, len(point)) + point + AESGCM(key).encrypt(nonce, record, None)


class WebPushRoute:
    """Pushes to every browser a person has. Delivered is told by nobody: a push service takes it or does not."""

    channels = frozenset({Channel.PUSH})
    gives_receipts = False

    def __init__(
        self,
        name: str,
        *,
        key: ec.EllipticCurvePrivateKey,
        contact: str,
        services: Sequence[str],
        keep_for: int,
        subscribed: Subscribed,
        forget: Forget,
        clock: Clock,
    ) -> None:
        self.name = name
        self.services = tuple(services)
        #: What a browser is told of us when it subscribes.
        self.public_key = _text(_point(key.public_key()))
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self._key = ECKey.import_key(pem.decode())
        self._contact, self._keep_for = contact, keep_for
        self._subscribed, self._forget, self._clock = subscribed, forget, clock
        self._client = httpx.AsyncClient(follow_redirects=False)
        self._tokens: dict[str, tuple[float, str]] = {}

    async def submit(self, batch: Sequence[Outgoing], *, timeout: timedelta) -> AsyncIterator[Answer]:
        """All at once; each answer as soon as the first browser has taken it, or none has."""
        tries = [asyncio.create_task(self._submit(outgoing, timeout.total_seconds())) for outgoing in batch]
        try:
            for next_done in asyncio.as_completed(tries):
                yield await next_done
        finally:
            for task in tries:
                task.cancel()

    async def _submit(self, outgoing: Outgoing, seconds: float) -> Answer:
        browsers = self._subscribed(outgoing.address)
        if not browsers:
            return Answer(outgoing.reference, Outcome.REFUSED, cause="NO_BROWSER")
        answers = await asyncio.gather(*(self._push(outgoing, browser, seconds) for browser in browsers))
        best = [Outcome.SUBMITTED, Outcome.SILENT, Outcome.REFUSED]
        return min(answers, key=lambda answer: best.index(answer.outcome))

    async def _push(self, outgoing: Outgoing, browser: Subscription, seconds: float) -> Answer:
        if not may_be_reached(browser.endpoint, self.services):
            return Answer(outgoing.reference, Outcome.REFUSED, cause="SERVICE_NOT_ALLOWED")
        try:
            body = encrypted(_payload(outgoing), browser)
        except ValueError:
            return Answer(outgoing.reference, Outcome.REFUSED, cause="BAD_KEY")
        headers = {
            "authorization": f"vapid t={self._token(browser.endpoint)}, k={self.public_key}",
            "content-encoding": "aes128gcm",
            "content-type": "application/octet-stream",
            "ttl": str(self._keep_for),
            "urgency": URGENCY[outgoing.lane],
        }
        try:
            async with asyncio.timeout(seconds):
                answer = await self._client.post(browser.endpoint, content=body, headers=headers, timeout=None)
        except httpx.ConnectError:
            return Answer(outgoing.reference, Outcome.REFUSED, cause="NO_CONNECTION")
        except (TimeoutError, httpx.HTTPError):
            return Answer(outgoing.reference, Outcome.SILENT, cause="TIMEOUT")
        if answer.status_code in GONE:
            await self._forget(browser)
            return Answer(outgoing.reference, Outcome.REFUSED, cause="BROWSER_GONE")
        if answer.status_code not in (200, 201, 202):
            return Answer(outgoing.reference, Outcome.REFUSED, cause=f"HTTP_{answer.status_code}")
        return Answer(outgoing.reference, Outcome.SUBMITTED, provider_id=outgoing.reference)

    def _token(self, endpoint: str) -> str:
        """Who we are, for the push service of this endpoint; good for half a day, made anew after half of that."""
        found = urlsplit(endpoint)
        audience, now = f"{found.scheme}://{found.netloc}", self._clock.now().timestamp()
        until, token = self._tokens.get(audience, (0.0, ""))
        if until - now < TOKEN_HOURS * 1800:
            until = now + TOKEN_HOURS * 3600
            claims = {"aud": audience, "exp": int(until), "sub": self._contact}
            token = jwt.encode({"typ": "JWT", "alg": "ES256"}, claims, self._key, algorithms=["ES256"])
            self._tokens[audience] = (until, token)
        return token

    async def close(self) -> None:
        await self._client.aclose()


def _payload(outgoing: Outgoing) -> bytes:
    if isinstance(outgoing.message, Hint):
        told = {"text": outgoing.message.value, "test": outgoing.message is Hint.TEST}
    else:
        message = outgoing.message
        told = {
            "text": message.body(),
            "code": message.code,
            "lane": message.lane.value,
            "drill": message.drill,
            "link": message.link,
        }
    return json.dumps(told).encode()


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def _hmac(key: bytes, told: bytes) -> bytes:
    return hmac.new(key, told, hashlib.sha256).digest()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(given: bytes) -> str:
    return base64.urlsafe_b64encode(given).decode().rstrip("=")
