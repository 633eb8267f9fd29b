"""Fixtures for all tests; nobody imports from here."""

from __future__ import annotations

from pathlib import Path

import pytest

from forkant_shared.database import sqlite_url as url_of

pytest_plugins = ["tests.support.fixtures"]


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite file that does not exist yet."""
    return url_of(str(tmp_path / "test.sqlite3"))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.connected)])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_url"))
    return str(request.getfixturevalue("postgres_url")())
