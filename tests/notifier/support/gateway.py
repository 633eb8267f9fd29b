"""A real HTTP server on loopback that plays an SMS gateway, well or badly."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

#: What the fake gateways show when they call us; the routes files of the tests name it, as an operator's would.
SECRET = "a-secret-of-the-gateway"
SECRET_IN = "FORKANT_TEST_GATEWAY_SECRET"
os.environ[SECRET_IN] = SECRET


class FakeGateway:
    """What it got, and how it behaves: `ok`, `hang`, `error` (500), `no` (200 that says no), `redirect`."""

    def __init__(self) -> None:
        self.behaves = "ok"
        self.got: list[dict[str, Any]] = []
        self.bodies: list[bytes] = []
        self.url = ""
        self.arrived = asyncio.Event()
        #: What it says of a message when it is asked, and which it was asked for.
        self.states: dict[str, str] = {}
        self.asked: list[str] = []
        #: The only credential it takes, where it asks for one.
        self.wants = ""

    async def take(self, request: Request) -> Response:
        if request.url.path.startswith("/state/"):
            self.asked.append(request.url.path.removeprefix("/state/"))
            return JSONResponse({"state": self.states.get(self.asked[-1], "ENROUTE")})
        body = await request.body()
        kind = request.headers.get("content-type", "")
        told: dict[str, Any] = dict(request.query_params)
        if kind.startswith("application/json"):
            told |= json.loads(body)
        elif body:
            told |= {name: values[0] for name, values in parse_qs(body.decode()).items()}
        self.got.append({"path": request.url.path, "method": request.method, "headers": dict(request.headers), **told})
        self.bodies.append(body)
        self.arrived.set()
        if self.wants and request.headers.get("authorization") != self.wants:
            return JSONResponse({"error": "unauthorised"}, 401)
        match self.behaves:
            case "hang":
                await asyncio.sleep(30)
            case "error":
                return JSONResponse({"error": "broken"}, 500)
            case "redirect":
                return Response(status_code=307, headers={"location": f"{self.url}/elsewhere"})
            case "no":
                return JSONResponse({"status": "REJECTED", "messages": []})
        return JSONResponse({"status": "OK", "messages": [{"id": f"gw-{len(self.got)}"}]})


@contextlib.asynccontextmanager
async def fake_gateway() -> AsyncIterator[FakeGateway]:
    """The server, listening."""
    gateway = FakeGateway()
    app = Starlette(routes=[Route("/{path:path}", gateway.take, methods=["GET", "POST", "PUT"])])
    listener = socket.create_server(("127.0.0.1", 0))
    gateway.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    config = uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=0)
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield gateway
    finally:
        server.should_exit = server.force_exit = True
        await serving
        listener.close()
