"""A browser without scripts."""

from __future__ import annotations

import re
from html import unescape

import httpx2 as httpx

from tests.notifier.support.desk import TestDesk

HTML = {"accept": "text/html"}


class Browser:
    """Follows forms as a browser without scripts would."""

    def __init__(self, desk: TestDesk) -> None:
        self.client = httpx.AsyncClient(transport=desk.client._transport, base_url="https://forkant.test", headers=HTML)

    async def get(self, path: str, status: int = 200) -> str:
        answer = await self.client.get(path, follow_redirects=True)
        assert answer.status_code == status, answer.text
        return unescape(answer.text)

    async def send(self, shown_on: str, path: str, /, **fields: str) -> httpx.Response:
        """Post a form with the token found on a page."""
        token = re.search(r'name="csrf" value="([^"]+)"', await self.get(shown_on))
        assert token
        return await self.client.post(path, data={"csrf": token.group(1), **fields})

    async def log_in(self, user: str) -> None:
        answer = await self.send("/auth/login", "/auth/login", user=user)
        assert answer.status_code == 303, answer.text
