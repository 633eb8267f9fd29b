"""A notifier on a fresh SQLite file, not running: tests step it and move its clock by hand."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2 as httpx
import sqlalchemy as sa
from fastapi import FastAPI

import forkant_notifier
from forkant_notifier.app import create_app, life
from forkant_notifier.clients.board import RouteBoard
from forkant_notifier.clients.route import Route
from forkant_notifier.commands.desk import Desk, NotifierParts, desk_of
from forkant_notifier.consumers import SUBSCRIPTIONS
from forkant_notifier.settings import Settings
from forkant_notifier.tables import SIGNING_KEYS
from forkant_notifier.timers import sweep
from forkant_notifier.timers.sender import Sender
from forkant_shared import testing
from forkant_shared.bus.embedded import EmbeddedBus
from forkant_shared.clock import Clock, new_id
from forkant_shared.database import sqlite_url
from forkant_shared.envelope import Event
from forkant_shared.events.threat_watch import EscalationRaised
from forkant_shared.migrations import migrate
from forkant_shared.outbox import envelope_of
from forkant_shared.testing import FixedClock
from tests.notifier.support.people import MONDAY

THREAT = "00000000-0000-7000-8000-000000000001"
LINES = {"duty.officer": "+4700000001", "duty.deputy": "+4700000002", "duty.leader": "+4700000003"}


def escalation(**changed: Any) -> EscalationRaised:
    """Threat-watch asks for a page."""
    told: dict[str, Any] = {
        "escalation_id": new_id(),
        "threat_id": THREAT,
        "lane": "LIFE",
        "rules": ["level-high"],
        "reason": "level-high",
        "raised_at": datetime.fromisoformat("2026-11-23T02:14:00Z"),
    }
    return EscalationRaised(**told | changed)


@dataclass
class TestDesk:
    """The app and its parts, with what tests do to them."""

    app: FastAPI
    parts: NotifierParts
    clock: FixedClock
    client: httpx.AsyncClient

    __test__ = False

    @property
    def desk(self) -> Desk:
        return desk_of(self.parts)

    async def hear(self, *events: Event) -> None:
        """Let the consumers handle events, each in a transaction of its own."""
        for event in events:
            envelope = envelope_of(event, version=1, clock=self.clock)
            async with self.parts.database.write() as session:
                await SUBSCRIPTIONS[type(event)](self.parts, session, event, envelope)

    async def send(self) -> None:
        """Let a sender of this instance take whatever is handed over or due, and store what came of it."""
        sender = Sender(self.parts)
        self.desk.mailbox.look = True
        await sender.drain()

    async def wait(self, seconds: int, *, each: int = 5) -> None:
        """Time passes, with the sweep and the sender at work each so many seconds."""
        await self.send()
        for _ in range(seconds // each):
            self.clock.advance(timedelta(seconds=each))
            await sweep(self.parts)
            await self.send()

    def as_user(self, user: str, **extra: Any) -> dict[str, str]:
        """The header of somebody with the role of that name, by the test's own clock."""
        assert self.desk.development
        token = self.desk.development.person(user, name=user, roles=[user], lifetime=timedelta(hours=12), **extra)
        return testing.bearer(token)

    async def get(self, path: str, user: str = "duty.officer") -> Any:
        answer = await self.client.get(path, headers=self.as_user(user))
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def pages(self, user: str = "duty.officer") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self.get(f"/notifier/v1/pages?threat={THREAT}", user)
        return found

    async def opened(self) -> dict[str, Any]:
        """An escalation was raised and has rung; its page."""
        await self.hear(escalation())
        await self.send()
        return (await self.pages())[0]

    async def messages(self, *, to: str | None = None) -> list[dict[str, Any]]:
        answer = await self.client.get("/notifier/sandbox/messages")
        return [m for m in answer.json() if to is None or m["to"] == to]

    async def reply(self, user: str, body: str) -> dict[str, Any]:
        answer = await self.client.post("/notifier/sandbox/replies", json={"from": LINES[user], "body": body})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def rows(self, statement: str) -> list[dict[str, Any]]:
        async with self.parts.database.read() as session:
            return [dict(row._mapping) for row in await session.execute(sa.text(statement))]


def settings_at(folder: Path, **changed: Any) -> Settings:
    given: dict[str, Any] = {"mode": "embedded", "database_url": fresh_database(folder)}
    return Settings(**given | changed)


_TEMPLATE: list[bytes] = []


def fresh_database(folder: Path) -> str:
    """The URL of a database as after the first start: migrated, with a signing key and the demo. Made once, copied."""
    path = folder / "notifier.sqlite3"
    if not _TEMPLATE:
        with ThreadPoolExecutor(1) as aside:
            aside.submit(asyncio.run, _first_start(path)).result()
        _TEMPLATE.append(path.read_bytes())
    path.write_bytes(_TEMPLATE[0])
    return sqlite_url(str(path))


async def _first_start(path: Path) -> None:
    settings = Settings(mode="embedded", database_url=sqlite_url(str(path)))
    migrate(forkant_notifier, sa.make_url(settings.database_url))
    pem = testing.signer().pem().decode()
    app = new_app(settings, FixedClock(MONDAY))
    parts: NotifierParts = app.state.parts
    async with parts.database.write() as session:
        await session.execute(SIGNING_KEYS.insert().values(id=1, pem=pem, made_at=MONDAY))
    async with life(parts):
        pass
    await parts.database.close()


def new_app(settings: Settings, clock: Clock, **parts: Any) -> FastAPI:
    """The app over a database of that kind."""
    return create_app(settings, bus=EmbeddedBus(":memory:"), clock=clock, **parts)


@contextlib.asynccontextmanager
async def standing(
    folder: Path, clock: FixedClock, *, routes: list[Route] | None = None, **changed: Any
) -> AsyncIterator[TestDesk]:
    """A desk whose workers do not run: the lifespan of its own is entered, relay, consumer and timers are not."""
    app = new_app(settings_at(folder, **changed), clock)
    parts: NotifierParts = app.state.parts
    if routes is not None:
        desk_of(parts).routes = RouteBoard(routes, desk_of(parts).routes.rules)
    async with life(parts):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="https://forkant.test") as client:
            yield TestDesk(app, parts, clock, client)
    await parts.database.close()
