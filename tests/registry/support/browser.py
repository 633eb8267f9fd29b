"""A person at a browser without scripts, and the words of a page."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import httpx2 as httpx

from forkant_shared.testing import bearer, token
from tests.registry.support.service import Registry

SITE = "https://forkant.test"
GRADED = {"scale": "ADMIRALTY", "source": "B", "information": "2", "origin": "S1", "observed_at": "2026-01-02T03:04"}


class Browser:
    """A person at a browser: cookies are kept, forms carry the token of the page they stand on."""

    def __init__(self, registry: Registry, *roles: str, user: str | None = None) -> None:
        self._http = registry.http
        self._headers = bearer(token(*(roles or ("analyst",)), user=user)) | {"accept": "text/html"}

    async def open(self, path: str, **headers: str) -> httpx.Response:
        return await self._http.get(SITE + path, headers=self._headers | headers)

    async def send(self, page: str, action: str, **fields: Any) -> httpx.Response:
        """Open a page, fill its form and send it; redirects are followed."""
        found = re.search(r'name="csrf" value="([^"]+)"', (await self.open(page)).text)
        assert found, "the page has no form"
        body = {"csrf": unescape(found[1])} | fields
        return await self._http.post(SITE + action, data=body, headers=self._headers, follow_redirects=True)


def words(answer: httpx.Response) -> str:
    """The page's text without its marks."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def field_error(answer: httpx.Response, name: str) -> str:
    """What stands beside a field that did not hold; empty where nothing does."""
    found = re.search(rf'id="error-{name}">(.*?)</p>', answer.text, re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", "", found[1])).strip().removeprefix("Feil: ") if found else ""
