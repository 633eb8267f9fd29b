"""How one service proves itself to another: a short machine token, fetched when needed and kept until it nearly ends.

In embedded mode and trial the development issuer gives it; otherwise a token endpoint that takes a JWT grant signed
with our own key (RFC 7523, as Maskinporten does), named by `machine_token_url`, `machine_client_id` and
`machine_key_file`.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx2 as httpx

from forkant_shared.errors import Unavailable
from forkant_shared.identity import TokenSigner
from forkant_shared.parts import Parts

OWN_ORGANISATION = "0192:310000007"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
GRANT_LIFETIME = timedelta(seconds=100)
RENEW_BEFORE = timedelta(seconds=60)


class MachineTokens:
    """Tokens for this service, by scope."""

    def __init__(self, parts: Parts[Any]) -> None:
        self._parts = parts
        self._kept: dict[str, tuple[str, datetime]] = {}
        self._lock = asyncio.Lock()

    async def header(self, *scopes: str) -> dict[str, str]:
        """`Authorization` with a token for these scopes. Raises Unavailable where none can be had."""
        wanted = " ".join(sorted(scopes))
        async with self._lock:
            token, until = self._kept.get(wanted, ("", self._parts.clock.now()))
            if until - RENEW_BEFORE <= self._parts.clock.now():
                token, lifetime = await self._fetch(wanted)
                self._kept[wanted] = (token, self._parts.clock.now() + timedelta(seconds=lifetime))
        return {"Authorization": f"Bearer {token}"}

    async def _fetch(self, scope: str) -> tuple[str, int]:
        settings = self._parts.settings
        try:
            async with httpx.AsyncClient(transport=self._parts.peers, timeout=5) as client:
                if settings.allows_development:
                    body = {"organisation": OWN_ORGANISATION, "scopes": scope.split()}
                    answer = await client.post(settings.auth_url.rstrip("/") + "/auth/dev-token", json=body)
                else:
                    form = {"grant_type": GRANT, "assertion": self._grant(scope)}
                    answer = await client.post(str(settings.machine_token_url), data=form)
                answer.raise_for_status()
                found = answer.json()
                return str(found["access_token"]), int(found["expires_in"])
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise Unavailable("No token could be had for a call to another service.") from error

    def _grant(self, scope: str) -> str:
        settings = self._parts.settings
        if settings.machine_key_file is None:
            raise Unavailable("This service has no key to ask for tokens with.", field="machine_key_file")
        signer = TokenSigner.from_pem(
            settings.machine_client_id, settings.machine_key_file.read_bytes(), self._parts.clock
        )
        return signer.sign({"aud": settings.machine_issuer, "scope": scope}, GRANT_LIFETIME)
