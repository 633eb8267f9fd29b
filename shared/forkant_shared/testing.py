"""What tests of every service need: a running app, tokens, and a way to wait without sleeping."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Collection
from datetime import UTC, datetime, timedelta

import httpx2 as httpx
from fastapi import FastAPI
from joserfc.jwk import KeySet

from forkant_shared.clock import Clock, SystemClock
from forkant_shared.identity import DEVELOPMENT, TokenSigner

ORGANISATION = "0192:312345676"

_SIGNER: list[TokenSigner] = []


class FixedClock:
    """A clock that stands still until somebody moves it; for tests and replay."""

    def __init__(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        return self._at

    def set(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        self._at += by


def signer() -> TokenSigner:
    """One development key a test run; RSA keys are slow to make."""
    if not _SIGNER:
        _SIGNER.append(TokenSigner.with_new_key(DEVELOPMENT, SystemClock()))
    return _SIGNER[0]


def trust(app: FastAPI) -> None:
    """Let this app believe tokens made here, without asking a notifier for keys."""
    for issuer in app.state.parts.tokens.issuers.values():
        if issuer.name == DEVELOPMENT:
            issuer.keys = KeySet.import_key_set({"keys": [signer().public()]})
            issuer.fetched_at = app.state.parts.clock.now() + timedelta(days=3650)


def token(
    *roles: str,
    user: str | None = None,
    actor_id: str | None = None,
    compartments: Collection[str] = (),
    clock: Clock | None = None,
) -> str:
    """A bearer token for a made-up person with these roles, good for twelve hours of this clock (the machine's)."""
    subject = user or (roles[0] if roles else "nobody")
    by = signer() if clock is None else signer().by(clock)
    return by.person(
        subject,
        name=subject,
        roles=roles,
        lifetime=timedelta(hours=12),
        actor_id=actor_id,
        compartments=compartments,
    )


def machine_token(*scopes: str, organisation: str = ORGANISATION, clock: Clock | None = None) -> str:
    """A bearer token for another system with these scopes, good for twelve hours of this clock (the machine's)."""
    by = signer() if clock is None else signer().by(clock)
    return by.machine(organisation, scopes, timedelta(hours=12))


def bearer(value: str) -> dict[str, str]:
    """The header for a token."""
    return {"Authorization": f"Bearer {value}"}


@contextlib.asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """The app with its lifespan entered, and a client that reaches it."""
    trust(app)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://forkant.test") as client:
            yield client


async def settle(*apps: FastAPI, rounds: int = 50) -> None:
    """Step relays and consumers of apps that are not running until there is nothing left to carry."""
    for _ in range(rounds):
        moved = 0
        for app in apps:
            moved += await app.state.running.relay.step()
            moved += await app.state.running.consumer.step()
        if not moved:
            return
    raise AssertionError("the apps kept telling each other things")
