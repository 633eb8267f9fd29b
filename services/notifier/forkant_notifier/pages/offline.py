"""What a phone shows without network: two empty pages, and the scripts that fill them from what the phone keeps.

None of it needs a login and none holds anything about anybody: a browser fetches it by itself, ahead of need.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from forkant_notifier.pages.calls import CALLERS, HINTS, URGENCIES
from forkant_notifier.pages.face import PAGES
from forkant_notifier.settings import duty_document
from forkant_shared.web import static_files
from forkant_shared.web.language import LANGUAGES

ROUTER = APIRouter(include_in_schema=False)

SCRIPTS = ("push.js", "kept.js", "offline.js")
SHELLS = ("board", "call")
#: What those pages are drawn with. The fonts are named by the style sheet, without a version.
DRAWN_WITH = ("designsystemet-theme.css", "designsystemet.css", "forkant.css", "forkant.js", "forkant.svg")
DRAWN_WITH_SCRIPTS = ("htmx.min.js", "hx-sse.min.js")
FONTS = ("inter-latin.woff2", "inter-latin-ext.woff2")


def _texts(folder: Traversable) -> list[bytes]:
    found = sorted((found for found in folder.iterdir() if found.is_file()), key=lambda found: found.name)
    return [found.read_bytes() for found in found if not found.name.endswith(".pyc")]


@cache
def _board_hours() -> int:
    return int(duty_document()["board_kept_hours"])


@cache
def version() -> str:
    """Changes with anything a phone keeps of us: a browser then fetches all of it anew and forgets the old."""
    digest = hashlib.sha256(json.dumps([static_files.versions(), _board_hours()]).encode())
    for package in ("forkant_notifier", "forkant_shared.web"):
        for folder in ("static", "templates", "locale"):
            for text in _texts(resources.files(package).joinpath(folder)):
                digest.update(hashlib.sha256(text).digest())
    return digest.hexdigest()[:12]


@cache
def _worker() -> str:
    files = [static_files.address("notifier", name) for name in (*DRAWN_WITH, *DRAWN_WITH_SCRIPTS)]
    files += [f"/notifier/static/{name}" for name in FONTS]
    files += [f"/notifier/scripts/{name}" for name in ("kept.js", "offline.js")]
    files += [f"/notifier/offline/{what}/{language}" for what in SHELLS for language in LANGUAGES]
    told = f"const VERSION = {json.dumps(version())};\nconst FILES = {json.dumps(files)};\n"
    return told + _script("kept.js") + _script("service-worker.js")


def _script(name: str) -> str:
    text = resources.files("forkant_notifier").joinpath("static", name).read_text("utf-8")
    return f"const BOARD_HOURS = {_board_hours()};\n{text}" if name == "kept.js" else text


@ROUTER.get("/notifier/offline/{what}/{language}", response_class=HTMLResponse)
async def shell(request: Request, what: Literal["board", "call"], language: Literal["nb", "en"]) -> HTMLResponse:
    """The board or the call's form, empty, in that language."""
    drawn: dict[str, Any] = {"callers": CALLERS, "urgencies": URGENCIES, "hints": HINTS}
    drawn |= {"given": {}, "errors": {}, "known": None, "board_hours": _board_hours()}
    return PAGES.render(request, f"offline_{what}.html", language=language, fragment=False, **drawn)


@ROUTER.get("/notifier/scripts/service-worker.js")
async def worker() -> Response:
    """The service worker, for all pages: only it can answer when the network cannot."""
    headers = {"cache-control": "no-cache", "service-worker-allowed": "/"}
    return Response(_worker(), media_type="text/javascript; charset=utf-8", headers=headers)


@ROUTER.get("/notifier/scripts/{name}")
async def script(name: str) -> Response:
    """A script of ours, without a login."""
    if name not in SCRIPTS:
        return Response("There is no such file.", status_code=404, media_type="text/plain")
    return Response(_script(name), media_type="text/javascript; charset=utf-8", headers={"cache-control": "no-cache"})
