"""Who is asking: bearer tokens for machines, a short signed token in a cookie for people at a browser.

A token is believed when an issuer we were told of signed it with an algorithm fixed for that issuer, and it has not run
out. Keys come from the issuer's JWKS, are kept through an outage for up to 24 hours, and are fetched again when a token
names an unknown key (at most once a minute). Nothing in a token's own header decides which key or algorithm is used.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any

import httpx2 as httpx
from fastapi import Depends, Request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from forkant_shared.clock import Clock, new_id
from forkant_shared.errors import Unauthenticated, Unavailable

COOKIE = "__Host-forkant"
DEVELOPMENT = "urn:forkant:development"
DESK = "urn:forkant:desk"
LEEWAY = timedelta(seconds=30)
KEYS_GOOD_FOR = timedelta(hours=24)
KEYS_REFRESH = timedelta(minutes=10)
KEYS_RETRY = timedelta(minutes=1)
FIRST_KEYS_RETRY = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who acts: a person, another system, or a part of Forkant itself.

    `actor_id` is who this person is in the registry, if there at all: how the one a threat is aimed at is kept out.
    `organisation` is an ISO 6523 number such as `0192:312345676`.
    """

    subject: str
    name: str
    kind: str
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    organisation: str | None = None
    actor_id: str | None = None
    compartments: frozenset[str] = frozenset()
    session_id: str | None = None

    @classmethod
    def system(cls, name: str) -> Principal:
        """A part of Forkant that acts by a named rule, as `system:threat-watch`."""
        return cls(subject=f"system:{name}", name=name, kind="SYSTEM")


@dataclass
class Issuer:
    """One party whose tokens we believe, and where its keys are. `audience` is checked when it is set.

    Only an issuer whose tokens may come in a `cookies` speaks for people; any other speaks for organisations alone.
    """

    name: str
    jwks_url: str
    algorithms: tuple[str, ...] = ("RS256",)
    audience: str | None = None
    cookies: bool = False
    keys: KeySet | None = None
    fetched_at: datetime | None = None
    tried_at: datetime | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class TokenVerifier:
    """Turns a token into a Principal. Raises Unauthenticated, or Unavailable where an issuer's keys cannot be had."""

    def __init__(
        self, issuers: Sequence[Issuer], clock: Clock, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.issuers = {issuer.name: issuer for issuer in issuers}
        self._clock = clock
        self._transport = transport

    async def verify(self, token: str, *, cookie: bool = False) -> Principal:
        """The one this token speaks for. A token from a cookie must be of an issuer that may set cookies."""
        issuer = self.issuers.get(_unverified_issuer(token))
        if issuer is None or (cookie and not issuer.cookies):
            raise _refused()
        keys = await self._keys(issuer, _key_id(token))
        try:
            claims = jwt.decode(token, keys, algorithms=list(issuer.algorithms)).claims
        except (JoseError, ValueError) as error:
            raise _refused() from error
        self._check(claims, issuer)
        principal = _principal(claims)
        if principal.organisation is None and not issuer.cookies:
            raise _refused()
        return principal

    def _check(self, claims: Mapping[str, Any], issuer: Issuer) -> None:
        now = self._clock.now().timestamp()
        expires, issued = claims.get("exp"), claims.get("iat")
        if not isinstance(expires, int | float) or not isinstance(issued, int | float):
            raise _refused()
        begins = claims.get("nbf", issued)
        if not isinstance(begins, int | float):
            raise _refused()
        if now > expires + LEEWAY.total_seconds() or max(issued, begins) > now + LEEWAY.total_seconds():
            raise _refused("The token has run out, or does not hold yet.")
        audience = claims.get("aud")
        given = audience if isinstance(audience, list) else [audience]
        if issuer.audience is not None and issuer.audience not in given:
            raise _refused()

    async def _keys(self, issuer: Issuer, key_id: str | None) -> KeySet:
        async with issuer.lock:
            if self._wants_keys(issuer, key_id):
                await self._fetch(issuer)
            good_until = (issuer.fetched_at or self._clock.now()) + KEYS_GOOD_FOR
            if issuer.keys is None or self._clock.now() > good_until:
                raise Unavailable("The keys of the token's issuer cannot be fetched just now.", field="Authorization")
            return issuer.keys

    def _wants_keys(self, issuer: Issuer, key_id: str | None) -> bool:
        now = self._clock.now()
        if issuer.keys is None:
            return issuer.tried_at is None or now - issuer.tried_at >= FIRST_KEYS_RETRY
        if issuer.tried_at is not None and now - issuer.tried_at < KEYS_RETRY:
            return False
        known = key_id is None or any(key.kid == key_id for key in issuer.keys.keys)
        return not known or issuer.fetched_at is None or now - issuer.fetched_at > KEYS_REFRESH

    async def _fetch(self, issuer: Issuer) -> None:
        issuer.tried_at = self._clock.now()
        try:
            async with httpx.AsyncClient(transport=self._transport, timeout=5) as client:
                answer = await client.get(issuer.jwks_url)
                answer.raise_for_status()
                issuer.keys = KeySet.import_key_set(answer.json())
                issuer.fetched_at = self._clock.now()
        except (httpx.HTTPError, JoseError, ValueError, KeyError, TypeError, AttributeError):
            return


def _refused(detail: str = "The token is not one we believe.") -> Unauthenticated:
    return Unauthenticated(detail, field="Authorization", remedy="Get a new token and try again.")


def _decode_part(token: str, part: int) -> Mapping[str, Any]:
    try:
        segment = token.split(".")[part]
        found = json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    except (ValueError, IndexError, RecursionError) as error:
        raise _refused() from error
    if not isinstance(found, dict):
        raise _refused()
    return found


def _key_id(token: str) -> str | None:
    found = _decode_part(token, 0).get("kid")
    return found if isinstance(found, str) else None


def _unverified_issuer(token: str) -> str:
    """Which issuer the token says it is from; only to choose whose keys must have signed it."""
    return str(_decode_part(token, 1).get("iss"))


def _principal(claims: Mapping[str, Any]) -> Principal:
    consumer = claims.get("consumer")
    scopes = frozenset(str(claims.get("scope", "")).split())
    if consumer is not None:
        number = consumer.get("ID") if isinstance(consumer, dict) else None
        if not isinstance(number, str) or not number:
            raise _refused()
        return Principal(number, number, "MACHINE", scopes=scopes, organisation=number)
    subject, roles, compartments = claims.get("sub"), claims.get("roles", []), claims.get("compartments", [])
    if not isinstance(subject, str) or not subject or not isinstance(roles, list) or not isinstance(compartments, list):
        raise _refused()
    return Principal(
        subject=subject,
        name=str(claims.get("name", subject)),
        kind="MACHINE" if claims.get("kind") == "MACHINE" else "PERSON",
        roles=frozenset(str(role) for role in roles),
        scopes=scopes,
        actor_id=claims.get("actor_id"),
        compartments=frozenset(str(name) for name in compartments),
        session_id=claims.get("sid"),
    )


class TokenSigner:
    """Signs tokens with one RSA key, as `issuer`."""

    def __init__(self, issuer: str, key: RSAKey, clock: Clock) -> None:
        self.issuer = issuer
        self._key = key
        self._clock = clock

    @classmethod
    def with_new_key(cls, issuer: str, clock: Clock) -> TokenSigner:
        return cls(issuer, RSAKey.generate_key(2048, {"kid": new_id(), "use": "sig", "alg": "RS256"}), clock)

    @classmethod
    def from_pem(cls, issuer: str, pem: bytes, clock: Clock) -> TokenSigner:
        """The key id is the key's thumbprint (RFC 7638), so every instance publishes the same."""
        key = RSAKey.import_key(pem)
        named = RSAKey.import_key(pem, {"kid": key.thumbprint(), "use": "sig", "alg": "RS256"})
        return cls(issuer, named, clock)

    def by(self, clock: Clock) -> TokenSigner:
        """The same key, by another clock."""
        return TokenSigner(self.issuer, self._key, clock)

    def pem(self) -> bytes:
        return self._key.as_pem(private=True)

    def public(self) -> dict[str, Any]:
        """The public key as a JWK."""
        return dict(self._key.as_dict(private=False))

    def sign(self, claims: Mapping[str, Any], lifetime: timedelta) -> str:
        """A token with these claims that runs out after `lifetime`."""
        now = int(self._clock.now().timestamp())
        full = {"iss": self.issuer, "iat": now, "exp": now + int(lifetime.total_seconds()), "jti": new_id(), **claims}
        return jwt.encode({"alg": "RS256", "kid": self._key.kid}, full, self._key, algorithms=["RS256"])

    def person(
        self,
        subject: str,
        *,
        name: str,
        roles: Collection[str],
        lifetime: timedelta,
        actor_id: str | None = None,
        compartments: Collection[str] = (),
        session_id: str | None = None,
    ) -> str:
        """A token for a person."""
        claims: dict[str, Any] = {"sub": subject, "name": name, "roles": sorted(roles)}
        optional = {"actor_id": actor_id, "compartments": sorted(compartments) or None, "sid": session_id}
        claims.update({key: value for key, value in optional.items() if value is not None})
        return self.sign(claims, lifetime)

    def machine(self, organisation: str, scopes: Collection[str], lifetime: timedelta) -> str:
        """A token for an organisation, shaped as Maskinporten's."""
        consumer = {"authority": "iso6523-actorid-upis", "ID": organisation}
        return self.sign({"scope": " ".join(sorted(scopes)), "consumer": consumer}, lifetime)


class DevelopmentIssuer(TokenSigner):
    """Stands in for OIDC and Maskinporten in embedded mode and trial; believed nowhere else."""

    def __init__(self, key: RSAKey, clock: Clock) -> None:
        super().__init__(DEVELOPMENT, key, clock)


async def signed_in(request: Request) -> Principal:
    """FastAPI dependency: who asks, by bearer token or by the desk's cookie. Raises Unauthenticated."""
    known = getattr(request.state, "principal", None)
    if isinstance(known, Principal):
        return known
    verifier: TokenVerifier = request.app.state.parts.tokens
    header = request.headers.get("authorization")
    cookie = request.cookies.get(COOKIE)
    if header is not None:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _refused("The Authorization header must be 'Bearer' and a token.")
        principal = await verifier.verify(token.strip())
    elif cookie:
        principal = await verifier.verify(cookie, cookie=True)
        if principal.session_id is not None and await request.app.state.parts.session_ended(principal.session_id):
            raise _refused("This session has ended.")
    else:
        raise Unauthenticated(
            "Nobody is signed in.", field="Authorization", remedy="Send 'Authorization: Bearer <token>'."
        )
    request.state.principal = principal
    return principal


SignedIn = Annotated[Principal, Depends(signed_in)]
