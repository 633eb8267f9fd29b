"""Somebody reports all through the night, and keeps at it until each report is confirmed."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx2 as httpx

_TRY_SECONDS = 5.0


@dataclass
class Accepted:
    """What was promised for one idempotency key."""

    report: str
    threats: list[str]


@dataclass
class Ledger:
    """Everything that was confirmed, by idempotency key, and what should not have been said."""

    accepted: dict[str, Accepted] = field(default_factory=dict)
    complaints: Counter[str] = field(default_factory=Counter)
    tries: int = 0


def body(number: int) -> dict[str, Any]:
    """A report that pages at once. Every fifth says again what the one before said, and must not page twice."""
    case = number - 1 if number % 5 == 4 else number
    return {
        "observed_at": datetime.now(UTC).isoformat(),
        "channel": "HANDLER",
        "grading": {"scale": "ADMIRALTY", "source": "A", "information": "2"},
        "origin": f"S{number}",
        "kind": "FACT",
        "verified": False,
        "exposure": "NO",
        "text": "Prøve under uvær.",
        "signals": [
            {
                "factor": "INTENT",
                "strength": "EXPLICIT",
                "imminence_hours": 6,
                "aggressor": {"kind": "NAME", "name": f"Uværsgjengen {case}"},
                "target": {"kind": "NAME", "name": f"Uværsmannen {case}"},
            }
        ],
    }


class Traffic:
    """Posts until told to stop or `most` reports are confirmed, a few at a time."""

    def __init__(self, url: str, headers: dict[str, str], *, most: int, seed: int) -> None:
        self._url = url
        self._headers = headers
        self._most = most
        self._chance = random.Random(seed)
        self._next = 0
        self._bodies: dict[str, dict[str, Any]] = {}
        self.ledger = Ledger()
        self.stopping = asyncio.Event()

    async def run(self, *, at_once: int = 6, pause: float = 0.15) -> None:
        limits = httpx.Limits(max_connections=at_once * 2)
        async with httpx.AsyncClient(timeout=_TRY_SECONDS, limits=limits, trust_env=False) as client:
            await asyncio.gather(*(self._writer(client, pause) for _ in range(at_once)))

    async def one(self) -> httpx.Response:
        """Post one more report, once."""
        number, self._next = self._next, self._next + 1
        key = f"chaos-{number}"
        self._bodies[key] = body(number)
        async with httpx.AsyncClient(timeout=30.0, trust_env=False) as client:
            answer = await self._post(client, key)
        if answer.status_code == httpx.codes.CREATED:
            self._note(key, answer)
        return answer

    async def goes_on(self, reports: int = 5, seconds: float = 6.0) -> None:
        """Until some more are confirmed, so that there is something to lose at the next fault."""
        confirmed = len(self.ledger.accepted)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while len(self.ledger.accepted) < confirmed + reports and self._next < self._most:
                    await asyncio.sleep(0.05)

    async def again(self) -> list[str]:
        """Post every confirmed report once more; the keys that were not known any longer, or known as another."""
        forgotten = []
        async with httpx.AsyncClient(timeout=30.0, trust_env=False) as client:
            for key, accepted in self.ledger.accepted.items():
                answer = await self._post(client, key)
                if answer.status_code != 200 or answer.json()["id"] != accepted.report:
                    forgotten.append(f"{key}: {answer.status_code}")
        return forgotten

    async def _writer(self, client: httpx.AsyncClient, pause: float) -> None:
        while not self.stopping.is_set() and self._next < self._most:
            number, self._next = self._next, self._next + 1
            key = f"chaos-{number}"
            self._bodies[key] = body(number)
            await self._until_confirmed(client, key)
            await asyncio.sleep(self._chance.uniform(0, 2 * pause))

    async def _until_confirmed(self, client: httpx.AsyncClient, key: str) -> None:
        """As a client must: the same key and body again, until it is 201 or 200."""
        while True:
            self.ledger.tries += 1
            try:
                if self._chance.random() < 0.1:
                    # One who hangs up in the middle does not know whether it was taken.
                    async with asyncio.timeout(self._chance.uniform(0.001, 0.03)):
                        answer = await self._post(client, key)
                else:
                    answer = await self._post(client, key)
            except (httpx.HTTPError, TimeoutError):
                await asyncio.sleep(0.1)
                continue
            if answer.status_code in (200, 201):
                self._note(key, answer)
                return
            if answer.status_code not in (502, 503, 504):
                self.ledger.complaints[f"answered {answer.status_code}: {answer.text[:200]}"] += 1
            await asyncio.sleep(0.1)

    def _note(self, key: str, answer: httpx.Response) -> None:
        told = answer.json()
        self.ledger.accepted[key] = Accepted(told["id"], [threat["id"] for threat in told["threats"]])

    async def _post(self, client: httpx.AsyncClient, key: str) -> httpx.Response:
        headers = {**self._headers, "Idempotency-Key": key}
        return await client.post(f"{self._url}/threat-watch/v1/reports", json=self._bodies[key], headers=headers)
