"""Duty as its people see it: the calendar, the check-in, the rotas, and the sheet that is handed over."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.async_api import Browser, expect

from bench import systems
from tests.browser.accessibility import assert_accessible, assert_big_targets, assert_fits
from tests.browser.chromium import screenshot
from tests.browser.visiting import logged_in

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

PLACES = {
    "calendar": "/notifier/duty",
    "check-in": "/notifier/duty/check-in",
    "then": "/notifier/duty/then?at=2026-11-23T03:00",
    "rotas": "/notifier/duty/rotas",
    "rota-new": "/notifier/duty/rotas/new",
    "handovers": "/notifier/handovers",
    "handover-new": "/notifier/handovers/new",
}


@pytest.fixture(scope="module")
def system() -> Iterator[str]:
    with systems.embedded(demo=True) as running:
        yield running.url


@pytest.mark.parametrize(
    ("phone", "dark", "language"), [(True, True, "nb"), (False, False, "en")], ids=["phone-dark", "desktop-light"]
)
async def test_every_page_of_the_duty_is_accessible(
    browser: Browser, system: str, phone: bool, dark: bool, language: str
) -> None:
    look = f"{'phone' if phone else 'desktop'}-{'dark' if dark else 'light'}"
    async with logged_in(browser, system, "duty.leader", phone=phone, dark=dark) as page:
        await page.goto(f"/?lang={language}")
        for name, place in PLACES.items():
            await page.goto(place)
            await page.evaluate("document.querySelectorAll('main details').forEach(d => d.open = true)")
            for judge in (assert_accessible, assert_big_targets, assert_fits):
                await judge(page)
            await screenshot(page, f"duty-{name}-{look}")
        if language == "nb":
            await page.goto("/notifier/duty")
            await page.get_by_role("link", name=re.compile("Bytt vakta")).first.click()
            await assert_accessible(page)
            await screenshot(page, f"duty-swap-{look}")
        await page.goto("/notifier/duty/rotas")
        await page.get_by_role("link", name=re.compile("^(Endre|Change) ")).first.click()
        await assert_accessible(page)
        await screenshot(page, f"duty-rota-{look}")


async def test_an_officer_checks_in_with_the_codes_on_the_phone(browser: Browser, system: str) -> None:
    async with logged_in(browser, system, "duty.officer", phone=True) as page:
        await page.goto("/notifier/duty/check-in")
        before = len(await (await page.request.get("/notifier/sandbox/messages")).json())
        await page.get_by_role("button", name="Send kodene").click()
        await expect(page.get_by_text("To koder er på vei")).to_be_visible()
        codes: set[str] = set()
        while len(codes) < 2:
            messages = await (await page.request.get("/notifier/sandbox/messages")).json()
            found = (
                re.fullmatch(r"Forkant ([0-9A-F]{4})\. Logg inn\.", message["body"]) for message in messages[before:]
            )
            codes = {match.group(1) for match in found if match}
        await screenshot(page, "duty-check-in-codes-phone")
        for code in codes:
            await page.get_by_role("textbox", name="Kode").fill(code)
            await page.get_by_role("button", name="Send inn").click()
        await expect(page.get_by_text("Du er sjekket inn")).to_be_visible()
        await screenshot(page, "duty-checked-in-phone")


async def test_a_rota_with_a_gap_is_shown_again_with_the_gap_and_taken_with_a_name(
    browser: Browser, system: str
) -> None:
    async with logged_in(browser, system, "duty.leader") as page:
        await page.goto("/notifier/duty/rotas")
        await page.get_by_role("link", name="Endre Stedfortreder").click()
        await page.get_by_label("Første dag").fill("2027-01-04")
        await page.get_by_role("button", name="Lagre").click()
        await expect(page.get_by_text("Stedfortreder har ingen fra")).to_be_visible()
        await assert_accessible(page)
        await screenshot(page, "duty-rota-gap-desktop")


async def test_the_handover_report_is_one_sheet_signed_by_two(browser: Browser, system: str) -> None:
    async with logged_in(browser, system, "duty.officer") as page:
        await page.goto("/notifier/handovers/new")
        await page.get_by_label(re.compile("Det den neste må vite")).fill("Avtalen følges opp. " * 60)
        await page.get_by_role("button", name="Skriv under og gå av").click()
        sheet = page.url
    async with logged_in(browser, system, "duty.deputy") as page:
        await page.goto(sheet)
        await assert_accessible(page)
        await page.get_by_role("button", name="Skriv under og gå på").click()
        await expect(page.get_by_text("Vakta er din")).to_be_visible()
        paper = await page.pdf(format="A4")
        assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
        await page.emulate_media(media="print")
        await screenshot(page, "duty-handover-print")
        await page.emulate_media(media="screen")
        await screenshot(page, "duty-handover-desktop")
