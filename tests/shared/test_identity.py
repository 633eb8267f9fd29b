"""Whose token is believed, and what happens while an issuer's keys cannot be had."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx2 as httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import RSAKey

from forkant_shared.errors import Unauthenticated, Unavailable
from forkant_shared.identity import DESK, DEVELOPMENT, Issuer, TokenSigner, TokenVerifier
from forkant_shared.testing import FixedClock
from tests.shared.support.rig import AT

MACHINES = "https://machines.test/"
HOUR = timedelta(hours=1)


class World:
    """A desk, a development issuer and an issuer of machine tokens, each with its own key, and their JWKS."""

    def __init__(self) -> None:
        self.clock = FixedClock(AT)
        self.away = False
        self.answer: Any = None
        self.fetched: list[str] = []
        self.signers = {name: TokenSigner.with_new_key(name, self.clock) for name in (DESK, DEVELOPMENT, MACHINES)}
        self.urls = {"http://desk/jwks": (DESK, DEVELOPMENT), "http://machines/jwks": (MACHINES,)}
        self.forget()

    def forget(self) -> None:
        """A verifier as after a start."""
        self.fetched.clear()
        self.away, self.answer = False, None
        self.clock.set(AT)
        issuers = [
            Issuer(DESK, "http://desk/jwks", cookies=True),
            Issuer(DEVELOPMENT, "http://desk/jwks", cookies=True),
            Issuer(MACHINES, "http://machines/jwks", algorithms=("RS256", "RS512"), audience="forkant"),
        ]
        self.verifier = TokenVerifier(issuers, self.clock, httpx.MockTransport(self._jwks))

    def _jwks(self, request: httpx.Request) -> httpx.Response:
        self.fetched.append(str(request.url))
        if self.away:
            return httpx.Response(503)
        if self.answer is not None:
            return httpx.Response(200, json=self.answer)
        return httpx.Response(200, json={"keys": [self.signers[name].public() for name in self.urls[str(request.url)]]})

    def person(self, issuer: str = DESK, **more: Any) -> str:
        return self.signers[issuer].person(
            "duty.officer", name="duty.officer", roles=["duty.officer"], lifetime=HOUR, **more
        )

    def machine(self, **claims: Any) -> str:
        full = {"aud": "forkant", "consumer": {"ID": "0192:312345676"}, "scope": "forkant:reports.write", **claims}
        return self.signers[MACHINES].sign(full, HOUR)


@pytest.fixture(scope="module")
def keys() -> World:
    return World()


@pytest.fixture
def world(keys: World) -> World:
    keys.forget()
    return keys


def _unsigned(header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, claims)]
    return ".".join([*parts, ""])


def _claims(world: World, issuer: str = DESK) -> dict[str, Any]:
    now = int(world.clock.now().timestamp())
    return {"iss": issuer, "iat": now, "exp": now + 600, "sub": "admin", "roles": ["admin"]}


async def _refused(world: World, token: str, *, cookie: bool = False) -> None:
    with pytest.raises(Unauthenticated):
        await world.verifier.verify(token, cookie=cookie)


async def test_a_person_of_the_desk_is_who_the_token_says(world: World) -> None:
    token = world.person(actor_id="p-1", compartments=["blue"], session_id="s-1")
    who = await world.verifier.verify(token, cookie=True)
    assert (who.subject, who.kind, who.roles) == ("duty.officer", "PERSON", {"duty.officer"})
    assert (who.actor_id, who.compartments, who.session_id) == ("p-1", {"blue"}, "s-1")


async def test_a_machine_is_its_organisation_with_its_scopes(world: World) -> None:
    who = await world.verifier.verify(world.machine())
    assert (who.kind, who.organisation, who.roles) == ("MACHINE", "0192:312345676", frozenset())
    assert who.scopes == {"forkant:reports.write"}


async def test_an_issuer_nobody_named_is_refused_without_asking_it(world: World) -> None:
    await _refused(world, TokenSigner.with_new_key("https://elsewhere.test/", world.clock).sign({"sub": "x"}, HOUR))
    assert world.fetched == []


async def test_a_token_signed_by_another_issuers_key_is_refused(world: World) -> None:
    forged = jwt.encode(
        {"alg": "RS256", "kid": world.signers[MACHINES].public()["kid"]},
        _claims(world, DESK),
        world.signers[MACHINES]._key,
        algorithms=["RS256"],
    )
    await _refused(world, forged)


async def test_a_strangers_key_under_a_known_key_id_is_refused(world: World) -> None:
    kid = world.signers[DESK].public()["kid"]
    stranger = RSAKey.generate_key(2048, {"kid": kid})
    await _refused(world, jwt.encode({"alg": "RS256", "kid": kid}, _claims(world), stranger, algorithms=["RS256"]))


async def test_no_signature_is_no_token(world: World) -> None:
    for header in ({"alg": "none"}, {"alg": "None", "kid": world.signers[DESK].public()["kid"]}, {}):
        await _refused(world, _unsigned(header, _claims(world)))
    await _refused(world, world.person().rsplit(".", 1)[0] + ".")


async def test_the_public_key_is_no_shared_secret(world: World) -> None:
    """HS256 signed with the published key: the oldest confusion."""
    public = world.signers[DESK]._key
    for secret in (public.as_pem(private=False), json.dumps(public.as_dict(private=False)).encode()):
        signed = _unsigned({"alg": "HS256", "kid": public.kid}, _claims(world)).removesuffix(".")
        digest = hmac.digest(secret, signed.encode(), "sha256")
        await _refused(world, f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}")


async def test_an_algorithm_of_another_issuer_does_not_count_here(world: World) -> None:
    key = world.signers[DESK]._key
    bare = RSAKey.import_key(key.as_pem(private=True), {"kid": key.kid})
    await _refused(world, jwt.encode({"alg": "RS512", "kid": key.kid}, _claims(world), bare, algorithms=["RS512"]))


async def test_a_token_runs_out_half_a_minute_after_it_says(world: World) -> None:
    token = world.person()
    world.clock.advance(HOUR + timedelta(seconds=29))
    await world.verifier.verify(token)
    world.clock.advance(timedelta(seconds=2))
    await _refused(world, token)


async def test_a_token_from_the_future_or_without_an_end_is_refused(world: World) -> None:
    signer = world.signers[DESK]
    for wrong in (
        {"iat": _claims(world)["iat"] + 600},
        {"nbf": _claims(world)["iat"] + 600},
        {"nbf": "now"},
        {"exp": None},
        {"exp": "2100-01-01"},
        {"iat": None},
    ):
        await _refused(world, signer.sign({**_claims(world), **wrong}, HOUR))


async def test_a_token_for_somebody_else_is_refused(world: World) -> None:
    await _refused(world, world.machine(aud="another-api"))
    await _refused(world, world.machine(aud=None))
    assert await world.verifier.verify(world.machine(aud=["another-api", "forkant"]))


async def test_a_consumer_that_is_not_an_object_with_an_id_is_refused(world: World) -> None:
    for consumer in ('{"ID": "0192:312345676"}', "0192:312345676", ["0192:312345676"], {}, {"ID": 7}, {"ID": ""}):
        await _refused(world, world.machine(consumer=consumer, sub="admin", roles=["admin"]))


async def test_an_issuer_of_machine_tokens_speaks_for_no_person(world: World) -> None:
    await _refused(world, world.machine(consumer=None, sub="admin", roles=["admin"]))


async def test_only_the_desk_may_set_a_cookie(world: World) -> None:
    await _refused(world, world.machine(), cookie=True)
    assert await world.verifier.verify(world.person(), cookie=True)


async def test_a_claim_of_a_strange_type_is_refused_and_no_bug(world: World) -> None:
    signer = world.signers[DESK]
    for wrong in ({"roles": None}, {"roles": "admin"}, {"roles": 7}, {"compartments": 3}, {"sub": 7}, {"sub": ""}):
        await _refused(world, signer.sign({**_claims(world), **wrong}, HOUR))


async def test_an_unknown_key_is_asked_for_at_most_once_a_minute(world: World) -> None:
    await world.verifier.verify(world.person())
    assert len(world.fetched) == 1
    stranger = RSAKey.generate_key(2048, {"kid": "unknown"})
    forged = jwt.encode({"alg": "RS256", "kid": "unknown"}, _claims(world), stranger, algorithms=["RS256"])
    for _ in range(6):
        await _refused(world, forged)
        world.clock.advance(timedelta(seconds=9))
    assert len(world.fetched) == 1
    world.clock.advance(timedelta(seconds=10))
    await _refused(world, forged)
    await _refused(world, forged)
    assert len(world.fetched) == 2


async def test_a_key_the_issuer_changed_is_found(world: World) -> None:
    await world.verifier.verify(world.person())
    old = world.signers[DESK]
    world.signers[DESK] = TokenSigner.with_new_key(DESK, world.clock)
    world.clock.advance(timedelta(minutes=2))
    try:
        assert await world.verifier.verify(world.person())
    finally:
        world.signers[DESK] = old


async def test_known_keys_outlive_their_issuer_by_a_day_and_no_longer(world: World) -> None:
    await world.verifier.verify(world.person())
    world.away = True
    world.clock.advance(timedelta(hours=23, minutes=59))
    assert await world.verifier.verify(world.person())
    world.clock.advance(timedelta(minutes=2))
    with pytest.raises(Unavailable):
        await world.verifier.verify(world.person())
    world.away = False
    world.clock.advance(timedelta(minutes=2))
    assert await world.verifier.verify(world.person())


async def test_before_any_keys_were_had_the_issuer_is_asked_once_a_second_at_most(world: World) -> None:
    world.away = True
    for _ in range(5):
        with pytest.raises(Unavailable):
            await world.verifier.verify(world.person())
    assert len(world.fetched) == 1
    world.away = False
    world.clock.advance(timedelta(seconds=1))
    assert await world.verifier.verify(world.person())


@pytest.mark.parametrize(
    "answer", [[], "x", {"keys": None}, {"keys": [{}]}, {"keys": [{"kty": "RSA"}]}, 7, {"keys": [1]}]
)
async def test_an_issuer_that_answers_nonsense_is_unavailable(world: World, answer: object) -> None:
    world.answer = answer
    with pytest.raises(Unavailable):
        await world.verifier.verify(world.person())


async def test_nonsense_does_not_replace_keys_that_were_good(world: World) -> None:
    await world.verifier.verify(world.person())
    world.answer = {"keys": [{"kty": "RSA"}]}
    world.clock.advance(timedelta(minutes=11))
    assert await world.verifier.verify(world.person())


def _piece(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode("utf-8", "surrogatepass")).decode().rstrip("=")


JSONISH = st.sampled_from(
    ['{"iss": "urn:forkant:desk"}', '{"alg": "RS256", "kid": 7}', '{"alg": "RS256"}', "[]", "7", "null", "[" * 50_000]
) | st.text(max_size=20)


@settings(max_examples=80, deadline=None)
@given(header=JSONISH, payload=JSONISH, raw=st.text(max_size=30), how=st.integers(0, 2))
async def test_whatever_stands_in_a_header_is_refused_and_no_bug(
    keys: World, header: str, payload: str, raw: str, how: int
) -> None:
    token = [raw, f"{_piece(header)}.{_piece(payload)}.{_piece(raw)}", f"{_piece(header)}.{_piece(payload)}"][how]
    keys.forget()
    await _refused(keys, token)
