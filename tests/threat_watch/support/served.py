"""A running threat-watch on a database of its own, and what tests do with it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx2 as httpx
from fastapi import FastAPI

import forkant_threat_watch
from forkant_shared import testing
from forkant_shared.bus.embedded import EmbeddedBus
from forkant_shared.clock import Clock, SystemClock, new_id
from forkant_shared.database import Database, sqlite_url
from forkant_shared.migrations import migrate
from forkant_shared.testing import FixedClock
from forkant_threat_watch.app import create_app
from forkant_threat_watch.settings import Settings

# Tokens are signed by the machine's clock, so each service's own stands still at about the same time.
NOW = datetime.now(UTC).replace(microsecond=0)
YEAR = NOW.astimezone(ZoneInfo("Europe/Oslo")).year
LEADER = {"kind": "ROLE", "code": "POLICE_LEADER"}


def empty_database(folder: Path) -> Path:
    """An empty database in its newest shape."""
    file = folder / "threat-watch.db"
    migrate(forkant_threat_watch, Database(sqlite_url(str(file)), clock=SystemClock()).url)
    return file


def hence(**time: float) -> str:
    """So long from now, as the API takes it; less than nothing is ago."""
    return (NOW + timedelta(**time)).isoformat()


def local(**time: float) -> str:
    """So long from now, as a form of the desk sends it."""
    return (NOW + timedelta(**time)).astimezone(ZoneInfo("Europe/Oslo")).strftime("%Y-%m-%dT%H:%M")


def build(file: Path, clock: Clock | None = None) -> FastAPI:
    """The service on this database, with a clock that stands still and a bus of its own."""
    settings = Settings(mode="embedded", database_url=sqlite_url(str(file)))
    return create_app(settings, bus=EmbeddedBus(":memory:"), clock=clock or FixedClock(datetime.now(UTC)))


def body(*signals: dict[str, Any], grading: str | None = "B2", origin: str = "S1", **more: Any) -> dict[str, Any]:
    """A report's body; without signals, an intent of a gang against a police leader."""
    said = list(signals) or [{"factor": "INTENT", "strength": "EXPLICIT", "aggressor": GANG, "target": LEADER}]
    found: dict[str, Any] = {
        "observed_at": hence(hours=-1),
        "channel": "HANDLER",
        "origin": origin,
        "kind": "FACT",
        "verified": False,
        "exposure": "NO",
        "signals": said,
    }
    if grading is not None:
        found["grading"] = {"scale": "ADMIRALTY", "source": grading[0], "information": grading[1]}
    return found | more


GANG = {"kind": "GROUP", "id": new_id()}


class Watching:
    """The service as its users reach it."""

    def __init__(self, app: FastAPI, http: httpx.AsyncClient) -> None:
        self.app = app
        self.http = http

    async def report(self, sent: dict[str, Any], *, key: str | None = None, role: str = "source.handler") -> Any:
        """Post a report."""
        headers = testing.bearer(testing.token(role)) | {"Idempotency-Key": key or new_id()}
        return await self.http.post("/threat-watch/v1/reports", json=sent, headers=headers)

    async def threat(self, threat_id: str, role: str = "analyst") -> Any:
        """Read a threat."""
        answer = await self.http.get(f"/threat-watch/v1/threats/{threat_id}", headers=as_role(role))
        return answer.json()

    async def page(self, path: str, role: str = "duty.officer") -> httpx.Response:
        """Open a page."""
        return await self.http.get(path, headers=as_role(role) | {"accept": "text/html"})

    async def send(self, path: str, page: httpx.Response, role: str = "duty.officer", **fields: str) -> httpx.Response:
        """Send a form of this page."""
        token = re.search(r'name="csrf" value="([^"]+)"', page.text)
        assert token is not None
        return await self.http.post(
            path, data={"csrf": token[1], **fields}, headers=as_role(role) | {"accept": "text/html"}
        )


def as_role(role: str, **more: Any) -> dict[str, str]:
    """The header of a person with this role."""
    return testing.bearer(testing.token(role, **more))
