"""The made-up city unit while it is being told: who has signed in, and what has been made so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx2 as httpx


@dataclass
class City:
    """What has been made so far, by its number in `demo.yaml`."""

    client: httpx.AsyncClient
    now: datetime
    told: dict[str, Any]
    began: float
    tokens: dict[str, dict[str, str]] = field(default_factory=dict)
    groups: list[str] = field(default_factory=list)
    persons: list[str] = field(default_factory=list)
    staff: list[str] = field(default_factory=list)
    dialogues: list[str] = field(default_factory=list)
    meetings: list[str] = field(default_factory=list)
    reports: list[dict[str, Any]] = field(default_factory=list)

    async def sign_in(self, *users: str) -> None:
        for user in users:
            answer = await self.client.post("/auth/dev-token", json={"user": user})
            answer.raise_for_status()
            self.tokens[user] = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    async def post(self, user: str, path: str, body: dict[str, Any], **headers: str) -> dict[str, Any]:
        """What the service answered. Raises RuntimeError with its problem where it refused."""
        return await self.send("POST", user, path, body, **headers)

    async def send(self, method: str, user: str, path: str, body: dict[str, Any], **headers: str) -> dict[str, Any]:
        """As `post`, by any method."""
        answer = await self.client.request(method, path, json=body, headers={**self.tokens[user], **headers})
        if answer.status_code >= 300:
            raise RuntimeError(f"{path} answered {answer.status_code}: {answer.text}")
        return dict(answer.json()) if answer.content else {}

    async def get(self, user: str, path: str) -> dict[str, Any]:
        """What stands there."""
        answer = await self.client.get(path, headers=self.tokens[user])
        answer.raise_for_status()
        return dict(answer.json())

    def ago(self, days: float) -> str:
        return (self.now - timedelta(days=days)).isoformat()
