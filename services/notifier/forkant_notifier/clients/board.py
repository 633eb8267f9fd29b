"""Which route first: the operator's order, but one that keeps failing goes to the back."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from forkant_notifier.clients.route import Route
from forkant_notifier.domain.attempts import Outcome
from forkant_notifier.domain.lanes import Channel

FAILURES = 3
WITHIN = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class RouteHealth:
    """How a route has done lately; `last_good` None before it has carried anything in this process."""

    name: str
    channels: tuple[Channel, ...]
    failing: bool
    last_good: datetime | None


class RouteBoard:
    """The routes of this process and their health. One failing route is never taken away, only asked last."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self.routes = {route.name: route for route in routes}
        self._failures: dict[str, deque[datetime]] = {name: deque(maxlen=FAILURES) for name in self.routes}
        self._last_good: dict[str, datetime] = {}

    def order(self, channel: Channel, now: datetime) -> list[str]:
        """The routes that carry this channel, best first."""
        able = [name for name, route in self.routes.items() if channel in route.channels]
        return sorted(able, key=lambda name: self._failing(name, now))

    def note(self, name: str, outcome: Outcome, now: datetime) -> None:
        """Remember how a submission went."""
        if outcome in (Outcome.SUBMITTED, Outcome.DELIVERED):
            self._last_good[name] = now
            self._failures[name].clear()
        else:
            self._failures[name].append(now)

    def health(self, now: datetime) -> list[RouteHealth]:
        return [
            RouteHealth(name, tuple(sorted(route.channels)), self._failing(name, now), self._last_good.get(name))
            for name, route in self.routes.items()
        ]

    def _failing(self, name: str, now: datetime) -> bool:
        failures = self._failures[name]
        return len(failures) == FAILURES and now - failures[0] <= WITHIN

    async def close(self) -> None:
        for route in self.routes.values():
            await route.close()
