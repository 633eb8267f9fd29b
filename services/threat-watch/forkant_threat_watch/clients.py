"""What threat-watch asks of others over HTTP: only the registry, and never between a report and its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx2 as httpx

from forkant_shared.errors import Unavailable
from forkant_shared.machine import MachineTokens
from forkant_shared.parts import Parts

#: Somebody waits for the page that this is shown on.
PRESSURE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Pressure:
    """How often somebody was controlled in a number of days, and how often with family present."""

    controls: int
    with_family: int


class RegistryClient:
    """Asks the registry what actors are called, and how often they have been controlled."""

    def __init__(self, parts: Parts[Any]) -> None:
        self._tokens = MachineTokens(parts)
        self._peers = parts.peers
        self._url = parts.settings.registry_url.rstrip("/")

    async def names(self, actor_ids: Sequence[str]) -> dict[str, tuple[str, list[str]]]:
        """Label and names of up to 100 actors; those it may not tell of are left out. Raises Unavailable."""
        header = await self._tokens.header("forkant:registry.read")
        query = {"ids": list(actor_ids), "purpose": "PREVENT"}
        try:
            async with httpx.AsyncClient(transport=self._peers, timeout=10) as client:
                answer = await client.get(f"{self._url}/registry/v1/actors:names", params=query, headers=header)
                answer.raise_for_status()
                items = answer.json()["items"]
                return {item["id"]: (item["label"], _telling(item["names"])) for item in items}
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise Unavailable("The registry does not answer just now.") from error

    async def control_pressure(self, actor_ids: Sequence[str], days: int) -> dict[str, Pressure]:
        """The controls of up to 100 actors in the last `days` days; those it may not tell of are left out.

        Raises Unavailable where it does not answer, or does not count controls.
        """
        query: dict[str, Any] = {"ids": list(actor_ids), "days": days, "purpose": "PREVENT"}
        try:
            header = await self._tokens.header("forkant:registry.read")
            async with httpx.AsyncClient(transport=self._peers, timeout=PRESSURE_SECONDS) as client:
                answer = await client.get(f"{self._url}/registry/v1/actors:controls", params=query, headers=header)
                answer.raise_for_status()
                items = answer.json()["items"]
                return {item["id"]: Pressure(int(item["controls"]), int(item["with_family"])) for item in items}
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise Unavailable("The registry does not tell of controls just now.") from error


def _telling(names: Sequence[Mapping[str, str]]) -> list[str]:
    """The names that may stand for somebody by themselves; a weak nickname never does."""
    return [name["value"] for name in names if name["kind"] != "nickname"]
