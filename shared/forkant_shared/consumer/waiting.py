"""Partitions that wait for something that is away: how long each pauses, and when it is tried again."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass

from forkant_shared.bus import TopicPartition
from forkant_shared.database import Database

FIRST_PAUSE_SECONDS = 0.125
BACKOFF_CAP_SECONDS = 60.0
PROBE_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class _Wait:
    """Times of the event loop, in seconds."""

    since: float
    pause: float
    until: float


class WaitingPartitions:
    """A try that fails doubles its partition's pause, up to a minute; a database that answers again ends all pauses."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waits: dict[TopicPartition, _Wait] = {}
        self._database_away = False
        self._next_probe = 0.0

    @property
    def longest(self) -> float:
        """Seconds that the longest has waited."""
        now = asyncio.get_running_loop().time()
        return max((now - wait.since for wait in self._waits.values()), default=0.0)

    async def add(self, place: TopicPartition) -> None:
        """It failed, for the first time or once more."""
        now = asyncio.get_running_loop().time()
        known = self._waits.get(place)
        since, pause = (known.since, known.pause) if known else (now, FIRST_PAUSE_SECONDS)
        self._waits[place] = _Wait(since, min(BACKOFF_CAP_SECONDS, pause * 2), now + pause)
        self._database_away = not await self._database.answers()

    def done(self, place: TopicPartition) -> None:
        """It went through."""
        self._waits.pop(place, None)

    async def due(self, held: Collection[TopicPartition]) -> list[TopicPartition]:
        """Those to try again now. What is not `held` any more is another member's to wait for."""
        self._waits = {place: wait for place, wait in self._waits.items() if place in held}
        if not self._waits:
            return []
        now = asyncio.get_running_loop().time()
        if self._database_away and now >= self._next_probe:
            self._next_probe = now + PROBE_SECONDS
            if await self._database.answers():
                self._database_away = False
                return list(self._waits)
        return [place for place, wait in self._waits.items() if wait.until <= now]
