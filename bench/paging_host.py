"""One notifier to be measured: embedded, as a process that also publishes (there is one process there), or full.

`python -m bench.paging_host FOLDER URL` is the embedded one: each line on its standard input is a list of events to
publish, and what it prints is the time at which it began to. Threat-watch's heartbeats come beside them, as they do.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2 as httpx
import sqlalchemy as sa

import forkant_notifier
from bench.systems import free_port
from forkant_full.kafka_server import KafkaServer
from forkant_full.postgres_server import PostgresServer
from forkant_notifier.app import create_app, life
from forkant_notifier.settings import Settings
from forkant_shared.bus import Bus, Message
from forkant_shared.bus.embedded import EmbeddedBus
from forkant_shared.bus.kafka import KafkaBus
from forkant_shared.clock import SystemClock
from forkant_shared.database import sqlite_url
from forkant_shared.events import OWNERS, topic_of
from forkant_shared.events.threat_watch import EscalationRaised, WatchHeartbeat
from forkant_shared.migrations import migrate
from forkant_shared.outbox import envelope_of

TOPIC = topic_of("threat-watch")
WATCH, BEAT_SECONDS = "00000000-0000-7000-8000-000000000077", 5.0


@dataclass
class Host:
    """A running notifier: its process, its database, and a way to put events on its bus."""

    name: str
    pid: int
    database: str
    tell: Any

    def publish(self, events: Sequence[dict[str, str]]) -> float:
        """Put them there together; the time (of the machine's clock) at which that began."""
        return float(self.tell(events))


def messages(events: Sequence[dict[str, str]]) -> list[Message]:
    """Escalations as threat-watch would raise them."""
    now = datetime.now(UTC)
    raised = [EscalationRaised(**event, rules=["level-high"], reason="level-high", raised_at=now) for event in events]
    return [envelope_of(event, version=1, clock=SystemClock()).to_message(TOPIC) for event in raised]


async def first_start(database: str) -> None:
    """The database as after the first start: tables, key, the demo's people and rota."""
    await asyncio.to_thread(migrate, forkant_notifier, sa.make_url(database))
    app = create_app(Settings(mode="embedded", database_url=database), bus=EmbeddedBus(":memory:"), clock=SystemClock())
    async with life(app.state.parts):
        pass
    await app.state.parts.database.close()


async def beat(bus: Bus) -> None:
    """Be alive, as threat-watch is."""
    for sequence in itertools.count(int(time.time())):
        event = WatchHeartbeat(watch_id=WATCH, sequence=sequence, beat_at=datetime.now(UTC))
        await bus.publish([envelope_of(event, version=sequence, clock=SystemClock()).to_message(TOPIC)])
        await asyncio.sleep(BEAT_SECONDS)


@contextlib.contextmanager
def embedded(folder: Path, database: str) -> Iterator[Host]:
    """SQLite and the durable embedded bus, in one process."""
    command = [sys.executable, "-m", "bench.paging_host", str(folder), database]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin and process.stdout
    said, heard = process.stdin, process.stdout

    def tell(events: Sequence[dict[str, str]]) -> str:
        said.write(json.dumps(events) + "\n")
        said.flush()
        return heard.readline()

    try:
        if heard.readline() != "ready\n":
            raise RuntimeError("the notifier did not start")
        yield Host("embedded", process.pid, database, tell)
    finally:
        process.kill()
        process.wait()


async def _serve(folder: Path, database: str) -> None:
    settings = Settings(mode="embedded", database_url=database, routes_file=folder / "routes.yaml")
    bus = EmbeddedBus(str(folder / "bus.sqlite3"))
    app = create_app(settings, bus=bus, clock=SystemClock())
    loop, lines = asyncio.get_running_loop(), asyncio.StreamReader(limit=2**24)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async with app.router.lifespan_context(app):
        beating = asyncio.create_task(beat(bus))
        await asyncio.sleep(1)
        print("ready", flush=True)
        while line := await lines.readline():
            ready = messages(json.loads(line))
            began = time.time()
            await bus.publish(ready)
            print(began, flush=True)
    beating.cancel()


@contextlib.contextmanager
def servers(folder: Path) -> Iterator[tuple[PostgresServer, KafkaServer]]:
    """A real PostgreSQL that waits for its disk, and a real Kafka."""
    postgres, kafka = PostgresServer(folder / "postgres"), KafkaServer(folder / "kafka")
    try:
        postgres.start()
        kafka.start()
        yield postgres, kafka
    finally:
        kafka.kill()
        postgres.kill()


@contextlib.contextmanager
def full(folder: Path, database: str, kafka: str) -> Iterator[Host]:
    """`python -m forkant_notifier serve` on PostgreSQL and Kafka, as it is deployed; events come from outside."""
    port = free_port()
    given = {
        "MODE": "full",
        "DATABASE_URL": database,
        "KAFKA": kafka,
        "PORT": str(port),
        "ROUTES_FILE": str(folder / "routes.yaml"),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "AUTH_URL": f"http://127.0.0.1:{port}",
        "LOG_LEVEL": "ERROR",
    }
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FORKANT_")}
    environment |= {"FORKANT_TRIAL": "yes"} | {f"FORKANT_NOTIFIER_{name}": value for name, value in given.items()}
    process = subprocess.Popen([sys.executable, "-m", "forkant_notifier", "serve"], env=environment)
    try:
        with _loop_aside() as loop:
            bus: Bus = KafkaBus(kafka)

            def run(act: Coroutine[Any, Any, Any]) -> Any:
                return asyncio.run_coroutine_threadsafe(act, loop).result()

            run(bus.start())
            beating = asyncio.run_coroutine_threadsafe(beat(bus), loop)
            _wait_ready(f"http://127.0.0.1:{port}/notifier/health/ready")
            yield Host("full", process.pid, database, lambda events: run(_publish(bus, events)))
            beating.cancel()
            run(bus.close())
    finally:
        process.terminate()
        process.wait(20)


@contextlib.contextmanager
def _loop_aside() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop that runs in a thread of its own, so that heartbeats go on while the bench waits."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _publish(bus: Bus, events: Sequence[dict[str, str]]) -> float:
    ready = messages(events)
    began = time.time()
    await bus.publish(ready)
    return began


async def make_topics(kafka: str) -> None:
    bus = KafkaBus(kafka)
    await bus.create_topics([topic_of(owner) for owner in OWNERS])
    await bus.close()


def _wait_ready(url: str, seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(url, timeout=2, trust_env=False).status_code == 200:
                time.sleep(1)
                return
        time.sleep(0.1)
    raise RuntimeError("the notifier did not get ready")


def database_in(folder: Path) -> str:
    """The URL of a SQLite file there."""
    return sqlite_url(str(folder / "notifier.sqlite3"))


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]), sys.argv[2]))
