"""The API's refusals, each naming the field and the remedy and changing nothing; tokens; duty; status; watch; calls."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
import sqlalchemy as sa

from forkant_notifier.clients.sandbox import SandboxRoute
from forkant_notifier.commands.calling import CallWish, log_call, send_reports
from forkant_notifier.commands.desk import adopt_policy
from forkant_notifier.commands.duty import load_demo
from forkant_notifier.commands.watching import check_silence
from forkant_notifier.settings import Settings
from forkant_notifier.store import duty
from forkant_notifier.tables import DEVICES
from forkant_shared import audit
from forkant_shared.clock import FixedClock, new_id
from forkant_shared.errors import Conflict, Invalid
from forkant_shared.events.threat_watch import WatchHeartbeat
from forkant_shared.identity import Principal
from forkant_shared.settings import Unsafe
from tests.notifier.support.desk import THREAT, TestDesk, escalation, settings_at, standing
from tests.notifier.support.people import MONDAY

OFFICER = Principal("duty.officer", "Vakthavende", "PERSON", roles=frozenset({"duty.officer"}))
NOBODY = "00000000-0000-7000-8000-00000000dead"


async def opened(desk: TestDesk) -> dict[str, Any]:
    await desk.hear(escalation())
    await desk.send()
    return (await desk.pages())[0]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/notifier/v1/pages", None),
        ("GET", f"/notifier/v1/pages/{NOBODY}", None),
        ("POST", f"/notifier/v1/pages/{NOBODY}/accept", {"answer": "ACCEPT"}),
        ("POST", f"/notifier/v1/pages/{NOBODY}/working", None),
        ("POST", f"/notifier/v1/pages/{NOBODY}/notes", {"note": "x"}),
        ("POST", f"/notifier/v1/pages/{NOBODY}/close", {"cause": "HANDLED"}),
        ("GET", "/notifier/v1/duty", None),
        ("POST", "/notifier/v1/duty/overrides", {"tier": 1}),
        ("GET", "/notifier/v1/status", None),
    ],
)
async def test_without_a_token_401_and_without_the_right_403(
    desk: TestDesk, method: str, path: str, body: dict[str, Any] | None
) -> None:
    for headers, status in (({}, 401), ({"Authorization": "Bearer x.y.z"}, 401), (desk.as_user("registrar"), 403)):
        answer = await desk.client.request(method, path, json=body, headers=headers)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("accept", {"answer": "PERHAPS"}, "answer"),
        ("accept", {"answer": "ACCEPT", "by": "me"}, "by"),
        ("accept", {}, "answer"),
        ("accept", {"answer": 1}, "answer"),
        ("close", {"cause": "REPLACED"}, "cause"),
        ("notes", {"note": ""}, "note"),
        ("notes", {"note": "x" * 1001}, "note"),
    ],
)
async def test_a_wrong_body_names_the_field_and_changes_nothing(
    desk: TestDesk, path: str, body: dict[str, Any], field: str
) -> None:
    page = await opened(desk)
    answer = await desk.client.post(
        f"/notifier/v1/pages/{page['id']}/{path}", json=body, headers=desk.as_user("duty.officer")
    )
    assert answer.status_code == 422
    problem = answer.json()["errors"][0]
    assert problem["field"] == field
    assert problem["remedy"]
    assert (await desk.pages())[0]["state"] == "OPEN"


async def test_what_does_not_exist_is_404_and_no_id_is_422(desk: TestDesk) -> None:
    who = desk.as_user("duty.officer")
    body = {"answer": "ACCEPT"}
    missing = await desk.client.post(f"/notifier/v1/pages/{NOBODY}/accept", json=body, headers=who)
    assert missing.status_code == 404
    for path in ("/notifier/v1/pages/x", "/notifier/v1/pages?threat=x", "/notifier/v1/pages?limit=101"):
        assert (await desk.client.get(path, headers=who)).status_code == 422


async def test_a_closed_page_cannot_be_answered_and_closing_again_changes_nothing(desk: TestDesk) -> None:
    page = await opened(desk)
    who = desk.as_user("duty.leader")
    address = f"/notifier/v1/pages/{page['id']}"
    closed = await desk.client.post(f"{address}/close", json={"cause": "FALSE_ALARM"}, headers=who)
    assert closed.json()["state"] == "CLOSED"
    again = await desk.client.post(f"{address}/close", json={"cause": "HANDLED"}, headers=who)
    assert again.json()["closed_at"] == closed.json()["closed_at"]
    for path, body in (("accept", {"answer": "ACCEPT"}), ("working", None), ("notes", {"note": "x"})):
        assert (await desk.client.post(f"{address}/{path}", json=body, headers=who)).status_code == 409


async def test_the_list_has_the_fields_of_the_contract(desk: TestDesk) -> None:
    page = await opened(desk)
    assert {"id", "code", "lane", "state", "tier", "created_at", "accepted_at", "accepted_by", "attempts"} <= set(page)
    attempt = page["attempts"][0]
    assert set(attempt) == {"id", "channel", "to_user", "state", "due_at", "submitted_at", "receipt_at"}
    assert attempt["to_user"] == "duty.officer"
    await opened(desk)
    newest, oldest = await desk.pages()
    after = await desk.get(f"/notifier/v1/pages?threat={THREAT}&limit=1&after={newest['id']}")
    assert [found["id"] for found in after] == [oldest["id"]]
    assert await desk.get(f"/notifier/v1/pages?threat={NOBODY}") == []
    assert len(await desk.get("/notifier/v1/pages?state=RUNNING")) == 2


async def test_each_answer_by_api_does_what_it_says(desk: TestDesk) -> None:
    page = await opened(desk)
    address = f"/notifier/v1/pages/{page['id']}"

    async def say(answer: str, user: str) -> dict[str, Any]:
        given = await desk.client.post(f"{address}/accept", json={"answer": answer}, headers=desk.as_user(user))
        assert given.status_code == 200
        found: dict[str, Any] = given.json()
        return found

    assert (await say("STANDBY", "duty.officer"))["state"] == "OPEN"
    assert (await say("CANNOT", "duty.officer"))["tier"] == 2
    assert (await say("ACCEPT", "duty.deputy"))["accepted_by"] == "duty.deputy"
    kinds = [entry["kind"] for entry in (await desk.get(address))["timeline"]]
    assert kinds == ["OPENED", "RANG", "STANDBY", "CANNOT", "RANG", "ACCEPTED"]
    async with desk.parts.database.read() as session:
        assert await audit.verify(session) is None
        assert await audit.length(session) >= 3


# -- tokens ----------------------------------------------------------------------------------------------------------


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
        ({"user": "nobody"}, "user"),
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


async def test_the_published_keys_are_public_and_check_our_tokens(desk: TestDesk) -> None:
    (key,) = (await desk.client.get("/auth/jwks.json")).json()["keys"]
    assert key["kty"] == "RSA"
    assert not {"d", "p", "q", "dp", "dq", "qi"} & set(key)


# -- only where it is allowed ----------------------------------------------------------------------------------------


REAL = {
    "mode": "full",
    "database_url": "postgresql+psycopg://notifier@127.0.0.1/notifier",
    "kafka": "127.0.0.1:9092",
    "machine_issuer": "https://issuer.example",
    "machine_jwks_url": "https://issuer.example/jwks",
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


# -- duty ------------------------------------------------------------------------------------------------------------


async def test_taking_over_moves_the_phone_at_once_and_back_when_it_ends(desk: TestDesk) -> None:
    body = {"tier": 1, "hours": 2}
    made = await desk.client.post("/notifier/v1/duty/overrides", json=body, headers=desk.as_user("duty.deputy"))
    assert made.status_code == 201
    await opened(desk)
    assert {message["to"] for message in await desk.messages()} == {"+4700000002"}
    desk.clock.advance(timedelta(hours=2))
    desk.desk.book = None
    assert (await desk.get("/notifier/v1/duty"))["tiers"][0]["users"][0]["user"] == "duty.officer"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"tier": 4}, "tier"),
        ({"tier": 1, "hours": 0}, "hours"),
        ({"tier": 1, "hours": 500}, "hours"),
        ({"tier": 2, "user": "analyst"}, "user"),
        ({"tier": 2, "user": "stranger"}, "user"),
    ],
)
async def test_a_take_over_by_nobody_or_for_ever_is_refused(desk: TestDesk, body: dict[str, Any], field: str) -> None:
    answer = await desk.client.post("/notifier/v1/duty/overrides", json=body, headers=desk.as_user("duty.leader"))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


async def test_without_people_or_phones_the_operations_line_still_rings(desk: TestDesk) -> None:
    async with desk.parts.database.write() as session:
        await duty.replace_rotations(session, [])
        await session.execute(DEVICES.delete())
    desk.desk.book = None
    await opened(desk)
    assert {message["to"] for message in await desk.messages()} == {desk.parts.settings.operations_line}


async def test_the_demo_written_twice_is_the_demo(desk: TestDesk) -> None:
    assert await load_demo(desk.parts, {"duty.deputy": NOBODY}) == 11
    assert len(await desk.rows("select * from rotations")) == 3
    assert len(await desk.rows("select * from people")) == 11
    token = (await desk.client.post("/auth/dev-token", json={"user": "duty.deputy"})).json()["access_token"]
    assert (await desk.parts.tokens.verify(token)).actor_id == NOBODY


# -- the watch -------------------------------------------------------------------------------------------------------


def beat(at: timedelta, sequence: int = 1) -> WatchHeartbeat:
    return WatchHeartbeat(watch_id="threat-watch", sequence=sequence, beat_at=MONDAY + at)


async def test_thirty_seconds_of_silence_ring_the_operations_centre_once(desk: TestDesk) -> None:
    await desk.hear(beat(timedelta(0)))
    desk.clock.advance(timedelta(seconds=30))
    assert not await check_silence(desk.parts)
    desk.clock.advance(timedelta(seconds=1))
    assert await check_silence(desk.parts)
    assert not await check_silence(desk.parts)
    await desk.send()
    assert {message["to"] for message in await desk.messages()} == {"+4700000009"}
    (page,) = await desk.get("/notifier/v1/pages", "operations")
    assert (page["lane"], page["threat_id"]) == ("LIFE", None)
    assert (await desk.get("/notifier/v1/status"))["silent"] is True


async def test_a_watch_that_comes_back_is_noted_and_a_new_silence_rings_again(desk: TestDesk) -> None:
    await desk.hear(beat(timedelta(0)))
    desk.clock.advance(timedelta(seconds=31))
    await check_silence(desk.parts)
    await desk.hear(beat(timedelta(seconds=31), 2), beat(timedelta(seconds=5), 1))
    (page,) = await desk.get("/notifier/v1/pages")
    assert page["state"] == "OPEN", "it still takes a human"
    assert (await desk.get(f"/notifier/v1/pages/{page['id']}"))["timeline"][-1]["kind"] == "WATCH_RESUMED"
    assert (await desk.get("/notifier/v1/status"))["silent"] is False
    desk.clock.advance(timedelta(seconds=31))
    assert await check_silence(desk.parts)
    assert len(await desk.get("/notifier/v1/pages")) == 2


async def test_old_heartbeats_from_a_queue_that_stood_still_do_not_count(desk: TestDesk) -> None:
    desk.clock.advance(timedelta(minutes=5))
    await desk.hear(beat(timedelta(seconds=1)), beat(timedelta(seconds=10), 2))
    assert await check_silence(desk.parts)


async def test_a_notifier_that_has_just_started_gives_the_watch_time(tmp_path: Path, clock: FixedClock) -> None:
    async with standing(tmp_path, clock) as desk:
        await desk.hear(beat(timedelta(days=-1)))
        clock.advance(timedelta(seconds=29))
        assert not await check_silence(desk.parts)
        clock.advance(timedelta(seconds=2))
        assert await check_silence(desk.parts)


# -- calls and reports -----------------------------------------------------------------------------------------------


class ThreatWatch(httpx.AsyncBaseTransport):
    """Answers for threat-watch (and for the notifier's own tokens) as it is told."""

    def __init__(self, status: int = 201) -> None:
        self.status = status
        self.got: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        if request.url.path == "/auth/dev-token":
            return httpx.Response(200, json={"access_token": "t", "token_type": "Bearer", "expires_in": 3600})
        self.got.append(request)
        if self.status == 0:
            raise httpx.ConnectError("away")
        return httpx.Response(self.status, json={"id": NOBODY, "reference": "R-2026-000001", "threats": []})


def wish(**changed: Any) -> CallWish:
    given: dict[str, Any] = {
        "caller": "KNOWN",
        "what": "De skal ta ham i natt",
        "urgency": "NOW",
        "violence": True,
        "called_at": MONDAY,
    }
    return CallWish(**given | changed)


async def test_only_a_call_that_points_to_violence_becomes_a_report_without_the_caller(desk: TestDesk) -> None:
    peer = ThreatWatch()
    desk.parts.peers = peer
    await log_call(desk.parts, OFFICER, wish(violence=False, what="Vil snakke"))
    assert await send_reports(desk.parts) == 0
    await log_call(desk.parts, OFFICER, wish(threatened="Oppdiktet Navn"))
    assert await send_reports(desk.parts) == 1
    (request,) = peer.got
    body = json.loads(request.content)
    assert (body["channel"], body["exposure"], "grading" in body) == ("DUTY_PHONE", "NO", False)
    assert body["signals"][0]["imminence_hours"] == 24
    assert body["signals"][0]["target"] == {"kind": "NAME", "name": "Oppdiktet Navn"}
    assert request.headers["idempotency-key"]
    (job,) = await desk.rows("select body, report_id from report_jobs")
    assert json.loads(job["body"]) == {}
    assert await send_reports(desk.parts) == 0


@pytest.mark.parametrize("status", [0, 500, 503, 401, 403])
async def test_a_report_is_not_lost_when_threat_watch_is_away_and_keeps_its_key(desk: TestDesk, status: int) -> None:
    peer = ThreatWatch(status)
    desk.parts.peers = peer
    await log_call(desk.parts, OFFICER, wish())
    for _ in range(8):
        assert await send_reports(desk.parts) == 0
        desk.clock.advance(timedelta(seconds=60))
    assert (await desk.get("/notifier/v1/status"))["reports_waiting"] == 1
    peer.status = 200
    assert await send_reports(desk.parts) == 1
    assert len({request.headers["idempotency-key"] for request in peer.got}) == 1


async def test_a_report_threat_watch_will_never_take_is_shown_and_not_tried_for_ever(desk: TestDesk) -> None:
    desk.parts.peers = ThreatWatch(422)
    await log_call(desk.parts, OFFICER, wish())
    await send_reports(desk.parts)
    desk.clock.advance(timedelta(hours=1))
    assert await send_reports(desk.parts) == 0
    assert (await desk.get("/notifier/v1/status"))["reports_refused"] == 1


@pytest.mark.parametrize("changed", [{"what": " "}, {"what": "x" * 2001}, {"called_at": MONDAY + timedelta(hours=1)}])
async def test_a_call_that_says_nothing_or_is_yet_to_come_is_refused(desk: TestDesk, changed: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        await log_call(desk.parts, OFFICER, wish(**changed))
    assert await desk.rows("select 1 from calls") == []


# -- policy and schema -----------------------------------------------------------------------------------------------


async def test_a_policy_that_has_been_in_use_cannot_be_edited(desk: TestDesk) -> None:
    desk.desk.document = desk.desk.document | {"leader_tier": 2}
    with pytest.raises(Invalid, match="has been in use"):
        async with desk.parts.database.write() as session:
            await adopt_policy(session, desk.desk)


async def test_a_page_keeps_the_policy_it_started_with(desk: TestDesk) -> None:
    page = await opened(desk)
    from forkant_notifier.domain.policy import from_document

    changed = json.loads(json.dumps(desk.desk.document)) | {"version": "2026-2"}
    changed["lanes"]["LIFE"]["steps"][1]["after"] = 20
    desk.desk.document, desk.desk.policy = changed, from_document(changed)
    async with desk.parts.database.write() as session:
        await adopt_policy(session, desk.desk)
    await desk.wait(40)
    assert len(await desk.messages()) == 3
    await desk.wait(5)
    assert len(await desk.messages()) == 6
    await desk.hear(escalation(threat_id=new_id()))
    versions = {row["policy_version"] for row in await desk.rows("select policy_version from pages")}
    assert versions == {"2026-1", "2026-2"}
    assert page["state"] == "OPEN"


async def test_the_migrated_schema_is_the_one_the_code_expects(desk: TestDesk) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    from forkant_notifier.tables import METADATA

    url = desk.parts.settings.database_url.replace("+aiosqlite", "")
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    engine.dispose()
