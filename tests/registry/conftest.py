"""Fixtures of the registry's tests; nobody imports from here."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2 as httpx
import pytest
from fastapi import FastAPI

from forkant_shared.testing import running
from tests.registry.support.service import Registry, build, empty_database


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database in its newest shape, made once."""
    return empty_database(tmp_path_factory.mktemp("registry"))


@pytest.fixture
def app(migrated: Path, tmp_path: Path) -> FastAPI:
    file = tmp_path / "registry.db"
    shutil.copy(migrated, file)
    return build(file)


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with running(app) as client:
        yield client


@pytest.fixture
def registry(app: FastAPI, http: httpx.AsyncClient) -> Registry:
    return Registry(app, http)
