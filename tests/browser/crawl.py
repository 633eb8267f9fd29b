"""Walks from page to page as a reader would, once to every kind of page, and judges each."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from urllib.parse import urlsplit

from playwright.async_api import Page

from tests.browser.accessibility import assert_accessible, assert_big_targets, assert_fits
from tests.browser.chromium import screenshot

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+")
_NOT_PAGES = re.compile(r"/static/|/v1/|[?&](lang|theme)=|/file$|\.(json|ics|csv)$")


def kind_of(address: str) -> str:
    """Two addresses are of one kind when they differ in ids and in the query only."""
    return _ID.sub("*", urlsplit(address).path)


class Crawl:
    """`problems` says what is wrong and where, after `walk`; `seen` names the kinds of pages that were opened."""

    def __init__(self, page: Page, name: str) -> None:
        self._page = page
        self._name = name
        self.seen: set[str] = set()
        self.problems: list[str] = []

    async def walk(self, starts: Iterable[str], most: int = 60) -> None:
        """Opens the pages and those they lead to, one of each kind."""
        waiting = deque(starts)
        while waiting and len(self.seen) < most:
            address = waiting.popleft()
            if kind_of(address) in self.seen:
                continue
            self.seen.add(kind_of(address))
            answer = await self._page.goto(address)
            if answer is None or answer.status >= 400:
                self.problems.append(f"{address}: {answer.status if answer else 'no answer'}")
                continue
            await self._judge(address)
            waiting.extend(await self._links())

    async def _judge(self, address: str) -> None:
        await self._page.evaluate("document.querySelectorAll('main details').forEach(d => d.open = true)")
        for judge in (assert_accessible, assert_big_targets, assert_fits):
            try:
                await judge(self._page)
            except AssertionError as error:
                self.problems.append(f"{address}: {error}")
        picture = kind_of(address).strip("/").replace("/", "-").replace("*", "x") or "board"
        await screenshot(self._page, f"crawl-{self._name}-{picture}")

    async def _links(self) -> list[str]:
        found: list[str] = await self._page.evaluate(
            "[...document.querySelectorAll('a[href]')].filter(a => a.origin === location.origin)"
            ".map(a => a.pathname + a.search)"
        )
        return [address for address in found if not _NOT_PAGES.search(address)]
