"""A partner's side of webhooks: its token, its calls, and the clock that lets time pass between tries."""

from __future__ import annotations

import base64
from datetime import date, datetime, timedelta
from typing import Any

import httpx2 as httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from forkant_notifier.timers.webhooks import WebhookSender
from forkant_shared import testing
from forkant_shared.events.threat_watch import SituationUpdated
from tests.notifier.support.desk import TestDesk

SCOPE = "forkant:subscriptions.write"
OWN = "/notifier/partner/v1/subscriptions"
ALL = "/notifier/v1/subscriptions"


class Partner:
    """One organisation, at the desk of the test."""

    def __init__(self, desk: TestDesk, organisation: str = "0192:312345676", scope: str = SCOPE) -> None:
        self.desk = desk
        self.organisation, self.scope = organisation, scope

    @property
    def headers(self) -> dict[str, str]:
        assert self.desk.desk.development
        token = self.desk.desk.development.machine(self.organisation, [self.scope], timedelta(hours=12))
        return testing.bearer(token)

    async def call(self, method: str, path: str = "", body: Any = None) -> httpx.Response:
        return await self.desk.client.request(method, OWN + path, json=body, headers=self.headers)

    async def made(self, url: str, types: tuple[str, ...] = ("situation-updated",)) -> dict[str, Any]:
        """A new subscription, with its secret."""
        answer = await self.call("POST", body={"url": url, "types": list(types)})
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def read(self, path: str) -> Any:
        answer = await self.call("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def done(self, path: str, body: Any = None, status: int = 200) -> Any:
        answer = await self.call("POST", path, body)
        assert answer.status_code == status, answer.text
        return answer.json()


async def happen(desk: TestDesk, *days: str) -> None:
    """threat-watch says that pictures are out."""
    for day in days or ("2026-09-28",):
        await desk.hear(SituationUpdated(begins=date.fromisoformat(day), published_at=desk.clock.now()))


async def deliver(desk: TestDesk) -> None:
    """Let a sender of this instance try all that is due."""
    await WebhookSender(desk.parts).drain()


async def next_due(desk: TestDesk) -> datetime | None:
    """When the next delivery falls due."""
    rows = await desk.rows("select min(due_at) as due from webhook_deliveries where state = 'DUE'")
    return datetime.fromisoformat(rows[0]["due"]) if rows[0]["due"] else None


async def let_time_pass(desk: TestDesk, *, until: datetime | None = None) -> list[timedelta]:
    """Try again each time something falls due, until nothing does; how long each wait was."""
    waits = []
    while (due := await next_due(desk)) is not None and (until is None or due <= until):
        waits.append(due - desk.clock.now())
        desk.clock.advance(max(waits[-1], timedelta()))
        await deliver(desk)
    return waits


def verified_by(public_key: str, headers: dict[str, str], body: bytes) -> bool:
    """Whether one of the `v1a` signatures is by this key, judged with a library's ed25519 and nothing of ours."""
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key.removeprefix("whpk_")))
    told = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    for signature in headers["webhook-signature"].split(" "):
        version, _, given = signature.partition(",")
        if version == "v1a":
            try:
                key.verify(base64.b64decode(given), told)
            except InvalidSignature:
                continue
            return True
    return False
