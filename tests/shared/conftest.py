"""Fixtures of the kit's tests; nobody imports from here."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from forkant_full.postgres_server import connect
from forkant_shared import consumer
from forkant_shared.clock import SystemClock
from forkant_shared.database import Database, sqlite_url
from tests.shared.support.rig import Rig, rig_on
from tests.shared.support.tables import empty_tables, make_tables


@pytest.fixture(scope="session")
def sqlite_with_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file to copy: making the tables takes longer than most tests."""
    path = tmp_path_factory.mktemp("kit") / "kit.sqlite3"
    make_tables(sqlite_url(str(path)))
    return path


@pytest.fixture(scope="session")
def postgres_with_tables(postgres_server: str) -> Iterator[str]:
    """One database for all, emptied before each test."""
    name = f"kit_{uuid.uuid4().hex[:16]}"
    with connect(postgres_server) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    yield make_tables(f"{postgres_server.rsplit('/', 1)[0]}/{name}")
    with connect(postgres_server) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.connected)])
def kit_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with the kit's tables and no rows, on SQLite and on PostgreSQL."""
    if request.param == "postgres":
        return empty_tables(request.getfixturevalue("postgres_with_tables"))
    path = tmp_path / "kit.sqlite3"
    shutil.copy(request.getfixturevalue("sqlite_with_tables"), path)
    return sqlite_url(str(path))


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
