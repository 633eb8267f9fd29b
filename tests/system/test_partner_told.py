"""The whole way to a partner: a threat, a ripe period, an event, a webhook, the picture fetched with its own token."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2 as httpx
import pytest

from forkant_embedded.app import Embedded
from forkant_shared.testing import FixedClock
from forkant_threat_watch.commands.situation import publish_pictures
from tests.notifier.support.receiver import receiver

CANARY = "Kanarifuglen"
REPORT = {
    "channel": "HANDLER",
    "grading": {"scale": "ADMIRALTY", "source": "B", "information": "3"},
    "origin": "S1",
    "kind": "FACT",
    "verified": False,
    "exposure": "NO",
    "text": f"{CANARY} har sagt at han skal ta en leder",
    "signals": [
        {
            "factor": "INTENT",
            "strength": "EXPLICIT",
            "imminence_hours": None,
            "aggressor": {"kind": "NAME", "name": CANARY},
            "target": {"kind": "ROLE", "code": "POLICE_LEADER"},
            "place": "0301-06",
        }
    ],
}


async def _as(client: httpx.AsyncClient, **who: Any) -> dict[str, str]:
    answer = await client.post("/auth/dev-token", json=who)
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def test_a_partner_is_told_that_there_is_a_picture_and_fetches_it_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORKANT_NOTIFIER_WEBHOOK_LOOPBACK", "true")
    clock = FixedClock(datetime.now(UTC))
    system = Embedded(tmp_path, clock=clock)
    scopes = ["forkant:subscriptions.write", "forkant:situation.read"]
    partner = {"organisation": "0192:312345676", "scopes": scopes}
    async with receiver() as hooked, system.running(), system.client() as client:
        body = {"url": hooked.url, "types": ["situation-updated"]}
        own = await _as(client, **partner)
        made = await client.post("/notifier/partner/v1/subscriptions", json=body, headers=own)
        assert made.status_code == 201, made.text
        report = {**REPORT, "observed_at": clock.now().isoformat()}
        told = {**await _as(client, user="source.handler"), "idempotency-key": "one"}
        assert (await client.post("/threat-watch/v1/reports", json=report, headers=told)).status_code == 201
        clock.advance(timedelta(weeks=7))
        assert await publish_pictures(system.apps["threat-watch"].state.parts) >= 1
        async with asyncio.timeout(20):
            while not hooked.told:
                await asyncio.sleep(0.05)
        own = await _as(client, **partner)
        data = hooked.told[0]["data"]
        found = await client.get(urlsplit(data["link"]).path, headers=own)
        assert found.status_code == 200, found.text
        assert data["id"] in [picture["begins"] for picture in found.json()["items"]]
        assert CANARY.encode() not in b"".join(hooked.bodies)
        assert set(hooked.told[0]) == {"type", "timestamp", "data"}
        assert set(data) == {"id", "link"}
