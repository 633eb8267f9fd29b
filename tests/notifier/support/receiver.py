"""A partner's receiver on loopback: a real HTTP or HTTPS server that answers well or badly."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
import socket
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route


class Receiver:
    """What it got, and what it answers: a status, and `headers`; `hang` waits, `flood` sends a body without end."""

    def __init__(self) -> None:
        self.status = 204
        self.headers: dict[str, str] = {}
        self.hang = self.flood = False
        self.bodies: list[bytes] = []
        self.got: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.url = ""
        self.port = 0
        self.flooded = 0

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers in self.got]

    @property
    def told(self) -> list[dict[str, Any]]:
        """What came, without the pings."""
        found = [json.loads(body) for body in self.bodies]
        return [body for body in found if body["type"] != "ping"]

    async def take(self, request: Request) -> Response:
        self.bodies.append(await request.body())
        self.got.append(dict(request.headers))
        self.paths.append(str(request.url))
        if self.hang:
            await asyncio.sleep(30)
        if self.flood:
            return StreamingResponse(self._without_end(), self.status)
        return Response(status_code=self.status, headers=self.headers)

    async def _without_end(self) -> AsyncIterator[bytes]:
        while True:
            self.flooded += 1
            yield b"x" * 65536


@contextlib.asynccontextmanager
async def receiver(certificate: tuple[Path, Path] | None = None) -> AsyncIterator[Receiver]:
    """The server, listening; over TLS with a certificate and its key."""
    found = Receiver()
    app = Starlette(routes=[Route("/{path:path}", found.take, methods=["POST", "GET"])])
    listener = socket.create_server(("127.0.0.1", 0))
    found.port = listener.getsockname()[1]
    found.url = f"{'https' if certificate else 'http'}://127.0.0.1:{found.port}"
    tls: dict[str, Any] = {}
    if certificate:
        tls = {"ssl_certfile": str(certificate[0]), "ssl_keyfile": str(certificate[1])}
    config = uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=0, **tls)
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield found
    finally:
        server.should_exit = server.force_exit = True
        await serving
        listener.close()


def certificate_for(folder: Path, *names: str) -> tuple[Path, Path]:
    """A certificate for these names, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = datetime.now(UTC)
    alternatives: list[x509.GeneralName] = [
        x509.IPAddress(ipaddress.ip_address(name)) if name[0].isdigit() else x509.DNSName(name) for name in names
    ]
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain))
    return paths


def trusting(certificate: Path) -> ssl.SSLContext:
    """Believes this certificate and no other."""
    return ssl.create_default_context(cafile=str(certificate))
