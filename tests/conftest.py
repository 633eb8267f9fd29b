"""Fixtures for all tests; nobody imports from here."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

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


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """What one test does to the loggers of this process, or a server it starts here, ends with it."""
    root = logging.getLogger()
    before = (root.handlers, root.level)
    libraries = {
        logger: (list(logger.handlers), logger.level, logger.propagate)
        for logger in root.manager.loggerDict.values()
        if isinstance(logger, logging.Logger)
    }
    structure, configured = structlog.get_config(), structlog.is_configured()
    yield
    root.handlers, root.level = before
    logging.captureWarnings(False)
    for logger in list(root.manager.loggerDict.values()):
        if isinstance(logger, logging.Logger):
            logger.handlers, level, logger.propagate = libraries.get(logger, ([], logging.NOTSET, True))
            logger.setLevel(level)
    if configured:
        structlog.configure(**structure)
    else:
        structlog.reset_defaults()
