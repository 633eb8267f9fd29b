"""Development tokens, published keys, and what exists only in embedded mode and trial."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from forkant_notifier.clients.sandbox import SandboxRoute
from forkant_notifier.commands.duty import load_demo
from forkant_notifier.settings import Settings
from forkant_shared.errors import Conflict
from forkant_shared.settings import Unsafe
from forkant_shared.testing import FixedClock
from tests.notifier.support.desk import TestDesk, settings_at, standing


async def test_a_development_token_for_every_demo_user_and_for_machines(desk: TestDesk) -> None:
    users = "analyst registrar dialogue.officer dialogue.leader duty.officer duty.deputy duty.leader source.handler"
    for user in [*users.split(), "auditor", "admin"]:
        answer = await desk.client.post("/auth/dev-token", json={"user": user})
        told = answer.json()
        assert (answer.status_code, told["token_type"]) == (200, "Bearer")
        assert told["expires_in"] > 0
        principal = await desk.parts.tokens.verify(told["access_token"])
        assert (principal.subject, principal.roles) == (user, {user})
    body = {"organisation": "0192:312345676", "scopes": ["forkant:reports.write"]}
    token = (await desk.client.post("/auth/dev-token", json=body)).json()["access_token"]
    machine = await desk.parts.tokens.verify(token)
    assert (machine.kind, machine.organisation, machine.scopes) == (
        "MACHINE",
        "0192:312345676",
        {"forkant:reports.write"},
    )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "user"),
        ({"user": ""}, "user"),
        ({"user": "analyst", "organisation": "0192:312345676"}, "user"),
        ({"user": "analyst", "scopes": []}, "scopes"),
        ({"organisation": "312345676", "scopes": []}, "organisation"),
        ({"user": "analyst", "password": "x"}, "password"),
        ({"organisation": "0192:312345676", "scopes": "all"}, "scopes"),
    ],
)
async def test_a_wish_for_a_token_that_makes_no_sense_is_refused(
    desk: TestDesk, body: dict[str, Any], field: str
) -> None:
    answer = await desk.client.post("/auth/dev-token", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


async def test_a_user_nobody_made_up_does_not_exist(desk: TestDesk) -> None:
    answer = await desk.client.post("/auth/dev-token", json={"user": "nobody"})
    assert answer.status_code == 404
    assert "duty.officer" in answer.json()["errors"][0]["remedy"]


async def test_the_published_keys_are_public_and_check_our_tokens(desk: TestDesk) -> None:
    (key,) = (await desk.client.get("/auth/jwks.json")).json()["keys"]
    assert key["kty"] == "RSA"
    assert not {"d", "p", "q", "dp", "dq", "qi"} & set(key)


REAL = {
    "mode": "full",
    "database_url": "postgresql+psycopg://notifier@127.0.0.1/notifier",
    "kafka": "127.0.0.1:9092",
    "machine_issuer": "https://issuer.example",
    "machine_jwks_url": "https://issuer.example/jwks",
    "machine_audience": "https://forkant.example",
    "public_url": "https://forkant.example",
    "auth_url": "http://notifier:8000",
    "routes_file": Path("routes.yaml"),
    "operations_phone": "+4700000009",
    "signing_key_file": Path("key.pem"),
}


@pytest.mark.parametrize("lacking", ["routes_file", "operations_phone", "signing_key_file"])
def test_a_real_start_without_a_route_a_floor_or_a_key_is_refused_with_a_sentence(lacking: str) -> None:
    given = {name: value for name, value in REAL.items() if name != lacking}
    with pytest.raises(Unsafe, match=f"FORKANT_NOTIFIER_{lacking.upper()}"):
        Settings(**given).refuse_unsafe()
    Settings(**given, trial=True).refuse_unsafe()
    Settings(**REAL).refuse_unsafe()


def test_the_sandbox_carrier_refuses_to_start_elsewhere(clock: FixedClock) -> None:
    async def keep(_: object) -> None:
        return

    with pytest.raises(Unsafe, match="reaches nobody"):
        SandboxRoute(keep, clock, allowed=False)


async def test_a_real_start_has_no_fake_phones_no_made_up_tokens_and_no_demo(tmp_path: Path, clock: FixedClock) -> None:
    key, routes = tmp_path / "key.pem", tmp_path / "routes.yaml"
    async with standing(tmp_path, clock) as trial:
        assert trial.desk.signer
        key.write_bytes(trial.desk.signer.pem())
    gateway = {"name": "real", "url": "https://gateway.example/send", "body": {"kind": "json", "fields": {}}}
    routes.write_text(json.dumps({"gateways": [gateway]}))
    real = REAL | {"routes_file": routes, "signing_key_file": key}
    real["database_url"] = settings_at(tmp_path).database_url
    async with standing(tmp_path, clock, **real) as desk:
        for method, path in (
            ("POST", "/auth/dev-token"),
            ("GET", "/notifier/sandbox/messages"),
            ("POST", "/notifier/sandbox/replies"),
            ("GET", "/notifier/sandbox/phone"),
        ):
            answer = await desk.client.request(method, path, json={"user": "analyst"} if method == "POST" else None)
            assert answer.status_code == 404, path
        login = await desk.client.get("/auth/login", headers={"accept": "text/html"})
        assert login.status_code == 503
        assert "duty.officer" not in login.text
        with pytest.raises(Conflict):
            await load_demo(desk.parts)
