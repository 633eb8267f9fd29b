"""The kit's files, served under each service's own prefix and named by what they hold."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

_FOLDER = Path(__file__).parent / "static"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}
_FOR_EVER = "public, max-age=31536000, immutable"
_FOR_A_DAY = "public, max-age=86400"


@cache
def versions() -> dict[str, str]:
    """File name → the first twelve hex digits of its SHA-256."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        for path in sorted(_FOLDER.iterdir())
        if path.suffix in _TYPES
    }


def address(service: str, name: str) -> str:
    """Where a page finds the file; the address changes when the file does. KeyError for a file we do not have."""
    return f"/{service}/static/{name}?v={versions()[name]}"


async def serve(request: Request) -> Response:
    """One file; it may be kept for ever when asked for by its hash."""
    name = request.path_params["name"]
    if name not in versions():
        return PlainTextResponse("There is no such file.", status_code=404)
    exact = request.query_params.get("v") == versions()[name]
    path = _FOLDER / name
    return FileResponse(
        path,
        media_type=_TYPES[path.suffix],
        headers={"cache-control": _FOR_EVER if exact else _FOR_A_DAY},
    )
