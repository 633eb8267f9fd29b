"""Secrets of partners' endpoints: made here, shown once, kept sealed, and opened only to sign."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from forkant_notifier.clients.webhook_secret import WebhookSecret
from forkant_notifier.commands.desk import NotifierParts, desk_of
from forkant_notifier.store.subscriptions import SealedSecret
from forkant_shared.clock import new_id

NONCE_BYTES = 12


def make_secret(parts: NotifierParts, subscription_id: str) -> tuple[WebhookSecret, SealedSecret]:
    """A new secret, and what is kept of it."""
    secret, secret_id, nonce = WebhookSecret.new(), new_id(), os.urandom(NONCE_BYTES)
    sealed = nonce + AESGCM(_key(parts)).encrypt(nonce, secret.to_bytes(), secret_id.encode())
    return secret, SealedSecret(secret_id, subscription_id, sealed, secret.public_key, parts.clock.now())


def open_secrets(parts: NotifierParts, kept: Sequence[SealedSecret]) -> list[WebhookSecret]:
    """Those that can be opened: a signing key that was replaced opens none that were sealed before."""
    found = []
    for secret in kept:
        nonce, told = secret.sealed[:NONCE_BYTES], secret.sealed[NONCE_BYTES:]
        try:
            found.append(WebhookSecret.from_bytes(AESGCM(_key(parts)).decrypt(nonce, told, secret.id.encode())))
        except InvalidTag:
            continue
    return found


def _key(parts: NotifierParts) -> bytes:
    return hmac.new(desk_of(parts).link_key, b"secrets of webhooks", hashlib.sha256).digest()
