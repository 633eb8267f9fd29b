"""Kafka, PostgreSQL, four services and a gateway: started in order, stopped in order, each a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx2 as httpx
from sqlalchemy import make_url

import forkant_meetings
import forkant_notifier
import forkant_registry
import forkant_threat_watch
from forkant_full.kafka_server import KafkaServer
from forkant_full.postgres_server import PostgresServer
from forkant_full.processes import CannotRun, Process, free_port, wait_for_port
from forkant_shared.bus.kafka import KafkaBus
from forkant_shared.command_line import all_topics
from forkant_shared.migrations import migrate

PACKAGES = {
    "registry": forkant_registry,
    "meetings": forkant_meetings,
    "threat-watch": forkant_threat_watch,
    "notifier": forkant_notifier,
}

_READY_SECONDS = 60.0
_SERVICE_PATIENCE = 5.0
_SERVER_PATIENCE = 2.5


class System:
    """The full system in trial, bound to 127.0.0.1, its data and logs under `var`."""

    def __init__(self, var: Path, *, port: int) -> None:
        self._var = var.resolve()
        self._var.mkdir(parents=True, exist_ok=True)
        self.url = f"http://127.0.0.1:{port}"
        self.kafka = KafkaServer(self._var / "kafka", dies_with_us=True)
        self.postgres = PostgresServer(self._var / "postgres", dies_with_us=True)
        self._ports = {name: free_port() for name in PACKAGES}
        self._metrics = {name: free_port() for name in PACKAGES}
        self.services: dict[str, Process] = {}
        self.gateway = self._gateway(port)
        self._started = False
        self._broken_off = False

    @property
    def facts(self) -> dict[str, Any]:
        """Where everything answers, as `VAR/full.json` has it."""
        services = {
            name: {
                "url": self.service_url(name),
                "pid": process.pid,
                "metrics": f"http://127.0.0.1:{self._metrics[name]}/metrics",
            }
            for name, process in self.services.items()
        }
        return {
            "gateway": self.url,
            "kafka": self.kafka.bootstrap,
            "postgres": self.postgres.url.replace("+psycopg", ""),
            "services": services,
            "servers": {"kafka": self.kafka.process.pid, "postgres": self.postgres.process.pid},
        }

    def service_url(self, name: str) -> str:
        return f"http://127.0.0.1:{self._ports[name]}"

    def start(self) -> None:
        """Returns once everything is ready. Raises `CannotRun`, and leaves it to the caller to `stop`."""
        self.kafka.launch()
        self._go_on()
        self.postgres.start()
        self._go_on()
        databases = {name: self._database(name) for name in PACKAGES}
        self.kafka.wait()
        asyncio.run(self._make_topics())
        for name in PACKAGES:
            self._go_on()
            self.services[name] = self._service(name, databases[name])
            self.services[name].start()
        self.gateway.start()
        self._go_on()
        for name in PACKAGES:
            self.wait_ready(name)
        wait_for_port(int(self.url.rpartition(":")[2]), self.gateway, _READY_SECONDS)
        self._started = True

    def break_off(self) -> None:
        """Make a `start` that is under way fail soon; for a signal handler, which must not raise in its middle."""
        self._broken_off = True
        if self._started:
            return
        for server in (self.kafka, self.postgres):
            server.interrupt()
        for process in (*self.services.values(), self.gateway):
            process.signal(signal.SIGTERM)

    def _go_on(self) -> None:
        if self._broken_off:
            raise CannotRun("The start was broken off.", remedy="")

    def wait_ready(self, name: str, seconds: float = _READY_SECONDS) -> None:
        """Until this service says that all it needs answers. Raises `CannotRun` with its last words."""
        process = self.services[name]
        end = time.monotonic() + seconds
        said = "nothing"
        with httpx.Client(base_url=self.service_url(name), timeout=2.0, trust_env=False) as client:
            while process.running and time.monotonic() < end:
                with contextlib.suppress(httpx.HTTPError):
                    answer = client.get(f"/{name}/health/ready")
                    if answer.status_code == httpx.codes.OK:
                        return
                    said = answer.text
                time.sleep(0.05)
        raise CannotRun(f"{name} did not get ready; it said {said}.", remedy=f"{process.log}\n{process.last_words()}")

    def stop(self) -> None:
        """All of it, in order and within ten seconds: door, services, broker, database."""
        self.gateway.stop(_SERVER_PATIENCE)
        for process in self.services.values():
            process.signal(signal.SIGCONT)
            process.signal(signal.SIGTERM)
        end = time.monotonic() + _SERVICE_PATIENCE
        for process in self.services.values():
            process.wait(max(0.0, end - time.monotonic()))
        self.kafka.stop(_SERVER_PATIENCE)
        self.postgres.stop(_SERVER_PATIENCE)

    def crashed(self) -> dict[str, Process]:
        """What should run and does not."""
        everything = {
            **self.services,
            "gateway": self.gateway,
            "kafka": self.kafka.process,
            "postgres": self.postgres.process,
        }
        return {name: process for name, process in everything.items() if not process.running}

    def write_facts(self) -> None:
        """`VAR/full.json`, whole or not at all; only for us, because it has a password in it."""
        half_done = self._var / "full.json.part"
        half_done.unlink(missing_ok=True)
        half_done.touch(mode=0o600)
        half_done.write_text(json.dumps(self.facts, indent=2))
        half_done.replace(self._var / "full.json")

    def forget_facts(self) -> None:
        (self._var / "full.json").unlink(missing_ok=True)

    def _database(self, name: str) -> str:
        role = f"forkant_{name.replace('-', '_')}"
        url = self.postgres.make_database(role, role, secrets.token_urlsafe(18))
        migrate(PACKAGES[name], make_url(url))
        return url

    async def _make_topics(self) -> None:
        bus = KafkaBus(self.kafka.bootstrap)
        await bus.create_topics(all_topics())
        await bus.close()

    def _service(self, name: str, database_url: str) -> Process:
        prefix = f"FORKANT_{name.replace('-', '_').upper()}_"
        given = {
            "MODE": "full",
            "DATABASE_URL": database_url,
            "KAFKA": self.kafka.bootstrap,
            "HOST": "127.0.0.1",
            "PORT": str(self._ports[name]),
            "METRICS_PORT": str(self._metrics[name]),
            "PUBLIC_URL": self.url,
            "AUTH_URL": self.service_url("notifier"),
        }
        for other in PACKAGES:
            given[f"{other.replace('-', '_').upper()}_URL"] = self.service_url(other)
        environment = _without_forkant(os.environ) | {"FORKANT_TRIAL": "yes", "PYTHONUNBUFFERED": "1"}
        environment |= {f"{prefix}{key}": value for key, value in given.items()}
        command = [sys.executable, "-m", PACKAGES[name].__name__, "serve"]
        log = self._var / "log" / f"{name}.log"
        return Process(name, command, log, environment=environment, dies_with_us=True)

    def _gateway(self, port: int) -> Process:
        command = [sys.executable, "-m", "forkant_full.gateway", "--port", str(port)]
        for name in PACKAGES:
            command += ["--service", f"{name}={self.service_url(name)}"]
        return Process("gateway", command, self._var / "log" / "gateway.log", dies_with_us=True)


def _without_forkant(environment: Mapping[str, str]) -> dict[str, str]:
    """The caller's own Forkant settings are for another system than this one."""
    return {name: value for name, value in environment.items() if not name.startswith("FORKANT_")}
