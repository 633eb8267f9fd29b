"""The web kit in a real Chromium: what every page of every service is made of."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from tests.browser.accessibility import assert_accessible, assert_big_targets, assert_fits
from tests.browser.chromium import screenshot
from tests.browser.conftest import Open

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PAGES = ["/", "/gallery/threat", "/gallery/form", "/gallery/lists", "/gallery/missing", "/gallery/lists?out=1"]


@pytest.mark.parametrize("phone", [True, False], ids=["phone", "desktop"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
async def test_every_page_is_accessible_fits_and_has_big_targets(
    open_gallery: Open, path: str, phone: bool, dark: bool
) -> None:
    async with open_gallery(phone=phone, dark=dark) as page:
        await page.goto(path)
        await page.evaluate("document.querySelectorAll('main details').forEach(d => d.open = true)")
        await assert_accessible(page)
        await assert_big_targets(page)
        await assert_fits(page)
        name = path.strip("/").replace("/", "-").replace("?", "-").replace("=", "-") or "board"
        await screenshot(page, f"{name}-{'phone' if phone else 'desktop'}-{'dark' if dark else 'light'}")


async def test_the_menu_lies_on_top_closes_with_escape_and_changes_language_and_theme(open_gallery: Open) -> None:
    async with open_gallery(phone=True) as page:
        await page.goto("/gallery/lists?page=2")
        await page.locator(".fk-menu > summary").press("Enter")
        await expect(page.get_by_role("button", name="Logg ut")).to_be_visible()
        await assert_accessible(page)
        await screenshot(page, "menu-phone-light", full=False)
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name="Logg ut")).to_be_hidden()
        await page.locator(".fk-menu > summary").click()
        await page.get_by_role("link", name="English").click()
        await expect(page.get_by_role("navigation", name="Main menu")).to_be_visible()
        assert page.url.endswith("/gallery/lists?page=2")
        await page.locator(".fk-menu > summary").click()
        await page.get_by_role("link", name="Dark").click()
        await expect(page.locator("html")).to_have_attribute("data-color-scheme", "dark")
        await expect(page.locator("html")).to_have_attribute("lang", "en")


async def test_the_first_tab_leads_past_the_menu_to_the_content(open_gallery: Open) -> None:
    async with open_gallery() as page:
        await page.goto("/")
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Hopp til innholdet")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.locator("main")).to_be_focused()


async def test_a_wrong_form_says_what_to_correct_and_a_right_one_says_so_once(open_gallery: Open) -> None:
    async with open_gallery(phone=True) as page:
        await page.goto("/gallery/form")
        await page.get_by_role("textbox", name="Hva sier de?").fill("<b>skal ikke bli fet</b>")
        await page.get_by_role("button", name="Lagre").click()
        summary = page.get_by_role("alert")
        await expect(summary).to_contain_text("Rett 2 feil før du går videre")
        await expect(summary).to_be_focused()
        await expect(page.get_by_role("textbox", name="Hva sier de?")).to_have_value("<b>skal ikke bli fet</b>")
        await expect(page.get_by_role("textbox", name="Hvem ringer?")).to_have_attribute("aria-invalid", "true")
        await assert_accessible(page)
        await screenshot(page, "form-errors-phone-light")
        await summary.get_by_role("link", name="Skriv hvem som ringer").click()
        await expect(page.get_by_role("textbox", name="Hvem ringer?")).to_be_focused()
        await page.get_by_role("textbox", name="Hvem ringer?").fill("ukjent")
        await page.get_by_text("Dette døgnet").click()
        await page.get_by_role("button", name="Lagre").click()
        await expect(page.get_by_role("status").filter(has_text="Innringingen er lagret.")).to_be_visible()
        await page.reload()
        await expect(page.get_by_text("Innringingen er lagret.")).to_have_count(0)


async def test_a_live_part_follows_changes_and_leaves_what_was_opened_open(open_gallery: Open) -> None:
    async with open_gallery() as page:
        await page.goto("/")
        before = int((await page.locator("#changes").inner_text()).split()[-1])
        await page.get_by_text("Mer", exact=True).click()
        await page.wait_for_timeout(300)
        await page.request.post("/gallery/change")
        await expect(page.locator("#changes")).to_have_text(f"Endringer: {before + 1}", timeout=40_000)
        await expect(page.get_by_text("Innhold", exact=True)).to_be_visible()


async def test_what_changed_while_the_stream_was_away_is_shown_when_it_is_back(open_gallery: Open) -> None:
    async with open_gallery() as page:
        await page.goto("/")
        before = int((await page.locator("#changes").inner_text()).split()[-1])
        await page.wait_for_timeout(300)
        await page.context.set_offline(True)
        await expect(page.get_by_text("Ikke kontakt med Forkant.")).to_be_visible()
        await page.evaluate("document.querySelector('#board-feed')._htmx?.sse?.reader?.cancel()")
        await assert_accessible(page)
        await page.context.set_offline(False)
        await page.request.post("/gallery/change")
        await expect(page.locator("#changes")).to_have_text(f"Endringer: {before + 1}", timeout=40_000)
        await expect(page.get_by_text("Ikke kontakt med Forkant.")).to_be_hidden()


async def test_a_part_that_cannot_be_fetched_stays_and_says_that_it_may_be_old(open_gallery: Open) -> None:
    async with open_gallery() as page:
        await page.clock.install()
        await page.goto("/")
        await page.route("**/gallery/part", lambda route: route.abort())
        await page.clock.fast_forward(31_000)
        await expect(page.get_by_text("Ikke kontakt med Forkant.")).to_be_visible()
        await expect(page.locator("#changes")).to_be_visible()
        await page.unroute("**/gallery/part")
        await page.request.post("/gallery/change")
        await page.clock.fast_forward(31_000)
        await expect(page.get_by_text("Ikke kontakt med Forkant.")).to_be_hidden()
        await page.route("**/gallery/part", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"))
        await page.clock.fast_forward(31_000)
        await expect(page.get_by_text("Ikke kontakt med Forkant.")).to_be_visible()
        await expect(page.get_by_text("Bad gateway")).to_have_count(0)
        await expect(page.locator("#changes")).to_be_visible()


async def test_a_page_that_is_looked_at_keeps_the_login_fresh(open_gallery: Open) -> None:
    async with open_gallery() as page:
        await page.clock.install()
        await page.goto("/gallery/form")
        await page.get_by_role("textbox", name="Hva sier de?").fill("ikke mist dette")
        async with page.expect_request("**/auth/refresh?next=/"):
            await page.clock.fast_forward(241_000)
        await expect(page.get_by_role("textbox", name="Hva sier de?")).to_have_value("ikke mist dette")


async def test_a_countdown_counts_and_says_when_it_has_passed(open_gallery: Open) -> None:
    async with open_gallery() as page:
        await page.clock.install()
        await page.goto("/")
        clock = page.locator(".fk-countdown")
        await expect(clock).to_have_text(re.compile(r"1:0[0-4]"))
        await page.clock.fast_forward(30_000)
        await expect(clock).to_have_text(re.compile(r"0:(2\d|3[0-4])"))
        await page.clock.fast_forward(60_000)
        await expect(clock).to_have_text("0:00")
        await expect(clock).to_have_attribute("data-passed", "")


async def test_every_page_reads_and_sends_without_scripts(browser: Browser, gallery_address: str) -> None:
    context = await browser.new_context(base_url=gallery_address, java_script_enabled=False)
    page = await context.new_page()
    await page.goto("/gallery/form")
    await page.get_by_role("textbox", name="Hvem ringer?").fill("ukjent")
    await page.get_by_text("Dette døgnet").click()
    await page.get_by_role("button", name="Lagre").click()
    await expect(page.get_by_text("Innringingen er lagret.")).to_be_visible()
    await context.close()


async def test_a_page_printed_has_no_menu_and_shows_what_was_folded(open_gallery: Open) -> None:
    async with open_gallery() as page:
        await page.goto("/gallery/threat")
        await page.emulate_media(media="print")
        await expect(page.get_by_role("navigation")).to_be_hidden()
        await expect(page.locator(".fk-factor__share").first).to_be_visible()
        await expect(page.get_by_role("heading", name="Hvorfor")).to_be_visible()
        await screenshot(page, "threat-print")
