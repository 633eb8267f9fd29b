"""Posts to an address somebody else has chosen, and only to what has been judged.

The name is looked up once for each delivery, every address it leads to is judged, and the connection goes to one of
them as a number: nothing asks for the name again, so a name that leads elsewhere a moment later (DNS rebinding) leads
nowhere. TLS and Host still speak of the name. No redirect is followed, no proxy of the environment is used, and no
byte of the answer's body is read: its status says all.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta

import httpx2 as httpx

from forkant_notifier.domain.endpoint import Endpoint, may_be_delivered_to
from forkant_notifier.domain.webhook_rules import WebhookRules
from forkant_notifier.domain.webhooks import LATER, Told

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
Judge = Callable[[str, Endpoint, WebhookRules], bool]

#: Lookups have threads of their own: names that hang must not hold up those who look up a carrier.
LOOKUPS = 8

NO_NAME = "NAME_NOT_FOUND"
FORBIDDEN = "ADDRESS_NOT_ALLOWED"
NO_CONNECTION = "NO_CONNECTION"
BAD_CERTIFICATE = "TLS_FAILED"
TIMEOUT = "TIMEOUT"
CUT = "CONNECTION_CUT"


class Lookups:
    """The system's name lookup, in threads that nobody waits for when the process ends."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(LOOKUPS)

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """The addresses of a name, best first. Raises OSError where there are none."""
        await self._free.acquire()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Sequence[str]] = loop.create_future()

        def tell(found: Sequence[str] | Exception) -> None:
            # Only now: a caller that has given up does not make room for one more thread that hangs.
            self._free.release()
            if answer.done():
                return
            if isinstance(found, Exception):
                answer.set_exception(found)
            else:
                answer.set_result(found)

        def look() -> None:
            found: Sequence[str] | Exception
            try:
                found = _look_up(host, port)
            except Exception as error:
                found = error
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(tell, found)

        threading.Thread(target=look, name="webhook-name", daemon=True).start()
        return await answer


def _look_up(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


class PinnedPoster:
    """Posts; one connection for each try, kept by nobody."""

    def __init__(
        self,
        rules: WebhookRules,
        *,
        resolve: Resolve | None = None,
        trust: ssl.SSLContext | None = None,
        judge: Judge = may_be_delivered_to,
    ) -> None:
        self._rules, self._judge = rules, judge
        self._resolve = resolve or Lookups()
        self._trust = trust

    async def post(self, endpoint: Endpoint, body: bytes, headers: Mapping[str, str]) -> Told:
        """One try, within the rules' timeout. Never raises: what went wrong is an answer too."""
        try:
            async with asyncio.timeout(self._rules.timeout.total_seconds()):
                return await self._post(endpoint, body, headers)
        except TimeoutError:
            return Told(TIMEOUT)

    async def _post(self, endpoint: Endpoint, body: bytes, headers: Mapping[str, str]) -> Told:
        try:
            addresses = await self._resolve(endpoint.host, endpoint.port)
        except (OSError, UnicodeError):
            return Told(NO_NAME)
        # All of them, not only the one we would use: a name with one foot in our net is not one to trust.
        if not addresses or not all(self._judge(address, endpoint, self._rules) for address in addresses):
            return Told(FORBIDDEN if addresses else NO_NAME)
        told = Told(NO_CONNECTION)
        for address in addresses[: self._rules.addresses]:
            told = await self._post_to(address, endpoint, body, headers)
            if told.cause != NO_CONNECTION:
                break
        return told

    async def _post_to(self, address: str, endpoint: Endpoint, body: bytes, headers: Mapping[str, str]) -> Told:
        literal = f"[{address}]" if ipaddress.ip_address(address).version == 6 else address
        url = f"{endpoint.scheme}://{literal}:{endpoint.port}{endpoint.target}"
        timeout = httpx.Timeout(None, connect=self._rules.connect.total_seconds())
        try:
            # A client of its own each time: kept connections would be shared by names that share an address.
            async with (
                httpx.AsyncClient(
                    verify=self._context(), timeout=timeout, trust_env=False, follow_redirects=False
                ) as client,
                client.stream(
                    "POST",
                    url,
                    content=body,
                    headers={
                        **headers,
                        "host": endpoint.authority,
                        "connection": "close",
                        "accept-encoding": "identity",
                    },
                    extensions={"sni_hostname": endpoint.host},
                ) as answer,
            ):
                return _told(answer.status_code, answer.headers.get("retry-after", ""))
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            return Told(BAD_CERTIFICATE if _is_tls(error) else NO_CONNECTION)
        except (httpx.HTTPError, httpx.InvalidURL):
            return Told(CUT)

    def _context(self) -> ssl.SSLContext:
        if self._trust is None:
            self._trust = httpx.create_ssl_context(trust_env=False)
        return self._trust


def _told(status: int, retry_after: str) -> Told:
    if 200 <= status < 300:
        return Told(status=status)
    plain = retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 9
    after = timedelta(seconds=int(retry_after)) if plain and status in LATER else None
    return Told(f"HTTP_{status}", status, after)


def _is_tls(error: BaseException) -> bool:
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, ssl.SSLError):
            return True
        found = found.__cause__ or found.__context__
    return False
