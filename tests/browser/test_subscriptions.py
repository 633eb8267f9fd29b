"""Partners' subscriptions as an administrator sees them: empty, well, failing and disabled, phone and desktop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx2 as httpx
import pytest
from playwright.async_api import Browser, Page, expect

from bench import systems
from tests.browser.visiting import judged, logged_in
from tests.notifier.support.receiver import Receiver, receiver

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

OWN = "/notifier/partner/v1/subscriptions"
BOTH = pytest.mark.parametrize(("phone", "dark"), [(True, True), (False, False)], ids=["phone-dark", "desktop-light"])


@pytest.fixture(scope="module")
def system() -> Iterator[str]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FORKANT_NOTIFIER_WEBHOOK_LOOPBACK", "true")
        with systems.embedded() as running:
            yield running.url


async def subscribed(system: str, organisation: str, url: str, until: str) -> dict[str, Any]:
    """A partner's subscription, once its first ping has made it stand as `until` says."""
    async with httpx.AsyncClient(base_url=system, timeout=30) as client:
        asked = {"organisation": organisation, "scopes": ["forkant:subscriptions.write"]}
        token = (await client.post("/auth/dev-token", json=asked)).json()["access_token"]
        client.headers["authorization"] = f"Bearer {token}"
        made = await client.post(OWN, json={"url": url, "types": ["situation-updated"]})
        assert made.status_code == 201, made.text
        async with asyncio.timeout(20):
            while True:
                seen: dict[str, Any] = (await client.get(f"{OWN}/{made.json()['id']}")).json()
                if seen["last_ok_at" if until == "well" else "last_failed_at"] or not until:
                    return seen
                await asyncio.sleep(0.1)


async def test_an_empty_list_says_who_fills_it(browser: Browser, system: str) -> None:
    for phone in (True, False):
        async with logged_in(browser, system, "admin", phone=phone, dark=False) as page:
            await page.get_by_role("link", name="Abonnementer").click()
            await expect(page.get_by_text("Ingen abonnementer")).to_be_visible()
            await judged(page, f"subscriptions-empty-{'phone' if phone else 'desktop'}")


@BOTH
async def test_endpoints_are_seen_stopped_and_helped(browser: Browser, system: str, phone: bool, dark: bool) -> None:
    look = f"{'phone' if phone else 'desktop'}-{'dark' if dark else 'light'}"
    number = "0192:312345676" if phone else "0192:310000015"
    async with receiver() as well, receiver() as failing:
        failing.status = 500
        good = await subscribed(system, number, f"{well.url}/forkant/situasjon?token=theirs", "well")
        bad = await subscribed(system, number, f"{failing.url}/webhooks/en-ganske-lang-adresse/forkant", "failing")
        async with logged_in(browser, system, "admin", phone=phone, dark=dark) as page:
            await page.goto("/notifier/subscriptions")
            await expect(page.get_by_text("Virker").first).to_be_visible()
            await expect(page.get_by_text("Svikter").first).to_be_visible()
            await expect(page.get_by_text("theirs")).to_have_count(0)
            await judged(page, f"subscriptions-{look}")
            await _stopped_and_started(page, f"/notifier/subscriptions/{bad['id']}", look)
            await _sent_again(page, f"/notifier/subscriptions/{good['id']}", well, look)


async def _stopped_and_started(page: Page, path: str, look: str) -> None:
    await page.goto(path)
    await expect(page.get_by_text("HTTP_500").first).to_be_visible()
    await judged(page, f"subscription-failing-{look}")
    await page.get_by_role("button", name="Slå av").click()
    await expect(page.get_by_text("Slått av av oss")).to_be_visible()
    await judged(page, f"subscription-off-{look}")
    await page.get_by_role("button", name="Slå på").click()
    await expect(page.get_by_role("button", name="Slå av")).to_be_visible()


async def _sent_again(page: Page, path: str, well: Receiver, look: str) -> None:
    await page.goto(path)
    before = list(well.ids)
    await page.get_by_role("button", name="Send på nytt").first.click()
    await expect(page.get_by_text("Leveringen sendes på nytt.")).to_be_visible()
    async with asyncio.timeout(10):
        while len(well.ids) == len(before):
            await asyncio.sleep(0.05)
    assert well.ids[-1] in before
    await page.locator("#replay").get_by_role("button", name="Send på nytt").click()
    await expect(page.get_by_text("Skriv når det skal sendes fra.")).to_be_visible()
    await judged(page, f"subscription-{look}")
