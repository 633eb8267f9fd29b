"""Fixtures of the kit's tests; nobody imports from here."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from forkant_shared import consumer
from forkant_shared.clock import SystemClock
from forkant_shared.database import Database
from tests.shared.support.rig import Rig, rig_on
from tests.shared.support.tables import make_tables


@pytest.fixture
def kit_url(database_url: str) -> str:
    """A database with the kit's tables, on SQLite and on PostgreSQL."""
    return make_tables(database_url)


@pytest.fixture
async def database(kit_url: str) -> AsyncIterator[Database]:
    """The same, opened."""
    opened = Database(kit_url, clock=SystemClock())
    yield opened
    await opened.close()


@pytest.fixture
async def rig(kit_url: str, quick: None) -> AsyncIterator[Rig]:
    """A service that tells itself things, on both databases."""
    async with rig_on(kit_url) as made:
        yield made


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pauses between tries, and released events are looked for at each step."""
    monkeypatch.setattr(consumer, "RETRY_SECONDS", 0.0)
    monkeypatch.setattr(consumer, "RELEASED_SECONDS", 0.0)
