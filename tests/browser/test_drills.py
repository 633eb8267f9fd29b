"""A drill as the duty leader sees it, from an empty list to its report, and the answer times beside it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.async_api import Browser, Page, expect

from bench import systems
from tests.browser.accessibility import assert_accessible, assert_fits
from tests.browser.chromium import screenshot
from tests.browser.visiting import judged, logged_in

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def system() -> Iterator[str]:
    with systems.embedded(demo=True) as running:
        yield running.url


@pytest.mark.parametrize(("phone", "dark"), [(True, True), (False, False)], ids=["phone-dark", "desktop-light"])
async def test_a_drill_is_started_marked_and_ended(browser: Browser, system: str, phone: bool, dark: bool) -> None:
    look = f"{'phone' if phone else 'desktop'}-{'dark' if dark else 'light'}"
    async with logged_in(browser, system, "duty.leader", phone=phone, dark=dark) as page:
        # The demo's own threats have rung: while an urgent page runs, no drill begins.
        await closed_all(page)
        await page.goto("/notifier/drills")
        await judged(page, f"drills-{look}")
        await page.locator('label:has(input[value="LIFE"])').click()
        await page.get_by_role("button", name="Start øvelsen").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Øvelse")
        report = page.url.split("?")[0]
        await page.goto("/")
        await expect(page.get_by_text("ØVELSE", exact=True)).to_have_count(1)
        await screenshot(page, f"drill-board-{look}")
        await page.goto(report)
        await expect(page.get_by_text("Vakthavende").first).to_be_visible()
        await judged(page, f"drill-{look}")
        await page.get_by_role("button", name="Avslutt øvelsen").click()
        await expect(page.get_by_text("Øvelsen ble avsluttet av vaktleder")).to_be_visible()


async def closed_all(page: Page) -> None:
    await page.goto("/")
    while await page.locator(".fk-card__title a").count():
        await page.locator(".fk-card__title a").first.click()
        await page.locator('label:has(input[value="HANDLED"])').click()
        await page.get_by_role("button", name="Lukk varselet").click()
        await expect(page.get_by_role("button", name="Lukk varselet")).to_have_count(0)
        await page.goto("/")


@pytest.mark.parametrize(("phone", "dark"), [(True, True), (False, False)], ids=["phone-dark", "desktop-light"])
async def test_the_answer_times_are_drawn_and_told(browser: Browser, system: str, phone: bool, dark: bool) -> None:
    look = f"{'phone' if phone else 'desktop'}-{'dark' if dark else 'light'}"
    async with logged_in(browser, system, "duty.leader", phone=phone, dark=dark) as page:
        await page.goto("/notifier/figures")
        await expect(page.locator("figure.fk-weeks rect").first).to_be_attached()
        await judged(page, f"figures-{look}")
        await page.evaluate("document.querySelectorAll('main details').forEach(d => d.open = true)")
        await expect(page.get_by_role("cell", name="ingen").first).to_be_visible()
        for judge in (assert_accessible, assert_fits):
            await judge(page)
