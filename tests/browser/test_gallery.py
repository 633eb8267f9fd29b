"""The web kit in a real Chromium: what every page of every service is made of."""

from __future__ import annotations

import pytest

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
