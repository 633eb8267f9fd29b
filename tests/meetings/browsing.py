"""A browser without scripts: keeps cookies, follows redirects, fills in and sends the forms a page holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx2 as httpx

from forkant_shared.identity import COOKIE
from tests.meetings.served import Served


@dataclass
class Form:
    """A form as it would be sent: where to, and what is filled in already."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    known: set[str] = field(default_factory=set)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._textarea: str | None = None
        self._select: str | None = None
        self._written = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._open = Form(given.get("action") or "", given.get("method") or "get")
            self.forms.append(self._open)
        if self._open is None:
            return
        name = given.get("name") or ""
        if tag == "input" and name:
            self._open.known.add(name)
            if given.get("type") not in ("radio", "checkbox") or "checked" in given:
                self._open.fields.append((name, given.get("value") or ""))
        elif tag == "textarea":
            self._open.known.add(name)
            self._textarea, self._written = name, ""
        elif tag == "select":
            self._open.known.add(name)
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            self._open.fields.append((self._select, given.get("value") or ""))
        elif tag == "button" and name:
            self._open.known.add(name)

    def handle_data(self, data: str) -> None:
        self._written += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._textarea and self._open:
            self._open.fields.append((self._textarea, self._written))
            self._textarea = None
        elif tag == "select":
            self._select = None
        elif tag == "form":
            self._open = None


class Browser:
    """One person at one browser."""

    def __init__(self, served: Served, role: str, **more: Any) -> None:
        transport = httpx.ASGITransport(app=served.app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(
            transport=transport, base_url="https://forkant.test", headers={"Accept": "text/html"}
        )
        self.client.cookies.set(COOKIE, served.token(role, **more), domain="forkant.test")
        self.page: httpx.Response = httpx.Response(204)

    async def open(self, path: str) -> str:
        """Go to a page, and see it."""
        self.page = await self.client.get(path, follow_redirects=True)
        assert self.page.status_code == 200, (path, self.page.status_code, self.page.text[-600:])
        return self.page.text

    def forms(self) -> list[Form]:
        parser = _Forms()
        parser.feed(self.page.text)
        return parser.forms

    async def send(self, action_ends: str, **values: Any) -> str:
        """Fill in the form whose action ends so, send it, and see what comes after. Only fields it has can be set."""
        found = next(one for one in self.forms() if one.action.endswith(action_ends))
        names = {name.replace("__", "-") for name in values}
        assert names <= found.known, (names - found.known, found.known)
        fields = [(name, value) for name, value in found.fields if name not in names]
        for name, value in values.items():
            given = value if isinstance(value, list) else [value]
            fields += [(name.replace("__", "-"), one) for one in given]
        self.page = await self.post(found.action, fields)
        return self.page.text

    async def post(self, path: str, fields: list[tuple[str, str]]) -> httpx.Response:
        body: dict[str, list[str]] = {}
        for name, value in fields:
            body.setdefault(name, []).append(value)
        return await self.client.post(path, data=body, follow_redirects=True)
