"""Whom the registry knows by a name, asked in the name of the one who looks; the name travels in a body, not a URL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import httpx2 as httpx

SECONDS = 3.0
AT_MOST = 5


@dataclass(frozen=True, slots=True)
class Known:
    """A person of the registry."""

    id: str
    label: str


async def persons_like(
    base_url: str, who: Mapping[str, str], name: str, transport: httpx.AsyncBaseTransport | None
) -> list[Known] | None:
    """Persons the asker may know of, the best fit first; None where it cannot be asked."""
    query = {"queries": {"caller": {"kind": "PERSON", "names": [name]}}, "limit": AT_MOST}
    try:
        async with httpx.AsyncClient(transport=transport, timeout=SECONDS) as client:
            answer = await client.post(f"{base_url.rstrip('/')}/registry/v1/match", json=query, headers=dict(who))
            if answer.status_code == 422:
                return []
            answer.raise_for_status()
            return [Known(one["id"], one["label"]) for one in answer.json()["responses"]["caller"]["results"]]
    except (httpx.HTTPError, ValueError, KeyError):
        return None
