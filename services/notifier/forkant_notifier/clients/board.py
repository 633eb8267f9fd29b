"""The routes of this process: which is asked first, and how each is doing. A timer keeps it in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from forkant_notifier.clients.route import RECIPIENT, Route
from forkant_notifier.domain import route_health
from forkant_notifier.domain.attempts import Outcome
from forkant_notifier.domain.lanes import Channel
from forkant_notifier.domain.route_health import RouteRules, RouteState, Standing
from forkant_shared.errors import NotFound


@dataclass(frozen=True, slots=True)
class RouteHealth:
    """How a route is doing. `tested`: it has an address for messages that wake nobody."""

    name: str
    channels: tuple[Channel, ...]
    standing: Standing
    proven: bool
    tested: bool

    @property
    def failing(self) -> bool:
        return self.standing.state is not RouteState.GOOD

    @property
    def last_good(self) -> datetime | None:
        return self.standing.last_good_at


class RouteBoard:
    """The routes in the operator's order. A failing route is never taken away, only asked last.

    `test_to` names, for a route, the address where a message wakes nobody; `at_once` how many messages a carrier takes
    at a time, where it takes no more.
    """

    def __init__(
        self,
        routes: Sequence[Route],
        rules: RouteRules,
        test_to: Mapping[str, str] | None = None,
        at_once: Mapping[str, int] | None = None,
    ) -> None:
        self.routes = {route.name: route for route in routes}
        self.rules = rules
        self.test_to = dict(test_to or {})
        self.at_once = dict(at_once or {})
        self.standings = {name: Standing(name) for name in self.routes}
        #: What the database was last told, and the routes of which it does not know all.
        self.stored = dict(self.standings)
        self.changed: set[str] = set()

    def order(self, channel: Channel, now: datetime) -> list[str]:
        """The routes that carry this channel, best first."""
        able = [name for name, route in self.routes.items() if channel in route.channels]
        return sorted(able, key=lambda name: self._asked_last(name, now))

    def _asked_last(self, name: str, now: datetime) -> bool:
        standing = self.standings[name]
        if standing.state is RouteState.GOOD:
            return False
        failed = standing.last_failed_at
        # Without a test address only a real message can show that it is back, so now and then it gets one first.
        return name in self.test_to or failed is None or now - failed <= self.rules.within

    def note(self, name: str, outcome: Outcome, now: datetime, cause: str | None = None) -> None:
        """Remember how a submission went, unless that lies with whom it was for."""
        before = self.standings[name]
        if outcome in (Outcome.SUBMITTED, Outcome.DELIVERED):
            proof = outcome is Outcome.DELIVERED or not self.routes[name].gives_receipts
            self.put(route_health.went_well(before, self.rules, now, proof=proof))
        elif cause not in RECIPIENT:
            self.put(route_health.went_wrong(before, cause, self.rules, now))

    def delivered(self, name: str, now: datetime) -> None:
        """A carrier has reported a message as delivered."""
        if name in self.standings:
            self.put(route_health.went_well(self.standings[name], self.rules, now, proof=True))

    def put(self, standing: Standing) -> None:
        """This is how a route is doing; to be stored at the next occasion."""
        if self.standings[standing.name] != standing:
            self.standings[standing.name] = standing
            self.changed.add(standing.name)

    def health(self, now: datetime) -> list[RouteHealth]:
        """Every route in the order in which it would be asked."""
        names = sorted(self.routes, key=lambda name: self._asked_last(name, now))
        return [
            RouteHealth(
                name,
                tuple(sorted(self.routes[name].channels)),
                self.standings[name],
                route_health.is_proven(self.standings[name], self.rules, now),
                name in self.test_to,
            )
            for name in names
        ]

    def tested_at_address(self, name: str) -> str:
        """Where a message by this route wakes nobody. Raises NotFound."""
        if name not in self.routes or name not in self.test_to:
            raise NotFound(
                "There is no such route, or it has no address for tests.",
                field="name",
                remedy="Give the route a `test_to` in the routes file.",
            )
        return self.test_to[name]

    async def close(self) -> None:
        for route in self.routes.values():
            await route.close()
