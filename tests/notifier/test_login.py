"""Logging in and out: cookies, silent renewal, the end of a session everywhere."""

from __future__ import annotations

from datetime import timedelta

import pytest

from forkant_shared.identity import COOKIE
from tests.notifier.support.browser import HTML, Browser
from tests.notifier.support.desk import TestDesk


async def test_without_a_login_the_board_sends_to_login_and_back(desk: TestDesk) -> None:
    answer = await desk.client.get("/", headers=HTML)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/auth/login?next=%2F"


async def test_the_cookies_are_host_bound_secure_and_not_for_scripts(desk: TestDesk) -> None:
    browser = Browser(desk)
    answer = await browser.send("/auth/login", "/auth/login", user="duty.officer", next="/notifier/duty")
    assert answer.headers["location"] == "/notifier/duty"
    cookies = [c for c in answer.headers.get_list("set-cookie") if c.startswith((COOKIE, "__Host-forkant-session"))]
    assert len(cookies) == 2
    for cookie in cookies:
        assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
        assert "Domain" not in cookie


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "/\\evil.example"])
async def test_a_login_never_sends_anybody_elsewhere(desk: TestDesk, to: str) -> None:
    answer = await Browser(desk).send("/auth/login", "/auth/login", user="duty.officer", next=to)
    assert answer.headers["location"] == "/"


async def test_a_login_form_from_another_site_is_refused(desk: TestDesk) -> None:
    answer = await desk.client.post("/auth/login", data={"user": "duty.officer"})
    assert answer.status_code == 403
    assert COOKIE not in answer.headers.get("set-cookie", "")


async def test_the_token_is_renewed_in_silence_while_the_session_lives(desk: TestDesk, browser: Browser) -> None:
    desk.clock.advance(timedelta(minutes=11))
    assert "Vaktpult" in await browser.get("/")
    refreshed = await browser.client.get("/auth/refresh?next=/notifier/duty")
    assert (refreshed.status_code, refreshed.headers["location"]) == (303, "/notifier/duty")
    posted = await browser.client.post("/auth/refresh?next=/notifier/calls/new")
    assert posted.status_code == 307, "a form that was written is posted again"
    desk.clock.advance(timedelta(hours=12))
    assert "Velg bruker" in await browser.get("/")


async def test_logging_out_ends_the_session_everywhere(desk: TestDesk, browser: Browser) -> None:
    stolen = dict(browser.client.cookies)
    answer = await browser.send("/", "/auth/logout")
    assert answer.status_code == 303
    assert "Velg bruker" in await browser.get("/")
    browser.client.cookies.update(stolen)
    assert "Velg bruker" in await browser.get("/"), "a stolen token is worth nothing from that moment"
    desk.clock.advance(timedelta(minutes=11))
    assert "Velg bruker" in await browser.get("/"), "a stolen session secret renews nothing"
    (event,) = await desk.rows("select envelope from outbox where subject like 'session/%'")
    assert "session-ended" in event["envelope"]
    assert "duty.officer" in event["envelope"]
