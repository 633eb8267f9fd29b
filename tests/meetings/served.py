"""The meetings app on a migrated SQLite file, with a clock that stands still and tokens made by that clock."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2 as httpx
import sqlalchemy as sa
from fastapi import FastAPI
from joserfc.jwk import KeySet

from forkant_meetings.app import create_app
from forkant_meetings.settings import Settings
from forkant_shared.bus.embedded import EmbeddedBus
from forkant_shared.clock import new_id
from forkant_shared.database import Session
from forkant_shared.envelope import Event
from forkant_shared.events import topic_of
from forkant_shared.identity import DEVELOPMENT, TokenSigner
from forkant_shared.outbox import OUTBOX, envelope_of
from forkant_shared.testing import FixedClock
from tests.meetings.builders import NOW

KEYS: list[bytes] = []

OFFICER = "dialogue.officer"
LEADER = "dialogue.leader"


@dataclass
class Served:
    """What a test holds in its hands."""

    app: FastAPI
    client: httpx.AsyncClient
    clock: FixedClock
    bus: EmbeddedBus
    signer: TokenSigner

    @property
    def parts(self) -> Any:
        return self.app.state.parts

    def token(self, role: str, *, user: str | None = None, actor_id: str | None = None, **more: Any) -> str:
        name = f"{user or role} Eksempel"
        return self.signer.person(
            user or role, name=name, roles=[role], lifetime=timedelta(hours=1), actor_id=actor_id, **more
        )

    def as_(self, role: str, **more: Any) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(role, **more)}"}

    def machine(self, *scopes: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.signer.machine('0192:312345676', scopes, timedelta(hours=1))}"}

    async def post(self, path: str, body: Any = None, *, role: str = OFFICER, **headers: str) -> httpx.Response:
        sent = {**self.as_(role), **{name.replace("_", "-"): value for name, value in headers.items()}}
        return await self.client.post(f"/meetings/v1{path}", json=body, headers=sent)

    async def put(self, path: str, body: Any = None, *, role: str = OFFICER, **headers: str) -> httpx.Response:
        sent = {**self.as_(role), **{name.replace("_", "-"): value for name, value in headers.items()}}
        return await self.client.put(f"/meetings/v1{path}", json=body, headers=sent)

    async def get(self, path: str, *, role: str = OFFICER) -> httpx.Response:
        return await self.client.get(f"/meetings/v1{path}", headers=self.as_(role))

    async def events(self) -> list[tuple[str, dict[str, Any]]]:
        """Every event handed to the outbox so far: short name and data."""
        async with self.parts.database.read() as session:
            rows = (await session.execute(sa.select(OUTBOX.c.envelope).order_by(OUTBOX.c.seq))).scalars()
            return [(row["type"].split(".")[-2], row["data"]) for row in rows]

    async def hear(self, *events: Event) -> None:
        """Put these on the bus as their owners would, and let the consumer take them."""
        messages = [
            envelope_of(event, version=1, clock=self.clock).to_message(topic_of(event.OWNER)) for event in events
        ]
        assert await self.bus.publish(messages) == [None] * len(messages)
        await self.listen()

    async def listen(self) -> None:
        while await self.app.state.running.consumer.step():
            pass

    async def dialogue(self, **changes: Any) -> str:
        body = {
            "group_id": new_id(),
            "phase": "I",
            "contacts": [{"subject": OFFICER}, {"subject": LEADER}],
            **changes,
        }
        answer = await self.post("/dialogues", body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def rows(self, statement: sa.Executable) -> list[Any]:
        session: Session
        async with self.parts.database.read() as session:
            return list((await session.execute(statement)).all())


@contextlib.asynccontextmanager
async def serving(url: str, *, peers: httpx.AsyncBaseTransport | None = None) -> AsyncIterator[Served]:
    """The app over this migrated database, without its workers: a test steps what it wants to see."""
    clock, bus = FixedClock(NOW), EmbeddedBus(":memory:")
    if not KEYS:
        KEYS.append(TokenSigner.with_new_key(DEVELOPMENT, clock).pem())
    signer = TokenSigner.from_pem(DEVELOPMENT, KEYS[0], clock)
    settings = Settings(mode="embedded", database_url=url)
    app = create_app(settings, bus=bus, clock=clock, peers=peers)
    issuer = app.state.parts.tokens.issuers[DEVELOPMENT]
    issuer.keys = KeySet.import_key_set({"keys": [signer.public()]})
    issuer.fetched_at = clock.now() + timedelta(days=3650)
    await bus.start()
    await bus.create_topics([topic_of(owner) for owner in ("registry", "threat-watch", "meetings", "notifier")])
    await bus.create_topics(["forkant.meetings.dead-letters"])
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    try:
        async with httpx.AsyncClient(transport=transport, base_url="https://forkant.test") as client:
            yield Served(app, client, clock, bus, signer)
    finally:
        await app.state.parts.database.close()
        await bus.close()
