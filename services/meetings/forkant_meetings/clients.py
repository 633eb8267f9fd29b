"""What other services are asked, in the name of the one who looks: the registry, for what actors are called."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2 as httpx

from forkant_meetings.settings import Settings
from forkant_shared.parts import Parts

TIMEOUT_SECONDS = 2.0
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Labels:
    """What the registry called these actors. `reached` False: it did not answer, and nobody has a name just now."""

    names: Mapping[str, str]
    reached: bool = True

    def of(self, actor_id: str) -> str:
        """The label, or the reference where there is none for this reader."""
        return self.names.get(actor_id, f"…{actor_id[-8:]}")


@dataclass(frozen=True, slots=True)
class Match:
    """A person the registry found for a name."""

    id: str
    label: str


async def names(parts: Parts[Settings], token: str, actor_ids: Collection[str]) -> Labels:
    """What the owner of `token` may know these actors as. Never raises: without the registry there are references."""
    wanted = sorted(set(actor_ids))
    if not wanted:
        return Labels({})
    groups = [wanted[start : start + AT_ONCE] for start in range(0, len(wanted), AT_ONCE)]
    asked = [_get(parts, token, "/registry/v1/actors:names", {"ids": group}) for group in groups]
    answers = await asyncio.gather(*asked)
    found = {item["id"]: item["label"] for answer in answers for item in (answer or {}).get("items", [])}
    return Labels(found, reached=all(answer is not None for answer in answers))


async def persons_like(parts: Parts[Settings], token: str, name: str) -> list[Match] | None:
    """Persons the owner of `token` may know of, the best fit first; None where the registry does not answer."""
    answer = await _get(parts, token, "/registry/v1/actors", {"q": name, "kind": "PERSON", "limit": 20})
    if answer is None:
        return None
    return [Match(item["id"], item["label"]) for item in answer.get("items", [])]


async def _get(parts: Parts[Settings], token: str, path: str, query: Mapping[str, Any]) -> dict[str, Any] | None:
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    try:
        async with httpx.AsyncClient(
            transport=parts.peers, base_url=parts.settings.registry_url, timeout=TIMEOUT_SECONDS
        ) as client:
            answer = await client.get(path, params=dict(query), headers=headers)
            answer.raise_for_status()
            found = answer.json()
    except (httpx.HTTPError, ValueError):
        return None
    return found if isinstance(found, dict) else None
