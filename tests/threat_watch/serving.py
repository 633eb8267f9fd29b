"""A threat-watch on a database of its own whose bus a test steps by hand, and the ways to ask it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2 as httpx
from fastapi import FastAPI

from forkant_shared import outbox, testing
from forkant_shared.bus.embedded import EmbeddedBus
from forkant_shared.clock import new_id
from forkant_shared.command_line import all_topics
from forkant_shared.envelope import Event
from forkant_shared.events import topic_of
from forkant_shared.testing import FixedClock
from forkant_threat_watch.app import create_app
from forkant_threat_watch.settings import Settings

NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
GRADES = {"scale": "ADMIRALTY", "source": "A", "information": "2"}


@dataclass
class Served:
    """threat-watch, not running by itself: `carry` steps relay and consumer."""

    app: FastAPI
    clock: FixedClock
    bus: EmbeddedBus
    client: httpx.AsyncClient

    @classmethod
    async def on(cls, url: str) -> Served:
        clock = FixedClock(NOON)
        bus = EmbeddedBus(":memory:")
        app = create_app(Settings(mode="embedded", database_url=url), bus=bus, clock=clock)
        await bus.start()
        await bus.create_topics(all_topics())
        testing.trust(app)
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        return cls(app, clock, bus, httpx.AsyncClient(transport=transport, base_url="http://forkant.test"))

    async def close(self) -> None:
        await self.client.aclose()
        await self.bus.close()
        await self.app.state.parts.database.close()

    def head(self, *roles: str, **more: Any) -> dict[str, str]:
        return testing.bearer(testing.token(*roles, clock=self.clock, **more))

    def machine(self, *scopes: str) -> dict[str, str]:
        """The header of another system with these scopes."""
        return testing.bearer(testing.machine_token(*scopes, clock=self.clock))

    async def report(self, key: str | None = None, role: str = "source.handler", **changes: Any) -> httpx.Response:
        """Post a report: by default one good word about tonight, by a gang nobody has named before."""
        headers = self.head(role) | ({"Idempotency-Key": key} if key else {})
        return await self.client.post("/threat-watch/v1/reports", json=self.body(**changes), headers=headers)

    def body(self, **changes: Any) -> dict[str, Any]:
        body: dict[str, Any] = {
            "observed_at": self.clock.now().isoformat(),
            "channel": "HANDLER",
            "grading": GRADES,
            "origin": "S1",
            "kind": "FACT",
            "verified": False,
            "exposure": "NO",
            "text": "Noe skal skje.",
            "signals": [signal()],
        }
        body.update(changes)
        return {name: value for name, value in body.items() if value is not ...}

    async def threat(self, threat_id: str, role: str = "analyst") -> dict[str, Any]:
        answer = await self.client.get(f"/threat-watch/v1/threats/{threat_id}", headers=self.head(role))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def hear(self, *events: Event, times: int = 1) -> None:
        """Let other services say this, `times` times with the same ids, and carry it here."""
        messages = [
            outbox.envelope_of(event, version=1, clock=self.clock).to_message(topic_of(event.OWNER)) for event in events
        ]
        for _ in range(times):
            assert await self.bus.publish(messages) == [None] * len(messages)
            await testing.settle(self.app)

    async def said(self, kind: type[Event]) -> list[Event]:
        """What was told to the others, of this kind, in order."""
        async with self.app.state.parts.database.read() as session:
            rows = await session.execute(outbox.OUTBOX.select().order_by(outbox.OUTBOX.c.seq))
            return [kind.model_validate(row.envelope["data"]) for row in rows if row.envelope["type"] == kind.TYPE]

    def forward(self, **by: float) -> None:
        self.clock.advance(timedelta(**by))


def signal(**changes: Any) -> dict[str, Any]:
    """A signal of explicit intent between two groups."""
    found: dict[str, Any] = {
        "factor": "INTENT",
        "strength": "EXPLICIT",
        "aggressor": {"kind": "GROUP", "id": new_id()},
        "target": {"kind": "GROUP", "id": new_id()},
    }
    found.update(changes)
    return {name: value for name, value in found.items() if value is not ...}
