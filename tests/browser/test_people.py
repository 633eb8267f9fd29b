"""The people on duty as the duty leader sees them on a phone and a desktop: the list, a form that is wrong, a gap."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx2 as httpx
import pytest
from playwright.async_api import Browser, expect

from bench import systems
from tests.browser.visiting import judged, logged_in

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

BOTH = pytest.mark.parametrize(("phone", "dark"), [(True, True), (False, False)], ids=["phone-dark", "desktop-light"])


@pytest.fixture(scope="module")
def system() -> Iterator[str]:
    with systems.embedded() as running:
        yield running.url


@BOTH
async def test_a_person_is_written_with_what_is_wrong_beside_its_field(
    browser: Browser, system: str, phone: bool, dark: bool
) -> None:
    look = f"{'phone' if phone else 'desktop'}-{'dark' if dark else 'light'}"
    user, number = ("a.berg", "00000011") if phone else ("b.dahl", "00000012")
    async with logged_in(browser, system, "duty.leader", phone=phone, dark=dark) as page:
        await page.goto("/notifier/duty/rotas")
        await page.get_by_role("link", name="Folk på vakt").click()
        await judged(page, f"people-{look}")
        await page.get_by_role("link", name="Skriv inn en til").click()
        await page.get_by_label("Bruker").fill(user)
        await page.get_by_label("Navn", exact=True).fill("Fornavn Etternavnsen")
        await page.get_by_label("SMS og anrop").fill(number)
        await page.get_by_role("button", name="Lagre").click()
        await expect(page.get_by_text(f"Skriv nummeret som +47{number}.").first).to_be_visible()
        await judged(page, f"person-wrong-{look}")
        await page.get_by_label("SMS og anrop").fill(f"+47{number}")
        await page.get_by_role("button", name="Lagre").click()
        await expect(page.get_by_text("Lagret, fra nå av.")).to_be_visible()
        await expect(page.get_by_text(f"SMS +47{number}")).to_be_visible()


@BOTH
async def test_letting_the_only_leader_go_says_when_nobody_would_have_the_tier(
    browser: Browser, system: str, phone: bool, dark: bool
) -> None:
    look = f"{'phone' if phone else 'desktop'}-{'dark' if dark else 'light'}"
    async with logged_in(browser, system, "duty.leader", phone=phone, dark=dark) as page:
        await page.goto("/notifier/duty/people")
        await page.get_by_role("link", name="Endre Vaktleder (demo)").click()
        await page.get_by_text("Ta bort fra vakt").click()
        await page.get_by_role("button", name="Ta bort").click()
        await expect(page.get_by_text("ville ha ingen fra")).to_be_visible()
        await judged(page, f"person-gap-{look}")


async def test_a_gap_is_answered_for_where_it_is_told(browser: Browser, system: str) -> None:
    async with httpx.AsyncClient(base_url=system, timeout=30) as client:
        token = (await client.post("/auth/dev-token", json={"user": "duty.leader"})).json()["access_token"]
        client.headers["authorization"] = f"Bearer {token}"
        items = (await client.get("/notifier/v1/duty/rotas")).json()["items"]
        rota = next(item["id"] for item in items if item["tier"] == 3)
        # What nobody answers for begins just beyond the days that are looked at, and time passes.
        until = datetime.now(UTC) + timedelta(days=14, seconds=3)
        ended = {"waiver": {"reason": "Ferie", "until": until.isoformat()}}
        answer = await client.post(f"/notifier/v1/duty/rotas/{rota}/end", json=ended)
        assert answer.status_code == 204, answer.text
    await asyncio.sleep(4)
    for phone, dark in ((False, False), (True, True)):
        look = f"{'phone' if phone else 'desktop'}-{'dark' if dark else 'light'}"
        async with logged_in(browser, system, "duty.leader", phone=phone, dark=dark) as page:
            await page.goto("/notifier/duty/rotas")
            await page.get_by_text("Svar for hullet").click()
            await page.get_by_label("Hvorfor trengs ingen?").fill(
                "" if not phone else "Vaktleder er ikke bemannet i jula"
            )
            await judged(page, f"gap-waiver-{look}")
            await page.get_by_role("button", name="Jeg svarer for det").click()
            told = "Du svarer for hullet." if phone else "Skriv hvorfor ingen trengs."
            await expect(page.get_by_text(told)).to_be_visible()
