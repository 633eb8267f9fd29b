"""The call log in a browser: how many taps and seconds it takes, its pages, and the form on paper."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from bench import systems
from tests.browser.accessibility import assert_accessible, assert_big_targets, assert_fits
from tests.browser.chromium import screenshot
from tests.browser.visiting import logged_in

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

#: A tired person on a phone: a tap takes most of a second, a sign a tenth.
TAP_SECONDS = 0.7
SIGN_SECONDS = 0.1
MOST_TAPS = 7
MOST_SECONDS = 20.0
PLACES = {"form": "/notifier/calls/new", "list": "/notifier/calls", "paper": "/notifier/calls/paper"}
WORDS = "Redd for broren. Vil møte oss."
NAME = "Oppdiktet Innringer"


@pytest.fixture(scope="module")
def system() -> Iterator[str]:
    with systems.embedded(demo=True) as running:
        yield running.url


class Thumb:
    """A person at a phone: counts taps and takes a person's time for them and for each sign."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps, self.began = page, 0, time.monotonic()

    async def tap(self, target: Locator) -> None:
        self.taps += 1
        await self.page.wait_for_timeout(TAP_SECONDS * 1000)
        await target.click()

    async def write(self, words: str) -> None:
        await self.page.keyboard.type(words, delay=SIGN_SECONDS * 1000)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began


@pytest.mark.parametrize("named", [False, True], ids=["unknown", "named"])
async def test_a_call_is_saved_in_under_twenty_seconds_from_the_board(
    browser: Browser, system: str, named: bool
) -> None:
    async with logged_in(browser, system, "duty.officer", phone=True) as page:
        await page.goto("/")
        thumb = Thumb(page)
        await thumb.tap(page.get_by_role("link", name="Før innringing"))
        await thumb.tap(page.locator(f'label:has(input[value="{"KNOWN" if named else "UNKNOWN"}"])'))
        if named:
            await thumb.tap(page.get_by_label("Navn"))
            await thumb.write(NAME)
        await thumb.tap(page.get_by_label("Hva sier de?"))
        await thumb.write(WORDS)
        await thumb.tap(page.locator('label:has(input[value="SOON"])'))
        await thumb.tap(page.get_by_role("button", name="Lagre"))
        await expect(page.get_by_text("Lagret. Dialogen får den.")).to_be_visible()
        took = thumb.seconds
        print(f"call log, {'named' if named else 'unknown'}: {thumb.taps} taps, {took:.1f} s")
        assert thumb.taps <= MOST_TAPS
        assert took < MOST_SECONDS
        await screenshot(page, "calls-saved-phone")


@pytest.mark.parametrize(
    ("phone", "dark", "language"), [(True, True, "nb"), (False, False, "en")], ids=["phone-dark", "desktop-light"]
)
async def test_the_pages_of_a_call_are_accessible(
    browser: Browser, system: str, phone: bool, dark: bool, language: str
) -> None:
    look = f"{'phone' if phone else 'desktop'}-{'dark' if dark else 'light'}"
    async with logged_in(browser, system, "duty.officer", phone=phone, dark=dark) as page:
        for name, place in PLACES.items():
            await page.goto(f"{place}?lang={language}")
            for judge in (assert_accessible, assert_big_targets, assert_fits):
                await judge(page)
            await screenshot(page, f"calls-{name}-{look}")


async def test_a_caller_is_found_in_the_registry_and_what_was_written_stays(browser: Browser, system: str) -> None:
    async with logged_in(browser, system, "duty.officer", phone=True) as page:
        await page.goto("/notifier/calls/new")
        await page.get_by_label("Hva sier de?").fill(WORDS)
        await page.get_by_label("Navn").fill("Eksempel")
        await page.get_by_role("button", name="Finn i registeret").click()
        await expect(page.get_by_label("Hva sier de?")).to_have_value(WORDS)
        await assert_accessible(page)
        await screenshot(page, "calls-looked-up-phone")


async def test_the_form_on_paper_is_one_sheet(browser: Browser, system: str) -> None:
    async with logged_in(browser, system, "duty.officer") as page:
        await page.goto("/notifier/calls/paper")
        paper = await page.pdf(format="A4")
        assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
        await page.emulate_media(media="print")
        await screenshot(page, "calls-paper-print")


async def test_the_dialogue_officer_sees_who_called_and_the_duty_officer_does_not(
    browser: Browser, system: str
) -> None:
    async with logged_in(browser, system, "duty.officer") as page:
        await page.goto("/notifier/calls/new")
        await page.locator('label:has(input[value="KNOWN"])').click()
        await page.get_by_label("Navn").fill(NAME)
        await page.get_by_label("Hva sier de?").fill(WORDS)
        await page.locator('label:has(input[value="LATER"])').click()
        await page.get_by_label(re.compile("Når ringte de")).fill("2026-11-20T03:15")
        await page.get_by_role("button", name="Lagre").click()
        await page.goto("/notifier/calls")
        assert NAME not in await page.content()
        assert (await page.goto("/meetings/calls")).status == 403  # type: ignore[union-attr]
    async with logged_in(browser, system, "dialogue.officer", phone=True) as page:
        await page.goto("/meetings/calls")
        while await page.get_by_role("link", name=NAME).count() == 0:
            await page.wait_for_timeout(300)
            await page.reload()
        await assert_accessible(page)
        await assert_fits(page)
        await screenshot(page, "calls-meetings-list-phone")
        await page.get_by_role("link", name=NAME).first.click()
        await expect(page.get_by_text(WORDS)).to_be_visible()
        await assert_accessible(page)
        await screenshot(page, "calls-meetings-one-phone")
