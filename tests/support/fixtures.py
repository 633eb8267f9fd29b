"""Fixtures for tests that need a real Kafka or PostgreSQL; loaded by `tests/conftest.py` as a plugin."""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn, Protocol

import psycopg
import pytest

from forkant_full.kafka_server import KafkaServer, check_kafka
from forkant_full.postgres_server import check_postgres, connect
from forkant_full.processes import Missing
from forkant_shared.bus.kafka import KafkaBus
from forkant_shared.errors import Unavailable
from tests.support import servers

_MISSING = "not possible on this machine: "
_START_SECONDS = 60.0


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for the whole test run, the same for all its workers."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own


@pytest.fixture(scope="session")
def kafka_server(run_folder: Path) -> Iterator[str]:
    """`host:port` of a real Kafka, shared by the run: take topics and groups of your own."""
    try:
        with servers.kafka(run_folder) as bootstrap:
            asyncio.run(_wait_for_kafka(bootstrap))
            yield bootstrap
    except Missing as error:
        _missing(error)


@pytest.fixture(scope="session")
def postgres_server(run_folder: Path) -> Iterator[str]:
    """The superuser's URL of a real PostgreSQL, shared by the run: take databases from `postgres_url`."""
    try:
        with servers.postgres(run_folder) as url:
            _wait_for_postgres(url)
            yield url
    except Missing as error:
        _missing(error)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[Callable[[], str]]:
    """Call it for the URL of a fresh, empty database; they go when the test is over."""
    made: list[str] = []

    def fresh() -> str:
        name = f"test_{uuid.uuid4().hex[:16]}"
        with connect(postgres_server) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        made.append(name)
        return f"{postgres_server.rsplit('/', 1)[0]}/{name}"

    yield fresh
    with connect(postgres_server) as connection:
        for name in made:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


@pytest.fixture(scope="session")
def servers_here() -> None:
    """For tests that start the full system: its servers can be started on this machine."""
    try:
        check_kafka()
        check_postgres()
    except Missing as error:
        _missing(error)


class MakeKafka(Protocol):
    def __call__(
        self, *, start: bool = True, properties: Mapping[str, str] | None = None, format_with: Sequence[str] = ()
    ) -> KafkaServer: ...


@pytest.fixture
def make_kafka(tmp_path: Path) -> Iterator[MakeKafka]:
    """Makes Kafkas that belong to one test, which may stop, kill and pause them; killed when it is over."""
    made: list[KafkaServer] = []

    def make(
        *, start: bool = True, properties: Mapping[str, str] | None = None, format_with: Sequence[str] = ()
    ) -> KafkaServer:
        folder = tmp_path / f"kafka-{len(made)}"
        server = KafkaServer(folder, properties=properties, format_with=format_with)
        try:
            server.prepare()
            made.append(server)
            if start:
                server.start()
        except Missing as error:
            _missing(error)
        return server

    yield make
    for server in made:
        server.kill()


@pytest.fixture
def own_kafka(make_kafka: MakeKafka) -> KafkaServer:
    """One such, running."""
    return make_kafka()


def _missing(error: Missing) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"with CI=true nothing may be skipped: {error}", pytrace=False)
    pytest.skip(f"{_MISSING}{error}")


async def _wait_for_kafka(bootstrap: str) -> None:
    end = time.monotonic() + _START_SECONDS
    while True:
        try:
            await KafkaBus(bootstrap).create_topics([])
        except Unavailable:
            if time.monotonic() > end:
                raise
            await asyncio.sleep(0.2)
        else:
            return


def _wait_for_postgres(url: str) -> None:
    end = time.monotonic() + _START_SECONDS
    while True:
        try:
            connect(url).close()
        except psycopg.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
        else:
            return


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One loud line for each thing that this machine lacks."""
    reasons: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if _MISSING in reason:
            said = reason.partition(_MISSING)[2]
            reasons[said] = reasons.get(said, 0) + 1
    for said, count in reasons.items():
        line = f"!!! {count} tests SKIPPED on this machine: {said}"
        terminalreporter.write_line(line, red=True, bold=True)
