"""Ruter and Slik når vi deg, as pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from forkant_shared.testing import FixedClock
from tests.notifier.support.browser import Browser
from tests.notifier.support.browser_push import FakePushService, fake_push_service, vapid_pem
from tests.notifier.support.desk import TestDesk, escalation
from tests.notifier.support.routes import Routed, routed
from tests.notifier.test_web_push import push


@pytest.fixture
async def service() -> AsyncIterator[FakePushService]:
    async with fake_push_service() as found:
        yield found


@pytest.fixture
async def system(tmp_path: Path, clock: FixedClock, service: FakePushService) -> AsyncIterator[Routed]:
    (tmp_path / "vapid.pem").write_text(vapid_pem())
    async with routed(tmp_path, clock, gateways=[push(service.url)]) as found:
        yield found


async def opened(desk: TestDesk, user: str) -> Browser:
    browser = Browser(desk)
    await browser.log_in(user)
    return browser


async def test_the_page_says_of_every_route_how_it_is_in_the_order_it_is_asked(system: Routed) -> None:
    await system.goes_on(5)
    system.first.behaves = "no"
    for _ in range(3):
        await system.desk.hear(escalation())
    await system.goes_on(75)
    browser = await opened(system.desk, "duty.leader")
    text = (await browser.client.get("/notifier/routes", headers={"accept": "text/html"})).text
    assert text.index("1. second") < text.index("2. first")
    for said in (
        "Nede",
        "Virker",
        "leverandøren sa nei",
        "Varselet om ruten",
        "Har ingen prøveadresse",
        "Bare én rute",
    ):
        assert said in text
    assert "Oppringning" in text, "what is not set up is named"
    assert "gateway" not in text.lower().replace("/notifier/", "")
    (row,) = await system.desk.rows("select * from audit where action = 'notifier.route.read'")
    assert "duty.leader" in str(row)


async def test_a_leader_tries_a_route_at_once_and_an_officer_only_looks(system: Routed) -> None:
    await system.goes_on(5)
    leader = await opened(system.desk, "duty.leader")
    sent = await leader.send("/notifier/routes", "/notifier/routes/test", name="second")
    assert sent.status_code == 303
    await system.desk.send()
    assert len(system.second.got) == 2
    for name in ("nobody", "push"):
        refused = await leader.send("/notifier/routes", "/notifier/routes/test", name=name)
        assert refused.status_code == 404
    officer = await opened(system.desk, "duty.officer")
    page = await officer.client.get("/notifier/routes", headers={"accept": "text/html"})
    assert "Prøv nå" not in page.text
    analyst = await opened(system.desk, "analyst")
    refused = await analyst.client.get("/notifier/routes", headers={"accept": "text/html"})
    assert refused.status_code == 403


async def test_a_browser_subscribes_and_is_forgotten_by_its_owner(system: Routed, service: FakePushService) -> None:
    browser = await opened(system.desk, "duty.officer")
    page = await browser.client.get("/notifier/reach", headers={"accept": "text/html"})
    assert "Ingen nettleser varsler deg" in page.text
    assert "worker-src 'self'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    done = await browser.send("/notifier/reach", "/notifier/reach/browsers", **service.subscription())
    assert done.status_code == 303
    await system.desk.opened()
    assert len(service.got) == 1
    (row,) = await system.desk.rows("select id from push_subscriptions")
    page = await browser.client.get("/notifier/reach", headers={"accept": "text/html"})
    assert service.subscription()["endpoint"] not in page.text, "the endpoint is the browser's secret"
    done = await browser.send("/notifier/reach", "/notifier/reach/browsers/forget", id=row["id"])
    assert done.status_code == 303
    assert await system.desk.rows("select id from push_subscriptions") == []


async def test_a_pin_is_set_and_one_anybody_would_try_is_told_so_in_the_form(desk: TestDesk) -> None:
    browser = await opened(desk, "duty.officer")
    page = await browser.client.get("/notifier/reach", headers={"accept": "text/html"})
    assert "Du har ingen PIN" in page.text
    assert "Push er ikke satt opp" in page.text
    refused = await browser.send("/notifier/reach", "/notifier/reach/pin", pin="1234")
    assert refused.status_code == 422
    assert "Velg en annen PIN" in refused.text
    assert 'value="1234"' not in refused.text
    assert (await browser.send("/notifier/reach", "/notifier/reach/pin", pin="4827")).status_code == 303
    page = await browser.client.get("/notifier/reach", headers={"accept": "text/html"})
    assert "Du har en PIN" in page.text


async def test_the_scripts_are_served_to_a_browser_that_fetches_them_by_itself_and_nothing_else_is(
    desk: TestDesk,
) -> None:
    worker = await desk.client.get("/notifier/scripts/service-worker.js")
    assert worker.headers["content-type"] == "text/javascript; charset=utf-8"
    assert worker.headers["service-worker-allowed"] == "/"
    for name in ("../settings.py", "demo.yaml", "..%2fdemo.yaml"):
        assert (await desk.client.get(f"/notifier/scripts/{name}")).status_code == 404
