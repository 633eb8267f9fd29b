"""One address for four services, for trial on 127.0.0.1: hands requests on by their first path segment.

Everything streams, so that live pages work. In production a real gateway does this: see `deploy/gateway`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
from collections.abc import AsyncIterator

import httpx2 as httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

#: Answers whatever no other service has a prefix for: `/` is its desk, `/auth` its login.
ROOT = "notifier"

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_OF_THE_HOP = {b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade"}
#: A service that is being started again is asked again so long, as long as nothing of the request has reached it.
_CONNECT_SECONDS = 4.0


class Gateway:
    """`services` is the URL of each service by its prefix."""

    def __init__(self, services: dict[str, str]) -> None:
        self._services = services
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=100)
        # A live page is silent for long; a service that hangs is the caller's to give up on.
        self._client = httpx.AsyncClient(timeout=httpx.Timeout(10.0, read=None), limits=limits, trust_env=False)

    async def close(self) -> None:
        await self._client.aclose()

    async def answer(self, request: Request) -> Response:
        first = request.url.path.split("/", 2)[1]
        query = request.scope["query_string"]
        raw_path = request.scope["raw_path"] + (b"?" + query if query else b"")
        target = httpx.URL(self._services.get(first, self._services[ROOT])).copy_with(raw_path=raw_path)
        headers = [(name, value) for name, value in request.headers.raw if name not in _OF_THE_HOP]
        with_body = "content-length" in request.headers or "transfer-encoding" in request.headers
        until = asyncio.get_running_loop().time() + _CONNECT_SECONDS
        while True:
            content = request.stream() if with_body else None
            onward = self._client.build_request(request.method, target, headers=headers, content=content)
            try:
                found = await self._client.send(onward, stream=True)
                break
            except httpx.ConnectError:
                if asyncio.get_running_loop().time() > until:
                    return _away()
                await asyncio.sleep(0.1)
            except httpx.TransportError:
                return _away()
        answer = StreamingResponse(_body(found), status_code=found.status_code)
        answer.raw_headers = [(n.lower(), v) for n, v in found.headers.raw if n.lower() not in _OF_THE_HOP]
        return answer


async def _body(found: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for piece in found.aiter_raw():
            yield piece
    finally:
        await found.aclose()


def _away() -> Response:
    problem = {
        "type": "urn:forkant:problem:unavailable",
        "title": "Unavailable",
        "status": 503,
        "detail": "The service does not answer just now; try again.",
        "errors": [],
    }
    return JSONResponse(problem, 503, {"Retry-After": "1"}, "application/problem+json")


def create_app(services: dict[str, str]) -> Starlette:
    gateway = Gateway(services)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await gateway.close()

    app = Starlette(lifespan=lifespan)
    app.add_route("/{path:path}", gateway.answer, methods=_METHODS)
    return app


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m forkant_full.gateway", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--service", action="append", required=True, metavar="PREFIX=URL")
    given = parser.parse_args()
    services = dict(pair.split("=", 1) for pair in given.service)
    uvicorn.run(
        create_app(services),
        host="127.0.0.1",
        port=given.port,
        http="httptools",
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=1,
    )


if __name__ == "__main__":
    main()
