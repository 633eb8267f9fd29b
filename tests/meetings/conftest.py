"""Fixtures for the tests of meetings; nobody imports from here."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2 as httpx
import pytest
from sqlalchemy import make_url

import forkant_meetings
from forkant_full.postgres_server import connect
from forkant_shared.database import sqlite_url
from forkant_shared.migrations import migrate
from tests.meetings.beside import registry
from tests.meetings.served import Served, serving


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file, made once and copied for each test."""
    path = tmp_path_factory.mktemp("meetings") / "meetings.sqlite3"
    migrate(forkant_meetings, make_url(sqlite_url(str(path))))
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> Iterator[str]:
    """The name of a migrated database, made once and copied for each test."""
    name = f"meetings_{uuid.uuid4().hex[:12]}"
    with connect(postgres_server) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    migrate(forkant_meetings, make_url(f"{postgres_server.rsplit('/', 1)[0]}/{name}"))
    yield name
    with connect(postgres_server) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


@pytest.fixture
def fresh_sqlite(migrated: Path, tmp_path: Path) -> str:
    """The URL of a migrated file of one's own."""
    path = tmp_path / "meetings.sqlite3"
    shutil.copy(migrated, path)
    return sqlite_url(str(path))


@pytest.fixture
def fresh_postgres(postgres_server: str, migrated_postgres: str) -> Iterator[str]:
    """The URL of a migrated database of one's own; it goes when the test is over."""
    name = f"test_{uuid.uuid4().hex[:16]}"
    with connect(postgres_server) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{migrated_postgres}"'.encode())
    yield f"{postgres_server.rsplit('/', 1)[0]}/{name}"
    with connect(postgres_server) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


@pytest.fixture
async def served(fresh_sqlite: str) -> AsyncIterator[Served]:
    """The app over a fresh file."""
    async with serving(fresh_sqlite) as found:
        yield found


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.connected)])
async def on_both(request: pytest.FixtureRequest) -> AsyncIterator[Served]:
    """The app over a fresh database, once on SQLite and once on PostgreSQL."""
    async with serving(request.getfixturevalue(f"fresh_{request.param}")) as found:
        yield found


@pytest.fixture
async def named(fresh_sqlite: str) -> AsyncIterator[Served]:
    """The app beside a registry that answers."""
    async with serving(fresh_sqlite, peers=httpx.ASGITransport(app=registry)) as found:
        yield found
