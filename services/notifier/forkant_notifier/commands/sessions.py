"""Logging in and out, and the tokens a browser carries to every service."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from joserfc.jwk import KeySet, RSAKey

from forkant_notifier.commands.desk import NotifierParts, desk_of
from forkant_notifier.settings import demo_document
from forkant_notifier.store import duty, sessions
from forkant_shared import audit, outbox
from forkant_shared.clock import new_id
from forkant_shared.errors import NotFound, Unauthenticated, Unavailable
from forkant_shared.events.notifier import SessionEnded
from forkant_shared.identity import DESK, DEVELOPMENT, DevelopmentIssuer, Principal, TokenSigner
from forkant_shared.sessions import TOKEN_LIFETIME, on_session_ended

DEVELOPMENT_TOKEN_LIFETIME = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class DemoUser:
    """A made-up user of embedded mode and trial."""

    user: str
    name: str
    roles: tuple[str, ...]


def demo_users() -> list[DemoUser]:
    """Everybody one can log in as there."""
    return [
        DemoUser(user["user"], user["name"], tuple(user.get("roles", [user["user"]])))
        for user in demo_document()["users"]
    ]


def _demo_user(name: str) -> DemoUser:
    found = next((user for user in demo_users() if user.user == name), None)
    if found is None:
        names = ", ".join(user.user for user in demo_users())
        raise NotFound("There is no such demo user.", field="user", remedy=f"Use one of {names}.")
    return found


async def load_key(parts: NotifierParts) -> None:
    """The key that signs sessions: the operator's file, else (embedded and trial) one kept in the database.

    Our own verifier knows it at once, without asking itself over the network.
    """
    desk = desk_of(parts)
    if parts.settings.signing_key_file is not None:
        pem = parts.settings.signing_key_file.read_bytes()
    else:
        pem = (await _kept_key(parts)).encode()
    key = _key(pem)
    desk.signer = TokenSigner(DESK, key, parts.clock)
    desk.link_key = hashlib.sha256(b"forkant-answer-link" + desk.signer.pem()).digest()
    if parts.settings.allows_development:
        desk.development = DevelopmentIssuer(key, parts.clock)
    for issuer in parts.tokens.issuers.values():
        if issuer.name in (DESK, DEVELOPMENT):
            known = [key.as_dict(private=False) for key in issuer.keys.keys] if issuer.keys else []
            issuer.keys = KeySet.import_key_set({"keys": [*known, desk.signer.public()]})
            issuer.fetched_at = parts.clock.now() + timedelta(days=3650)


@lru_cache(maxsize=1)
def _key(pem: bytes) -> RSAKey:
    """The key, named by its thumbprint (RFC 7638) so that every instance publishes the same. Loading one is slow."""
    plain = RSAKey.import_key(pem)
    return RSAKey.import_key(pem, {"kid": plain.thumbprint(), "use": "sig", "alg": "RS256"})


async def _kept_key(parts: NotifierParts) -> str:
    async with parts.database.read() as session:
        kept = await sessions.signing_key(session)
    if kept is None:
        fresh = TokenSigner.with_new_key(DESK, parts.clock).pem().decode()
        async with parts.database.write() as session:
            await sessions.keep_signing_key(session, fresh)
            kept = await sessions.signing_key(session)
    assert kept is not None
    return kept


def published_keys(parts: NotifierParts) -> dict[str, object]:
    """The keys other services check our tokens with."""
    return {"keys": [_signer(parts).public()]}


def _signer(parts: NotifierParts) -> TokenSigner:
    signer = desk_of(parts).signer
    if signer is None:
        raise Unavailable("The signing key is not loaded yet.")
    return signer


def _development(parts: NotifierParts) -> TokenSigner:
    signer = desk_of(parts).development
    if signer is None:
        raise NotFound("There is no such thing.")
    return signer


async def token_for_user(parts: NotifierParts, user: str) -> str:
    """A development token for a demo user. Raises NotFound for one we do not have, and outside trial."""
    signer, found = _development(parts), _demo_user(user)
    return signer.person(
        found.user,
        name=found.name,
        roles=found.roles,
        lifetime=DEVELOPMENT_TOKEN_LIFETIME,
        actor_id=await _actor_of(parts, user),
    )


def token_for_machine(parts: NotifierParts, organisation: str, scopes: Sequence[str]) -> str:
    """A development token for another system, shaped as Maskinporten's. Raises NotFound outside trial."""
    signer = _development(parts)
    return signer.machine(organisation, scopes, DEVELOPMENT_TOKEN_LIFETIME)


async def _actor_of(parts: NotifierParts, user: str) -> str | None:
    async with parts.database.read() as session:
        person = (await duty.book(session, parts.clock.now())).people.get(user)
    return person.contact.actor_id if person else None


async def begin_session(parts: NotifierParts, user: str) -> tuple[str, sessions.BrowserSession]:
    """Log a demo user in; the secret for the browser, which we keep only a digest of. Raises NotFound."""
    _development(parts)
    found, now = _demo_user(user), parts.clock.now()
    begun = sessions.BrowserSession(
        id=new_id(),
        subject=found.user,
        name=found.name,
        roles=found.roles,
        actor_id=await _actor_of(parts, user),
        compartments=(),
        began_at=now,
        ends_at=now + timedelta(hours=parts.settings.session_hours),
    )
    secret = secrets.token_urlsafe(32)
    async with parts.database.write() as session:
        await sessions.insert(session, begun, _digest(secret))
        who = Principal(found.user, found.name, "PERSON")
        await audit.record(session, who, "notifier.session.begin", [begun.id], kind="CONSULTATION")
    return secret, begun


async def session_of(parts: NotifierParts, secret: str | None) -> sessions.BrowserSession:
    """The session a browser's secret stands for. Raises Unauthenticated where it does not live any more."""
    if secret:
        async with parts.database.read() as session:
            found = await sessions.by_secret(session, _digest(secret))
        if found is not None and found.lives(parts.clock.now()):
            return found
    raise Unauthenticated("Nobody is signed in.", remedy="Log in.")


def token_of(parts: NotifierParts, found: sessions.BrowserSession) -> str:
    """A ten-minute token that every service believes."""
    return _signer(parts).person(
        found.subject,
        name=found.name,
        roles=found.roles,
        lifetime=min(TOKEN_LIFETIME, found.ends_at - parts.clock.now()),
        actor_id=found.actor_id,
        compartments=found.compartments,
        session_id=found.id,
    )


async def end_session(parts: NotifierParts, secret: str | None) -> None:
    """Log out, everywhere: no token is renewed, and the others are told. Ending twice is ending once."""
    try:
        found = await session_of(parts, secret)
    except Unauthenticated:
        return
    async with parts.database.write() as session:
        if await sessions.end(session, found.id):
            who = Principal(found.subject, found.name, "PERSON")
            await audit.record(session, who, "notifier.session.end", [found.id], kind="CONSULTATION")
            event = SessionEnded(session_id=found.id, subject_id=found.subject)
            told = await outbox.add(session, event, version=1)
            # The others hear of it in a moment; here it is over at once.
            await on_session_ended(parts, session, event, told)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
