"""What a webhook is signed with: a shared secret (`v1`, HMAC-SHA256) and a key of our own (`v1a`, ed25519).

Both signatures stand in the header (Standard Webhooks). With the public key a receiver can prove to others that it was
us; nobody who has only that can speak as us.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from forkant_notifier.clients.webhook import PREFIX, signed

PUBLIC_PREFIX = "whpk_"
BYTES = 32


@dataclass(frozen=True, slots=True, repr=False)
class WebhookSecret:
    """Two keys of 32 bytes each, made by us. Has no repr, so that no trace shows it."""

    shared: bytes
    private: bytes

    @classmethod
    def new(cls) -> WebhookSecret:
        return cls(secrets.token_bytes(BYTES), secrets.token_bytes(BYTES))

    @classmethod
    def from_bytes(cls, kept: bytes) -> WebhookSecret:
        """As `to_bytes` gave it."""
        return cls(kept[:BYTES], kept[BYTES:])

    def to_bytes(self) -> bytes:
        return self.shared + self.private

    @property
    def text(self) -> str:
        """`whsec_…`, as the receiver needs it. Shown once."""
        return PREFIX + base64.b64encode(self.shared).decode()

    @property
    def public_key(self) -> str:
        """`whpk_…`; anybody may have it."""
        key = Ed25519PrivateKey.from_private_bytes(self.private).public_key()
        return PUBLIC_PREFIX + base64.b64encode(key.public_bytes_raw()).decode()

    def signatures(self, message_id: str, timestamp: int, body: bytes) -> list[str]:
        """`v1,…` and `v1a,…` over id, time and body."""
        told = f"{message_id}.{timestamp}.".encode() + body
        ours = Ed25519PrivateKey.from_private_bytes(self.private).sign(told)
        return [signed(self.shared, message_id, timestamp, body), "v1a," + base64.b64encode(ours).decode()]


def headers_for(signers: Sequence[WebhookSecret], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """What a delivery carries: its id, the second of this try, and the signatures by every secret that holds now."""
    told = [signature for secret in signers for signature in secret.signatures(message_id, timestamp, body)]
    return {
        "content-type": "application/json",
        "user-agent": "Forkant-Webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(told),
    }
