"""Where a real Chromium is, and how it is started."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

FLAGS = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update"]
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SCREENSHOTS = Path(__file__).parent / "screenshots"


def find() -> str | None:
    """The path in $CHROMIUM, else the first browser of a usual name."""
    return os.environ.get("CHROMIUM") or next((path for name in _NAMES if (path := shutil.which(name))), None)


@asynccontextmanager
async def started(path: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def opened(browser: Browser, base_url: str, *, phone: bool = False, dark: bool = False) -> AsyncIterator[Page]:
    """A page of its own, phone or desktop size. What the browser complains of (a script's error, something the
    security policy stopped, a bug's answer) fails the test when the page is closed."""
    context = await _context(browser, base_url, phone=phone, dark=dark)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
    page.on(
        "response",
        lambda answer: complaints.append(f"{answer.status} {answer.url}") if answer.status in (500, 501) else None,
    )
    try:
        yield page
    finally:
        await context.close()
    assert not complaints, "\n".join(complaints)


async def _context(browser: Browser, base_url: str, *, phone: bool, dark: bool) -> BrowserContext:
    return await browser.new_context(
        base_url=base_url,
        viewport=PHONE if phone else DESKTOP,  # type: ignore[arg-type]  # a plain dict
        has_touch=phone,
        is_mobile=phone,
        locale="nb-NO",
        timezone_id="Europe/Oslo",
        color_scheme="dark" if dark else "light",
    )


async def screenshot(page: Page, name: str, *, full: bool = True) -> None:
    """Keeps a picture in screenshots/ when FORKANT_SCREENSHOTS=1; else does nothing."""
    if os.environ.get("FORKANT_SCREENSHOTS") == "1":
        SCREENSHOTS.mkdir(exist_ok=True)
        await page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=full)
