"""What the desk gives a phone for when there is no network, and how a kept call comes in afterwards."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import httpx2 as httpx
import pytest

from forkant_shared.clock import new_id
from tests.notifier.support.browser import Browser
from tests.notifier.support.desk import TestDesk, escalation

HTML = {"accept": "text/html"}
CALL = {"caller": "KNOWN", "caller_name": "Oppdiktet Navn", "what": "Vil snakke", "urgency": "SOON"}


@pytest.mark.parametrize("what", ["board", "call"])
@pytest.mark.parametrize(("language", "says"), [("nb", "uten nett"), ("en", "without network")])
async def test_an_empty_page_is_served_to_anybody_and_holds_nothing_about_anybody(
    desk: TestDesk, what: str, language: str, says: str
) -> None:
    await desk.hear(escalation())
    (page,) = await desk.pages()
    answer = await desk.client.get(f"/notifier/offline/{what}/{language}")
    assert (answer.status_code, answer.headers["content-language"]) == (200, language)
    assert says in answer.text
    assert page["code"] not in answer.text
    assert 'name="csrf"' not in answer.text
    assert "forkant-now" not in answer.text, "its clock would be the one of the day it was fetched"
    assert "set-cookie" not in answer.headers


async def test_the_worker_names_files_that_are_there_and_may_speak_with_us_only(desk: TestDesk) -> None:
    worker = await desk.client.get("/notifier/scripts/service-worker.js")
    policy = worker.headers["content-security-policy"]
    assert policy == "default-src 'none'; connect-src 'self'; frame-ancestors 'none'"
    assert worker.headers["cache-control"] == "no-cache"
    named = re.search(r"const FILES = (\[.*?\]);", worker.text)
    assert named
    files = json.loads(named.group(1))
    assert {"/notifier/offline/board/nb", "/notifier/offline/call/en", "/notifier/scripts/kept.js"} <= set(files)
    for file in files:
        assert (await desk.client.get(file)).status_code == 200, file


async def test_the_manifest_and_its_icons_are_served_as_what_they_are(desk: TestDesk, browser: Browser) -> None:
    page = await browser.get("/auth/login")
    found = re.search(r'rel="manifest" href="([^"]+)"', page)
    assert found
    answer = await desk.client.get(found.group(1))
    assert answer.headers["content-type"] == "application/manifest+json"
    manifest = answer.json()
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/", "/", "standalone")
    for icon in manifest["icons"]:
        drawn = await desk.client.get(f"/notifier/static/{icon['src']}")
        assert (drawn.status_code, drawn.headers["content-type"]) == (200, icon["type"])
    assert {icon["sizes"] for icon in manifest["icons"]} >= {"192x192", "512x512"}
    assert any(icon.get("purpose") == "maskable" for icon in manifest["icons"])


async def test_of_the_board_a_phone_keeps_codes_lanes_times_and_who_is_on_duty(
    desk: TestDesk, browser: Browser
) -> None:
    await desk.opened()
    await desk.hear(escalation())
    kept = re.search(r"id=\"kept-board\" hidden data-board='([^']+)'", await browser.get("/"))
    assert kept
    told = json.loads(kept.group(1))
    assert set(told) == {"pages", "duty"}
    assert told["pages"]
    assert all(set(page) == {"code", "life", "drill", "what", "since", "next", "by"} for page in told["pages"])
    assert all(set(on) == {"tier", "users"} for on in told["duty"])


async def keep(desk: TestDesk, user: str, key: str, **changed: Any) -> httpx.Response:
    token = await desk.client.post("/auth/dev-token", json={"user": user})
    headers = {"authorization": f"Bearer {token.json()['access_token']}", "idempotency-key": key}
    return await desk.client.post("/notifier/v1/calls", json=CALL | changed, headers=headers)


async def test_a_kept_call_is_one_call_however_often_it_is_sent_and_says_when_it_was(desk: TestDesk) -> None:
    key = new_id()
    for waited in (300, 360):
        answer = await keep(desk, "duty.officer", key, entered_by="duty.officer", waited_seconds=waited)
        assert (answer.status_code, answer.json()["id"]) == (201, key)
    (row,) = await desk.rows("select id, caller, what, called_at, entered_at from calls")
    assert (row["id"], row["caller"], row["what"]) == (key.replace("-", ""), "KNOWN", "")
    assert len(await desk.rows("select 1 from contact_jobs")) == 1
    assert str(row["called_at"])[:16] == (desk.clock.now() - timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M")


async def test_a_call_written_by_another_is_refused_and_not_kept(desk: TestDesk) -> None:
    answer = await keep(desk, "duty.deputy", new_id(), entered_by="duty.officer")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (409, "entered_by")
    assert await desk.rows("select 1 from calls") == []


@pytest.mark.parametrize(
    "changed",
    [{"what": ""}, {"urgency": "MAYBE"}, {"waited_seconds": -1}, {"called_at": "2199-01-01T03:15:00Z"}, {"sent": 1}],
)
async def test_a_call_that_is_wrong_is_told_which_field_and_not_kept(desk: TestDesk, changed: dict[str, Any]) -> None:
    answer = await keep(desk, "duty.officer", new_id(), **changed)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, next(iter(changed)))
    assert await desk.rows("select 1 from calls") == []


async def test_who_may_not_log_calls_may_not_send_kept_ones(desk: TestDesk) -> None:
    assert (await keep(desk, "analyst", new_id())).status_code == 403
    assert await desk.rows("select 1 from calls") == []
