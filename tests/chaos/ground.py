"""What the killed processes stand on: fresh databases and a bus, embedded or real, and the events put there."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import psycopg
import sqlalchemy as sa
from psycopg.rows import dict_row

import forkant_notifier
from forkant_full.kafka_server import KafkaServer
from forkant_full.postgres_server import PostgresServer, connect
from forkant_notifier.app import create_app, life
from forkant_notifier.settings import Settings
from forkant_shared.bus import Bus
from forkant_shared.bus.embedded import EmbeddedBus
from forkant_shared.bus.kafka import KafkaBus
from forkant_shared.clock import SystemClock, new_id
from forkant_shared.database import sqlite_url
from forkant_shared.events import OWNERS, topic_of
from forkant_shared.events.threat_watch import EscalationRaised
from forkant_shared.migrations import migrate
from forkant_shared.outbox import envelope_of
from tests.chaos.victim import forked


class Ground(Protocol):
    name: str
    #: Whether a notifier must come back under its own name, as a member of a group does.
    one_name: bool

    def prepare(self) -> None: ...
    def lay(self, folder: Path, lanes: Sequence[str]) -> list[str]:
        """A fresh database, and escalations on the bus; their ids."""
        ...

    def database(self, folder: Path) -> str: ...
    def bus(self, folder: Path) -> Bus: ...
    def rows(self, folder: Path, query: str) -> list[dict[str, Any]]:
        """What the database says; from outside, beside whoever is using it."""
        ...

    def clear(self, folder: Path) -> None: ...
    def close(self) -> None: ...


def same(found: object) -> str:
    """An id as it is compared: SQLite keeps them without strokes."""
    return str(found).replace("-", "")


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: same(value) if name.endswith("id") and value else value for name, value in row.items()}


def waited(pid: int) -> int:
    """The exit code of a child of ours; negative where a signal ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def in_own_process(act: Any) -> None:
    """Do this in a child, so that this process never has a thread or a connection that a fork would copy."""
    if waited(forked(act)) != 0:
        raise RuntimeError("what had to be prepared could not be")


async def _first_start(database: str) -> None:
    """The database as after the first start: tables, key, people and a rota."""
    migrate(forkant_notifier, sa.make_url(database))
    app = create_app(Settings(mode="embedded", database_url=database), bus=EmbeddedBus(":memory:"), clock=SystemClock())
    async with life(app.state.parts):
        pass
    await app.state.parts.database.close()


async def _publish(bus: Bus, lanes: Sequence[str], ids: Sequence[str]) -> None:
    await bus.start()
    topic = topic_of("threat-watch")
    now = datetime.now(UTC)
    messages = []
    for lane, escalation in zip(lanes, ids, strict=True):
        event = EscalationRaised(
            escalation_id=escalation, threat_id=new_id(), lane=lane, rules=["level-high"], reason="level-high",
            raised_at=now,
        )  # fmt: skip
        messages.append(envelope_of(event, version=1, clock=SystemClock()).to_message(topic))
    outcomes = await bus.publish(messages)
    await bus.close()
    if any(outcomes):
        raise RuntimeError(f"not on the bus: {outcomes}")


class OnSqlite:
    """SQLite and the durable embedded bus: a file each, copied for every run."""

    name, one_name = "SQLite and the embedded bus", False

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._laid = 0

    def prepare(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        url = sqlite_url(str(self._folder / "template.sqlite3"))
        in_own_process(lambda: asyncio.run(_first_start(url)))

    def lay(self, folder: Path, lanes: Sequence[str]) -> list[str]:
        shutil.copy(self._folder / "template.sqlite3", folder / "notifier.sqlite3")
        ids = [new_id() for _ in lanes]
        in_own_process(lambda: asyncio.run(_publish(self.bus(folder), lanes, ids)))
        return ids

    def database(self, folder: Path) -> str:
        return sqlite_url(str(folder / "notifier.sqlite3"))

    def bus(self, folder: Path) -> Bus:
        return EmbeddedBus(str(folder / "bus.sqlite3"))

    def rows(self, folder: Path, query: str) -> list[dict[str, Any]]:
        connection = sqlite3.connect(folder / "notifier.sqlite3", timeout=10)
        connection.row_factory = sqlite3.Row
        try:
            return [_plain(dict(row)) for row in connection.execute(query)]
        finally:
            connection.close()

    def clear(self, folder: Path) -> None:
        shutil.rmtree(folder)

    def close(self) -> None:
        return


class OnServers:
    """A real PostgreSQL, with a database for every run, and a real Kafka."""

    name, one_name = "PostgreSQL and Kafka", True

    def __init__(self, folder: Path) -> None:
        self._postgres = PostgresServer(folder / "postgres")
        self._kafka = KafkaServer(folder / "kafka")

    def prepare(self) -> None:
        self._postgres.start()
        self._kafka.start()
        in_own_process(lambda: asyncio.run(self._make_topics()))
        with connect(self._postgres.url) as admin:
            admin.execute("CREATE DATABASE template_notifier")
        url = self._of("template_notifier")
        in_own_process(lambda: asyncio.run(_first_start(url)))

    async def _make_topics(self) -> None:
        bus = KafkaBus(self._kafka.bootstrap)
        await bus.create_topics([topic_of(owner) for owner in OWNERS])
        await bus.close()

    def _of(self, name: str) -> str:
        return f"{self._postgres.url.rpartition('/')[0]}/{name}"

    def lay(self, folder: Path, lanes: Sequence[str]) -> list[str]:
        with connect(self._postgres.url) as admin:
            admin.execute(f"CREATE DATABASE run_{folder.name} TEMPLATE template_notifier".encode())
        ids = [new_id() for _ in lanes]
        in_own_process(lambda: asyncio.run(_publish(self.bus(folder), lanes, ids)))
        return ids

    def database(self, folder: Path) -> str:
        return self._of(f"run_{folder.name}")

    def bus(self, folder: Path) -> Bus:
        return KafkaBus(self._kafka.bootstrap)

    def rows(self, folder: Path, query: str) -> list[dict[str, Any]]:
        url = self.database(folder).replace("+psycopg", "")
        with psycopg.connect(url, row_factory=dict_row, autocommit=True) as connection:
            return [_plain(row) for row in connection.execute(query.encode()).fetchall()]

    def clear(self, folder: Path) -> None:
        with connect(self._postgres.url) as admin:
            admin.execute(f"DROP DATABASE run_{folder.name} WITH (FORCE)".encode())
        shutil.rmtree(folder)

    def close(self) -> None:
        self._kafka.kill()
        self._postgres.kill()


def end(pid: int) -> None:
    """`kill -9`, and the child is gone when this returns."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    os.waitpid(pid, 0)
