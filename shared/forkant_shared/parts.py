"""What a service is made of once it runs: handed to every command, handler and worker."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import httpx2 as httpx

from forkant_shared import sessions
from forkant_shared.bus import Bus
from forkant_shared.clock import Clock
from forkant_shared.database import Database
from forkant_shared.identity import DESK, DEVELOPMENT, Issuer, TokenVerifier
from forkant_shared.settings import ServiceSettings

S = TypeVar("S", bound=ServiceSettings)


@dataclass
class Parts(Generic[S]):
    """`peers` is the way to other services where they live in the same process; None means over the network.

    `state` holds what one service alone keeps in memory (its policy, its wake-up events), by name.
    """

    settings: S
    database: Database
    bus: Bus
    clock: Clock
    tokens: TokenVerifier
    peers: httpx.AsyncBaseTransport | None = None
    state: dict[str, Any] = field(default_factory=dict)

    async def session_ended(self, session_id: str) -> bool:
        """Whether this browser session was ended, here or at the desk."""
        return await sessions.is_ended(self.database, session_id)

    @classmethod
    def build(cls, settings: S, *, bus: Bus, clock: Clock, peers: httpx.AsyncBaseTransport | None = None) -> Parts[S]:
        """The parts of a service with these settings; nothing is opened yet."""
        database = Database(settings.database_url, clock=clock, pool_size=settings.pool_size)
        tokens = TokenVerifier(trusted_issuers(settings), clock, peers)
        return cls(settings, database, bus, clock, tokens, peers)


def trusted_issuers(settings: ServiceSettings) -> list[Issuer]:
    """Whose tokens are believed: the desk's own, a configured one for machines, and in trial the made-up one."""
    desk_keys = settings.auth_url.rstrip("/") + "/auth/jwks.json"
    issuers = [Issuer(DESK, desk_keys, cookies=True)]
    if settings.allows_development:
        issuers.append(Issuer(DEVELOPMENT, desk_keys, cookies=True))
    if settings.machine_issuer and settings.machine_jwks_url:
        issuers.append(
            Issuer(
                settings.machine_issuer,
                settings.machine_jwks_url,
                algorithms=("RS256", "RS384", "RS512"),
                audience=settings.machine_audience,
            )
        )
    return issuers
