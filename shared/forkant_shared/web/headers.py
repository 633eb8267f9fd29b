"""What every answer tells the browser it may do: next to nothing."""

from __future__ import annotations

import secrets
from urllib.parse import parse_qsl, quote, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from forkant_shared.web.language import LANGUAGE_COOKIE, LANGUAGES

THEME_COOKIE = "forkant-theme"
THEMES = ("auto", "light", "dark")
_YEAR = 365 * 24 * 3600

_PAGE_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'; "
    "font-src 'self'"
)
_DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
#: A service worker is ruled by the policy of its own answer: it may fetch from us, and from nobody else.
_WORKER_POLICY = "default-src 'none'; connect-src 'self'; frame-ancestors 'none'"
_ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class SecurityHeaders:
    """Puts the policy on every answer, and hands the page its nonce as `request.state.nonce`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(18)
        scope.setdefault("state", {})["nonce"] = nonce

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _ALWAYS.items():
                    headers[name] = value
                is_page = headers.get("content-type", "").startswith("text/html")
                is_worker = "service-worker-allowed" in headers
                policy = _PAGE_POLICY.format(nonce=nonce) if is_page else _WORKER_POLICY if is_worker else _DATA_POLICY
                headers["content-security-policy"] = policy
                if is_page:
                    headers["cache-control"] = "no-store"
            await send(message)

        await self._app(scope, receive, with_headers)


class Preferences:
    """`?lang=en` and `?theme=dark` on any page: remembered in a cookie, and the address without them shown."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        cookies = _chosen(scope)
        if not cookies:
            await self._app(scope, receive, send)
            return
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        rest = urlencode([(name, value) for name, value in query if name not in ("lang", "theme")])
        path = "/" + quote(scope["path"].lstrip("/\\"))
        headers = MutableHeaders({"location": path + (f"?{rest}" if rest else ""), "content-length": "0"})
        for name, value in cookies.items():
            headers.append("set-cookie", f"{name}={value}; Path=/; Max-Age={_YEAR}; SameSite=Lax; HttpOnly")
        await send({"type": "http.response.start", "status": 303, "headers": headers.raw})
        await send({"type": "http.response.body", "body": b""})


def _chosen(scope: Scope) -> dict[str, str]:
    """The cookies this request asks for; none unless a browser opens a page."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return {}
    if "text/html" not in Headers(scope=scope).get("accept", ""):
        return {}
    query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
    cookies = {}
    if query.get("lang") in LANGUAGES:
        cookies[LANGUAGE_COOKIE] = query["lang"]
    if query.get("theme") in THEMES:
        cookies[THEME_COOKIE] = query["theme"]
    return cookies
