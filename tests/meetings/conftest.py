"""Fixtures for the tests of meetings."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

import forkant_meetings
from forkant_shared.database import sqlite_url
from forkant_shared.migrations import migrate
from tests.meetings.served import Served, serving


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file, made once and copied for each test."""
    path = tmp_path_factory.mktemp("meetings") / "meetings.sqlite3"
    migrate(forkant_meetings, make_url(sqlite_url(str(path))))
    return path


@pytest.fixture
async def served(migrated: Path, tmp_path: Path) -> AsyncIterator[Served]:
    """The app over a fresh file."""
    path = tmp_path / "meetings.sqlite3"
    shutil.copy(migrated, path)
    async with serving(path) as found:
        yield found
