"""Connections to one peer, in several small pools.

A pool of httpx looks through all its connections for each request and each answer: with 200 of them three hundred
messages cost three times as much processor time as with 25, and the last of a burst leaves that much later.
"""

from __future__ import annotations

import functools
import ssl

import httpx2 as httpx

IN_ONE_POOL = 25


@functools.cache
def trusted() -> ssl.SSLContext:
    """The certificates we believe. Read once: each client would read them anew, 40 ms at a time, before we can send."""
    return httpx.create_ssl_context()


class Pools:
    """At most `connections` at a time, spread evenly; one message after another goes by the same connection."""

    def __init__(self, connections: int, transport: httpx.AsyncBaseTransport | None = None) -> None:
        count = -(-connections // IN_ONE_POOL)
        each = -(-connections // count)
        limits = httpx.Limits(max_connections=each, max_keepalive_connections=each)
        self._clients = [
            httpx.AsyncClient(transport=transport, verify=trusted(), limits=limits, timeout=None) for _ in range(count)
        ]
        self._busy = [0] * count

    @property
    def client(self) -> httpx.AsyncClient:
        """One of them, to build requests with."""
        return self._clients[0]

    async def send(self, request: httpx.Request) -> httpx.Response:
        """Through the pool with the fewest under way. Raises httpx.HTTPError; waits for as long as it takes."""
        chosen = self._busy.index(min(self._busy))
        self._busy[chosen] += 1
        try:
            return await self._clients[chosen].send(request)
        finally:
            self._busy[chosen] -= 1

    async def close(self) -> None:
        for client in self._clients:
            await client.aclose()
