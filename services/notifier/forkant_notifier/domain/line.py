"""What waits for a carrier that takes only so many messages at a time: LIFE first, then by due time."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from forkant_notifier.domain.attempts import Attempt
from forkant_notifier.domain.lanes import Lane


class Line:
    """The line before one carrier, in one process.

    At most `at_once` messages are with the carrier. Of these places NORMAL may take half, so that a LIFE message that
    comes while NORMAL ones are on their way finds a place free. Whoever waits holds a lease; one that has run out
    leaves the line, for the attempt is due again in the database.
    """

    def __init__(self, at_once: int) -> None:
        self.at_once = at_once
        self._waiting: dict[str, Attempt] = {}
        self._order: list[tuple[int, datetime, str]] = []
        self._away = dict.fromkeys(Lane, 0)

    def __len__(self) -> int:
        return len(self._waiting)

    def join(self, attempts: Iterable[Attempt]) -> None:
        """Wait in line; one that waits already is there once, under its later lease."""
        for attempt in attempts:
            if attempt.id not in self._waiting:
                heapq.heappush(self._order, (attempt.urgency, attempt.due_at, attempt.id))
            self._waiting[attempt.id] = attempt

    def next(self, now: datetime) -> Attempt | None:
        """The next one for whom there is a place; its place is taken until `back`."""
        while self._order:
            first = self._waiting.get(self._order[0][2])
            if first is None or first.lease is None or first.lease.until <= now:
                self._waiting.pop(heapq.heappop(self._order)[2], None)
                continue
            if not self._has_place(first.lane):
                return None
            heapq.heappop(self._order)
            del self._waiting[first.id]
            self._away[first.lane] += 1
            return first
        return None

    def _has_place(self, lane: Lane) -> bool:
        if sum(self._away.values()) >= self.at_once:
            return False
        return lane is Lane.LIFE or self._away[lane] < max(1, self.at_once // 2)

    def back(self, lane: Lane) -> None:
        """The carrier has answered for one of this lane: a place is free."""
        self._away[lane] -= 1

    def leases_before(self, at: datetime) -> Sequence[str]:
        """Attempts in line whose lease runs out before then."""
        return [one.id for one in self._waiting.values() if one.lease is not None and one.lease.until <= at]

    def renewed(self, ids: Iterable[str], until: datetime) -> None:
        """These are held longer."""
        for found in ids:
            attempt = self._waiting.get(found)
            if attempt is not None and attempt.lease is not None:
                self._waiting[found] = replace(attempt, lease=replace(attempt.lease, until=until))
