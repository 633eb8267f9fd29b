"""Who may subscribe, see and step in: a partner its own and nobody else's, our administrators all, others nothing."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from forkant_notifier.domain.webhook_rules import read_webhook_rules
from forkant_notifier.settings import Settings, webhook_document
from forkant_shared import telemetry
from forkant_shared.clock import new_id
from forkant_shared.settings import Unsafe
from forkant_shared.testing import FixedClock
from tests.notifier.support.desk import TestDesk, settings_at, standing
from tests.notifier.support.partners import ALL, OWN, SCOPE, Partner, deliver, happen
from tests.notifier.support.receiver import receiver

URL = "https://hooks.partner.no/forkant"


@pytest.fixture
def partner(desk: TestDesk) -> Partner:
    return Partner(desk)


@pytest.fixture
async def made(partner: Partner) -> dict[str, Any]:
    return await partner.made(URL)


async def test_a_partner_keeps_its_own_subscriptions(partner: Partner, made: dict[str, Any]) -> None:
    path = f"/{made['id']}"
    assert made["secret"].startswith("whsec_")
    seen = await partner.read(path)
    assert "secret" not in seen
    assert (seen["organisation"], seen["url"], seen["status"], seen["reason"]) == (
        partner.organisation,
        URL,
        "ENABLED",
        None,
    )
    moved = await partner.call("PATCH", path, {"url": f"{URL}/new"})
    assert (moved.status_code, moved.json()["url"]) == (200, f"{URL}/new")
    assert (await partner.done(f"{path}/disable"))["reason"] == "OWNER"
    assert (await partner.done(f"{path}/enable"))["status"] == "ENABLED"
    assert [one["type"] for one in (await partner.read(f"{path}/deliveries"))["items"]] == ["ping"]
    assert (await partner.call("DELETE", path)).status_code == 204
    assert (await partner.read(""))["items"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"url": URL, "types": ["threat-opened"]}, "types.0"),
        ({"url": URL, "types": ["situation-updated", "*"]}, "types.1"),
        ({"url": URL, "types": ["ping"]}, "types.0"),
        ({"url": URL, "types": []}, "types"),
        ({"url": URL, "types": ["situation-updated"] * 2}, "types"),
        ({"url": URL}, "types"),
        ({"types": ["situation-updated"]}, "url"),
        ({"url": "http://hooks.partner.no/", "types": ["situation-updated"]}, "url"),
        ({"url": "https://127.0.0.1/", "types": ["situation-updated"]}, "url"),
        ({"url": "http://127.0.0.1:8000/", "types": ["situation-updated"]}, "url"),
        ({"url": URL + "\x00", "types": ["situation-updated"]}, "url"),
        ({"url": URL, "types": ["situation-updated"], "secret": "whsec_AAAA"}, "secret"),
        ({"url": URL, "types": ["situation-updated"], "organisation": "0192:310000015"}, "organisation"),
    ],
)
async def test_what_cannot_be_subscribed_to_is_refused_naming_field_and_remedy(
    partner: Partner, body: dict[str, Any], field: str
) -> None:
    answer = await partner.call("POST", body=body)
    assert answer.status_code == 422
    (problem,) = answer.json()["errors"]
    assert problem["field"] == field
    assert problem["remedy"]
    assert (await partner.read(""))["items"] == []


async def test_a_change_is_judged_as_a_new_one_is(partner: Partner, made: dict[str, Any]) -> None:
    for body in ({"url": "https://10.0.0.1/"}, {"types": ["threat-opened"]}, {}, {"status": "ENABLED"}):
        assert (await partner.call("PATCH", f"/{made['id']}", body)).status_code == 422
    await partner.made(f"{URL}/other")
    taken = await partner.call("PATCH", f"/{made['id']}", {"url": f"{URL}/other"})
    assert (taken.status_code, taken.json()["errors"][0]["field"]) == (409, "url")


async def test_another_organisation_cannot_tell_that_it_exists(
    desk: TestDesk, partner: Partner, made: dict[str, Any]
) -> None:
    other, path = Partner(desk, "0192:310000015"), f"/{made['id']}"
    delivery = (await partner.read(f"{path}/deliveries"))["items"][0]["id"]
    assert (await other.read(""))["items"] == []
    asked = [
        *(("GET", path, None), ("GET", f"{path}/deliveries", None), ("DELETE", path, None)),
        *(("PATCH", path, {"url": f"{URL}/stolen"}), ("POST", f"{path}/rotate", {}), ("POST", f"{path}/ping", None)),
        *(("POST", f"{path}/disable", None), ("POST", f"{path}/enable", None)),
        ("POST", f"{path}/deliveries/{delivery}/replay", None),
        ("POST", f"{path}/replay", {"since": desk.clock.now().isoformat()}),
    ]
    for method, at, body in asked:
        theirs = await other.call(method, at, body)
        nobodys = await other.call(method, at.replace(made["id"], new_id()), body)
        assert theirs.status_code == 404
        assert theirs.json() == nobodys.json()
    assert (await partner.read(path))["url"] == URL
    # The same address is free for another organisation: who has it already is not to be learned.
    assert (await other.made(URL))["id"] != made["id"]


@pytest.mark.parametrize("role", ["duty.officer", "duty.leader", "analyst", "auditor", "admin", "operations"])
async def test_no_person_comes_in_by_the_partners_door(desk: TestDesk, made: dict[str, Any], role: str) -> None:
    for path in ("", f"/{made['id']}"):
        assert (await desk.client.get(OWN + path, headers=desk.as_user(role))).status_code == 403
    refused = await desk.client.post(f"{OWN}/{made['id']}/rotate", json={}, headers=desk.as_user(role))
    assert refused.status_code == 403


@pytest.mark.parametrize("scope", ["forkant:situation.read", "forkant:reports.write", "forkant:health.read", ""])
async def test_no_other_scope_opens_it_and_this_scope_opens_nothing_else(desk: TestDesk, scope: str) -> None:
    assert (await Partner(desk, scope=scope).call("GET")).status_code == 403
    own = Partner(desk).headers
    for path in ("/notifier/v1/pages", ALL, "/notifier/v1/status", "/notifier/v1/duty"):
        assert (await desk.client.get(path, headers=own)).status_code == 403
    assert (await desk.client.get(OWN)).status_code == 401


async def test_our_administrators_see_all_and_step_in_and_others_do_not(
    desk: TestDesk, partner: Partner, made: dict[str, Any]
) -> None:
    other = await Partner(desk, "0192:310000015").made(URL)
    first = await desk.get(f"{ALL}?limit=1", "admin")
    second = await desk.get(f"{ALL}?limit=1&after={first['next']}", "auditor")
    assert [first["items"][0]["id"], second["items"][0]["id"]] == [made["id"], other["id"]]
    path = f"{ALL}/{made['id']}"
    for role, status in (("auditor", 403), ("duty.leader", 403), ("analyst", 403), ("admin", 200)):
        assert (await desk.client.post(f"{path}/disable", headers=desk.as_user(role))).status_code == status
    assert (await partner.read(f"/{made['id']}"))["reason"] == "ADMINISTRATOR"
    refused = await partner.call("POST", f"/{made['id']}/enable")
    assert refused.status_code == 409
    assert "administrator" in refused.json()["detail"]
    assert (await desk.client.post(f"{path}/enable", headers=desk.as_user("admin"))).status_code == 200
    for role in ("duty.leader", "operations", "analyst"):
        assert (await desk.client.get(ALL, headers=desk.as_user(role))).status_code == 403


async def test_all_that_is_done_and_seen_is_in_the_audit_log_by_who_and_what(
    desk: TestDesk, partner: Partner, made: dict[str, Any]
) -> None:
    path = f"/{made['id']}"
    await partner.read("")
    await partner.read(path)
    await partner.call("PATCH", path, {"url": f"{URL}/new"})
    await partner.done(f"{path}/rotate", {})
    assert (await partner.call("POST", f"{path}/ping")).status_code == 409, "it was pinged when it was made"
    desk.clock.advance(timedelta(seconds=11))
    await partner.done(f"{path}/ping", status=202)
    await desk.get(f"{ALL}{path}/deliveries", "admin")
    await desk.client.post(f"{ALL}{path}/disable", headers=desk.as_user("admin"))
    await partner.call("DELETE", path)
    rows = await desk.rows("select subject, kind, details, objects from audit where action like '%subscription%'")
    done = [(row["subject"], row["kind"], json.loads(row["details"])["what"]) for row in rows]
    who = partner.organisation
    assert done == [
        (who, "ALTERATION", "CREATE"),
        (who, "CONSULTATION", "LIST"),
        (who, "CONSULTATION", "READ"),
        (who, "ALTERATION", "CHANGE"),
        (who, "ALTERATION", "ROTATE"),
        (who, "ALTERATION", "PING"),
        ("admin", "CONSULTATION", "DELIVERIES"),
        ("admin", "ALTERATION", "DISABLE"),
        (who, "ERASURE", "DELETE"),
    ]
    assert {made["id"]} == {one for row in rows for one in json.loads(row["objects"])}
    assert "hooks.partner.no" not in str(rows)


async def test_deliveries_are_paged_newest_first(desk: TestDesk, partner: Partner, made: dict[str, Any]) -> None:
    await happen(desk, *(f"2026-0{month}-01" for month in range(1, 6)))
    seen, after = [], ""
    for _ in range(3):
        page = await partner.read(f"/{made['id']}/deliveries?limit=2{after}")
        seen += [one["id"] for one in page["items"]]
        after = f"&after={page['next']}"
    assert len(seen) == 6
    assert seen == sorted(seen, reverse=True)
    assert (await partner.call("GET", f"/{made['id']}/deliveries?limit=1000")).status_code == 422


async def test_neither_log_nor_event_knows_secret_address_or_what_came_back(tmp_path: Path, clock: FixedClock) -> None:
    lines = io.StringIO()
    telemetry.configure(service="notifier", level="DEBUG")
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(lines))
    async with standing(tmp_path, clock, webhook_loopback=True) as desk, receiver() as hooked:
        hooked.status, hooked.headers = 410, {"x-canary": "Kanarifuglen"}
        partner = Partner(desk)
        made = await partner.made(f"{hooked.url}/Kanarifuglen?token=Kanarifuglen")
        await deliver(desk)
        outbox = await desk.rows("select * from outbox")
    written = lines.getvalue() + repr(outbox)
    assert "webhook-disabled" in written
    for canary in ("Kanarifuglen", made["secret"], made["secret"].removeprefix("whsec_"), hooked.url):
        assert canary not in written
    assert SCOPE not in written


def test_a_real_start_refuses_to_let_partners_reach_this_machine(tmp_path: Path) -> None:
    settings_at(tmp_path, webhook_loopback=True).refuse_unsafe()
    real = {
        "mode": "full",
        "database_url": "postgresql+psycopg://x",
        "kafka": "kafka:9092",
        "machine_issuer": "https://issuer.example",
        "machine_jwks_url": "https://issuer.example/jwks",
        "machine_audience": "forkant",
        "public_url": "https://forkant.example",
        "auth_url": "https://forkant.example",
    }
    with pytest.raises(Unsafe, match="FORKANT_NOTIFIER_WEBHOOK_LOOPBACK"):
        Settings(**real, webhook_loopback=True).refuse_unsafe()  # type: ignore[arg-type]


@pytest.mark.parametrize("changed", [{"timeout_seconds": 60}, {"retry_after": [5] * 3 + [259200]}])
def test_rules_by_which_a_try_outlasts_its_lease_or_the_last_comes_too_late_are_refused(
    changed: dict[str, Any],
) -> None:
    with pytest.raises(ValueError, match=r"is over before|comes before"):
        read_webhook_rules(webhook_document() | changed)
