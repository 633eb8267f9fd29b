"""What is put to the test: the full system and the embedded one, and how each of their parts is made to fail."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Protocol

import httpx2 as httpx

from forkant_full.kafka_server import KafkaServer
from forkant_full.postgres_server import PostgresServer
from forkant_full.processes import Process, free_port
from forkant_full.system import PACKAGES, System
from forkant_shared.bus import Bus
from forkant_shared.bus.embedded import EmbeddedBus
from forkant_shared.bus.kafka import KafkaBus
from tests.chaos.faults import Fault

_READY_SECONDS = 60.0
_CRASH_SECONDS = 8.0
_BUGS = ('"request-bug"', '"worker-fell"')

#: Where `crash_point` stands in the code that each service runs.
POINTS: Mapping[str, Sequence[str]] = {
    "registry": ("relay-published", "consumer-applied"),
    "meetings": ("consumer-applied",),
    "threat-watch": ("relay-published", "consumer-applied"),
    "notifier": ("relay-published", "consumer-applied", "notifier-leased", "notifier-submitted"),
}


class Target(Protocol):
    url: str
    shares: ClassVar[Mapping[tuple[str, str], int]]
    points: ClassVar[Mapping[str, Sequence[str]]]

    def start(self) -> None: ...
    def stop(self) -> None: ...
    async def suffer(self, fault: Fault) -> None:
        """Let it happen, and get up again; returns once what fell answers."""
        ...

    async def heal(self) -> None:
        """Until everything says that it is ready."""
        ...

    def database(self, service: str) -> str:
        """The URL for SQLAlchemy, of a service's own data."""
        ...

    def last_words(self) -> str:
        """The ends of all logs, for the one who must find out what happened."""
        ...

    def bugs(self) -> list[str]:
        """What the services themselves logged as a bug: whatever falls, they must know what it is."""
        ...

    def bus(self) -> Bus:
        """Another look at the log; opened when nothing is being killed any more."""
        ...


class Full:
    """Kafka, PostgreSQL and four services, each a process."""

    points: ClassVar[Mapping[str, Sequence[str]]] = POINTS
    shares: ClassVar[Mapping[tuple[str, str], int]] = {
        ("kill", "threat-watch"): 3,
        ("kill", "notifier"): 3,
        ("crash", "threat-watch"): 3,
        ("crash", "notifier"): 4,
        ("pause", "threat-watch"): 3,
        ("pause", "notifier"): 3,
        ("kill", "registry"): 1,
        ("kill", "meetings"): 1,
        ("stop", "postgres"): 3,
        ("kill", "postgres"): 3,
        ("pause", "postgres"): 3,
        ("stop", "kafka"): 1,
        ("kill", "kafka"): 1,
        ("pause", "kafka"): 2,
    }

    def __init__(self, var: Path) -> None:
        self._system = System(var, port=free_port())
        self.url = self._system.url

    def start(self) -> None:
        self._system.start()

    def stop(self) -> None:
        self._system.stop()

    async def suffer(self, fault: Fault) -> None:
        if fault.target in self._system.services:
            name = fault.target
            live = f"{self._system.service_url(name)}/{name}/health/live"
            await _process_suffers(self._system.services[name], fault, live)
        else:
            await _server_suffers(self._system.kafka if fault.target == "kafka" else self._system.postgres, fault)

    @contextlib.asynccontextmanager
    async def without(self, part: str) -> AsyncIterator[None]:
        """One service, or Kafka, is away inside; it is ready again afterwards."""
        if part == "kafka":
            await asyncio.to_thread(self._system.kafka.stop)
            yield
            await asyncio.to_thread(self._system.kafka.start)
        else:
            process = self._system.services[part]
            await asyncio.to_thread(process.kill)
            yield
            await asyncio.to_thread(process.start)
            await asyncio.to_thread(self._system.wait_ready, part)

    async def heal(self) -> None:
        for name in PACKAGES:
            await asyncio.to_thread(self._system.wait_ready, name, _READY_SECONDS)

    def database(self, service: str) -> str:
        role = f"forkant_{service.replace('-', '_')}"
        return f"{self._system.postgres.url.rpartition('/')[0]}/{role}"

    def last_words(self) -> str:
        return "\n".join(f"-- {name}\n{process.last_words()}" for name, process in self._system.services.items())

    def bugs(self) -> list[str]:
        return [line for process in self._system.services.values() for line in _bugs(process)]

    def bus(self) -> Bus:
        return KafkaBus(self._system.kafka.bootstrap)


class Embedded:
    """One process."""

    shares: ClassVar[Mapping[tuple[str, str], int]] = {
        ("kill", "forkant"): 4,
        ("crash", "forkant"): 4,
        ("pause", "forkant"): 1,
    }
    points: ClassVar[Mapping[str, Sequence[str]]] = {
        "forkant": sorted({point for points in POINTS.values() for point in points})
    }

    def __init__(self, var: Path) -> None:
        self._var = var
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "forkant_embedded", "--port", str(port), "--var", str(var), "--no-demo"]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("FORKANT_")}
        self._process = Process("forkant", command, var / "log" / "forkant.log", environment=environment)

    def start(self) -> None:
        self._process.start()
        self._wait_ready()

    def stop(self) -> None:
        self._process.stop()

    async def suffer(self, fault: Fault) -> None:
        await _process_suffers(self._process, fault, f"{self.url}/notifier/health/live")

    async def heal(self) -> None:
        await asyncio.to_thread(self._wait_ready)

    def database(self, service: str) -> str:
        return f"sqlite:///{self._var / f'{service}.sqlite3'}"

    def last_words(self) -> str:
        return self._process.last_words()

    def bugs(self) -> list[str]:
        return _bugs(self._process)

    def bus(self) -> Bus:
        return EmbeddedBus(str(self._var / "bus.sqlite3"))

    def _wait_ready(self) -> None:
        for name in PACKAGES:
            answered = _wait(self._process, f"{self.url}/{name}/health/ready")
            assert answered, f"{name} did not get ready: {self._process.last_words()}"


def _bugs(process: Process) -> list[str]:
    with process.log.open(encoding="utf-8", errors="replace") as lines:
        return [f"{process.name}: {line.strip()}" for line in lines if any(name in line for name in _BUGS)]


async def _process_suffers(process: Process, fault: Fault, live: str) -> None:
    if fault.kind == "pause":
        process.pause()
        await asyncio.sleep(fault.seconds)
        process.resume()
        return
    await asyncio.to_thread(process.kill)
    await asyncio.sleep(fault.seconds)
    if fault.kind == "crash":
        # It comes up, works, and dies in the middle of that very line.
        await asyncio.to_thread(process.start, {"FORKANT_CRASH_AT": fault.point})
        await asyncio.to_thread(_wait, process, live, until_dead=True)
        await asyncio.to_thread(process.kill)
    await asyncio.to_thread(process.start)
    await asyncio.to_thread(_wait, process, live)


def _wait(process: Process, url: str, *, until_dead: bool = False) -> bool:
    """Until it answers; or until it is dead, but no longer than a while after it could have worked."""
    end = time.monotonic() + _READY_SECONDS
    with httpx.Client(timeout=2.0, trust_env=False) as client:
        while process.running and time.monotonic() < end:
            with contextlib.suppress(httpx.HTTPError):
                if client.get(url).status_code == httpx.codes.OK:
                    if not until_dead:
                        return True
                    end = min(end, time.monotonic() + _CRASH_SECONDS)
            time.sleep(0.05)
    return False


async def _server_suffers(server: KafkaServer | PostgresServer, fault: Fault) -> None:
    if fault.kind == "pause":
        server.pause()
        await asyncio.sleep(fault.seconds)
        server.resume()
        return
    await asyncio.to_thread(server.kill if fault.kind == "kill" else server.stop)
    await asyncio.sleep(fault.seconds)
    await asyncio.to_thread(server.start)
