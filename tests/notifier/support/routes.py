"""A notifier whose routes are two real gateways on loopback."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from forkant_notifier.commands.receipts import ask_carriers, forget_unknown
from forkant_notifier.commands.routing import watch_routes
from forkant_notifier.timers import sweep
from forkant_shared.testing import FixedClock
from tests.notifier.support.desk import TestDesk, standing
from tests.notifier.support.gateway import SECRET, SECRET_IN, FakeGateway, fake_gateway

TEST_TO = "+4700000077"


def sms(name: str, url: str, **changed: Any) -> dict[str, Any]:
    """A gateway as an operator writes it."""
    return {
        "name": name,
        "url": f"{url}/send",
        "body": {"kind": "json", "fields": {"to": "{to}", "text": "{text}", "ref": "{reference}"}},
        "success": {"status": [200], "path": "status", "values": ["OK"]},
        "id": "messages.0.id",
        "test_to": TEST_TO,
        "secret": {"env": SECRET_IN},
        "reply": {"sender": "from", "text": "text"},
    } | changed


@dataclass
class Routed:
    """The desk and its gateways; `goes_on` lets seconds pass with everything that runs by itself at work."""

    desk: TestDesk
    first: FakeGateway
    second: FakeGateway

    async def goes_on(self, seconds: int, *, each: int = 5) -> None:
        for _ in range(max(1, seconds // each)):
            await sweep(self.desk.parts)
            await watch_routes(self.desk.parts)
            await self.desk.send()
            await ask_carriers(self.desk.parts)
            await forget_unknown(self.desk.parts)
            self.desk.clock.advance(timedelta(seconds=each))

    def state(self, name: str) -> str:
        return self.desk.desk.routes.standings[name].state.value

    async def tell(self, what: str, told: Any, *, name: str = "first", secret: str = SECRET) -> int:
        answer = await self.desk.client.post(
            f"/notifier/v1/gateways/{name}/{what}", json=told, headers={"Authorization": f"Bearer {secret}"}
        )
        return answer.status_code


@contextlib.asynccontextmanager
async def routed(
    folder: Path, clock: FixedClock, *, first: Any = None, second: Any = None, **more: Any
) -> AsyncIterator[Routed]:
    """Two SMS gateways, each with what is changed for it; `more` stands beside them in the routes file."""
    async with fake_gateway() as one, fake_gateway() as two:
        gateways = [sms("first", one.url, **(first or {})), sms("second", two.url, **(second or {}))]
        document = {"version": "t1", "gateways": [*gateways, *more.pop("gateways", [])]} | more
        settings = document.pop("settings", {})
        file = folder / "routes.yaml"
        file.write_text(yaml.safe_dump(document))
        async with standing(folder, clock, routes_file=file, **settings) as desk:
            desk.desk.policy = replace(desk.desk.policy, timeout=timedelta(seconds=1))
            yield Routed(desk, one, two)
