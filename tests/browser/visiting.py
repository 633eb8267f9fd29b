"""A person at a page: logged in as somebody, and the page judged as everybody meets it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page, expect

from tests.browser.accessibility import assert_accessible, assert_big_targets, assert_fits
from tests.browser.chromium import opened, screenshot


@asynccontextmanager
async def logged_in(
    browser: Browser, system: str, user: str, *, phone: bool = False, dark: bool = False
) -> AsyncIterator[Page]:
    """A page of the running system at `system`, on a phone or a desktop, that this made-up user has logged in to."""
    async with opened(browser, system, phone=phone, dark=dark) as page:
        await page.goto("/")
        await expect(page).to_have_url(re.compile(r"/auth/login\?next=%2F$"))
        await page.locator(f'label:has(input[value="{user}"])').click()
        await page.get_by_role("button", name="Logg inn").click()
        await expect(page).to_have_url(f"{system}/")
        yield page


async def judged(page: Page, name: str) -> None:
    """A picture of it; then with every form open, big enough and readable by all."""
    await screenshot(page, name)
    await page.evaluate("document.querySelectorAll('main details').forEach(d => d.open = true)")
    for judge in (assert_accessible, assert_big_targets, assert_fits):
        await judge(page)
