"""Fixtures for the tests of threat-watch; nobody imports from here."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import make_url

import forkant_threat_watch
from forkant_shared.database import sqlite_url
from forkant_shared.migrations import migrate
from forkant_shared.testing import running
from tests.threat_watch.followed import Followed
from tests.threat_watch.serving import Served
from tests.threat_watch.support.served import Watching, build, empty_database


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file, made once and copied for each test."""
    path = tmp_path_factory.mktemp("threat-watch") / "threat-watch.sqlite3"
    migrate(forkant_threat_watch, make_url(sqlite_url(str(path))))
    return path


@pytest.fixture
async def served(migrated: Path, tmp_path: Path) -> AsyncIterator[Served]:
    """threat-watch on a SQLite file of its own."""
    path = tmp_path / "threat-watch.sqlite3"
    shutil.copy(migrated, path)
    found = await Served.on(sqlite_url(str(path)))
    yield found
    await found.close()


@pytest.fixture
async def served_postgres(postgres_url: Callable[[], str]) -> AsyncIterator[Served]:
    """threat-watch on a PostgreSQL database of its own."""
    url = postgres_url()
    migrate(forkant_threat_watch, make_url(url))
    found = await Served.on(url)
    yield found
    await found.close()


@pytest.fixture(params=["served", pytest.param("served_postgres", marks=pytest.mark.connected)])
def served_on_both(request: pytest.FixtureRequest) -> Served:
    """threat-watch, once on SQLite and once on PostgreSQL."""
    found: Served = request.getfixturevalue(request.param)
    return found


@pytest.fixture
async def followed(served: Served) -> Followed:
    """A threat that somebody follows up."""
    return await Followed.at(served)


@pytest.fixture
async def followed_on_both(served_on_both: Served) -> Followed:
    """A threat that somebody follows up, once on SQLite and once on PostgreSQL."""
    return await Followed.at(served_on_both)


@pytest.fixture(scope="session")
def migrated_threat_watch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database in its newest shape, made once."""
    return empty_database(tmp_path_factory.mktemp("threat-watch"))


@pytest.fixture
def threat_watch_app(migrated_threat_watch: Path, tmp_path: Path) -> FastAPI:
    file = tmp_path / "threat-watch.db"
    shutil.copy(migrated_threat_watch, file)
    return build(file)


@pytest.fixture
async def watching(threat_watch_app: FastAPI) -> AsyncIterator[Watching]:
    async with running(threat_watch_app) as client:
        client.base_url = "https://forkant.test"
        yield Watching(threat_watch_app, client)
