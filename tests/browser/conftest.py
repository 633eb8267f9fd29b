"""One browser and one gallery for all browser tests. Without a Chromium they are skipped, loudly; in CI they fail."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.browser import chromium
from tests.browser.gallery import gallery
from tests.browser.serving import serving

MISSING = "no Chromium: browser tests are skipped. Install chromium, or set CHROMIUM to its path."


class Open(Protocol):
    """Opens a page of its own at the gallery; see `chromium.opened`."""

    def __call__(self, *, phone: bool = False, dark: bool = False) -> AbstractAsyncContextManager[Page]: ...


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if MISSING in str(report.longrepr)]
    if skipped:
        terminalreporter.write_line(f"{len(skipped)} browser tests: {MISSING}", yellow=True, bold=True)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = chromium.find()
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    async with chromium.started(path) as started:
        yield started


@pytest.fixture(scope="session")
def gallery_address() -> Iterator[str]:
    with serving(gallery()) as address:
        yield address


@pytest.fixture
def open_gallery(browser: Browser, gallery_address: str) -> Open:
    def open_page(*, phone: bool = False, dark: bool = False) -> AbstractAsyncContextManager[Page]:
        return chromium.opened(browser, gallery_address, phone=phone, dark=dark)

    return open_page
