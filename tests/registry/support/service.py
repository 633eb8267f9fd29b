"""A running registry and the few words a story needs. All names are made up."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx2 as httpx
import sqlalchemy as sa
from fastapi import FastAPI

import forkant_registry
from forkant_registry.app import create_app
from forkant_registry.settings import Settings
from forkant_shared.audit import AUDIT
from forkant_shared.bus.embedded import EmbeddedBus
from forkant_shared.database import sqlite_url
from forkant_shared.migrations import migrate
from forkant_shared.outbox import OUTBOX
from forkant_shared.testing import FixedClock, bearer, token

B2 = {"scale": "ADMIRALTY", "source": "B", "information": "2"}
# Tokens are signed by the machine's clock, so times in stories are told from it.
START = datetime.now(UTC)
SEEN = (START - timedelta(days=3)).isoformat()


def day(offset: int) -> str:
    """A day in Norway, `offset` days from the start."""
    return (START + timedelta(days=offset)).astimezone(ZoneInfo("Europe/Oslo")).date().isoformat()


def empty_database(folder: Path) -> Path:
    file = folder / "registry.db"
    migrate(forkant_registry, sa.make_url(sqlite_url(str(file))))
    return file


def build(file: Path) -> FastAPI:
    settings = Settings(mode="embedded", database_url=sqlite_url(str(file)))
    return create_app(settings, bus=EmbeddedBus(":memory:"), clock=FixedClock(datetime.now(UTC)))


@dataclass
class Registry:
    """What tests do with a registry; `made` numbers the people they make up."""

    app: FastAPI
    http: httpx.AsyncClient
    made: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def clock(self) -> FixedClock:
        clock: FixedClock = self.app.state.parts.clock
        return clock

    async def post(self, path: str, body: Any, *roles: str, key: str | None = None, auth: str | None = None) -> Any:
        headers = bearer(auth or token(*(roles or ("analyst",)))) | ({"Idempotency-Key": key} if key else {})
        return await self.http.post(f"/registry/v1{path}", json=body, headers=headers)

    async def get(self, path: str, *roles: str, auth: str | None = None, **query: Any) -> Any:
        headers = bearer(auth or token(*(roles or ("analyst",))))
        return await self.http.get(f"/registry/v1{path}", params=query, headers=headers)

    async def person(self, name: str, *, auth: str | None = None, **more: Any) -> str:
        body = {"names": [{"kind": "legal", "value": name}], "ground": "ASSUMED_OFFENDER"} | more
        return await self._made("/persons", body, auth)

    async def group(self, label: str, *, auth: str | None = None, **more: Any) -> str:
        return await self._made("/groups", {"label": label, "group_kind": "street"} | more, auth)

    async def claim(self, actor: str, predicate: str, *, auth: str | None = None, **more: Any) -> str:
        return await self._made(f"/actors/{actor}/claims", statement(predicate, **more), auth)

    async def _made(self, path: str, body: dict[str, Any], auth: str | None) -> str:
        answer = await self.post(path, {"grading": B2, "origin": "S1"} | body, auth=auth)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def search(self, text: str, *roles: str, auth: str | None = None, **query: Any) -> list[str]:
        """The labels found, the best fit first."""
        answer = await self.get("/actors", *roles, auth=auth, q=text, **query)
        assert answer.status_code == 200, answer.text
        return [item["label"] for item in answer.json()["items"]]

    async def told(self) -> list[dict[str, Any]]:
        """Every event so far: its short type and its data."""
        async with self.app.state.parts.database.read() as session:
            rows = (await session.execute(sa.select(OUTBOX.c.envelope).order_by(OUTBOX.c.seq))).all()
        return [{"type": row.envelope["type"].split(".")[3], **row.envelope["data"]} for row in rows]

    async def audited(self) -> list[Any]:
        """Every row of the audit chain."""
        async with self.app.state.parts.database.read() as session:
            return list((await session.execute(sa.select(AUDIT).order_by(AUDIT.c.seq))).all())


def statement(predicate: str, **more: Any) -> dict[str, Any]:
    """The body of a claim."""
    given = {"kind": "FACT", "verified": False, "grading": B2, "origin": "S1", "observed_at": SEEN}
    return {"predicate": predicate} | given | more


def conflict(one: str, two: str, **more: Any) -> dict[str, Any]:
    """The body that says two groups are at war."""
    return {"group_a": one, "group_b": two, "status": "war", "since": SEEN, "grading": B2, "origin": "S1"} | more
