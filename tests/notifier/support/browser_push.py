"""A push service and the browser behind it, on loopback: decrypts with a library that is not ours."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import http_ece
import uvicorn
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def text(given: bytes) -> str:
    return base64.urlsafe_b64encode(given).decode().rstrip("=")


def vapid_pem() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


@dataclass
class FakePushService:
    """Answers `status` to every push, or hangs; what it could not read is in `raw`, what the browser reads in `got`."""

    url: str = ""
    status: int = 201
    hangs: bool = False
    raw: list[bytes] = field(default_factory=list)
    got: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    claims: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._secret = os.urandom(16)

    def subscription(self, name: str = "one") -> dict[str, str]:
        """As `PushSubscription.toJSON()` gives it, flat."""
        point = self._key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        return {"endpoint": f"{self.url}/push/{name}", "key": text(point), "secret": text(self._secret)}

    async def take(self, request: Request) -> Response:
        body = await request.body()
        self.raw.append(body)
        self.headers.append(dict(request.headers))
        scheme, _, rest = request.headers["authorization"].partition(" ")
        assert scheme == "vapid"
        token, key = (part.strip().partition("=")[2] for part in rest.split(","))
        point = base64.urlsafe_b64decode(key + "=" * (-len(key) % 4))
        jwk = {"kty": "EC", "crv": "P-256", "x": text(point[1:33]), "y": text(point[33:])}
        self.claims.append(dict(jwt.decode(token, ECKey.import_key(jwk), algorithms=["ES256"]).claims))
        plain = http_ece.decrypt(body, private_key=self._key, auth_secret=self._secret, version="aes128gcm")
        self.got.append(json.loads(plain.rstrip(b"\0")))
        if self.hangs:
            await asyncio.sleep(30)
        return Response(status_code=self.status)


@contextlib.asynccontextmanager
async def fake_push_service() -> AsyncIterator[FakePushService]:
    """The service, listening."""
    service = FakePushService()
    app = Starlette(routes=[Route("/push/{name}", service.take, methods=["POST"])])
    listener = socket.create_server(("127.0.0.1", 0))
    service.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=0))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield service
    finally:
        server.should_exit = server.force_exit = True
        await serving
        listener.close()
