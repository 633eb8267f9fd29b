"""A real Kafka and a real PostgreSQL for the tests: given by the environment, started here, or in Docker.

One of each a test run, also when several workers share the run: the first that needs it starts it, the last
that lets go ends it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forkant_full.kafka_server import KAFKA_VERSION, KafkaServer
from forkant_full.postgres_server import PostgresServer
from forkant_full.processes import Missing, free_port


@dataclass(frozen=True, slots=True)
class Started:
    address: str
    pid: int = 0
    container: str = ""
    folder: str = ""

    def end(self) -> None:
        own = _ours.pop(self.pid, None)
        if own is not None:
            own.kill()
        elif self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        if self.container:
            subprocess.run(["docker", "rm", "-f", self.container], capture_output=True)
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)


#: What this very worker has started, by process id; the others know only the id.
_ours: dict[int, KafkaServer | PostgresServer] = {}


@contextlib.contextmanager
def kafka(run_folder: Path) -> Iterator[str]:
    """`host:port` of a Kafka. Raises `Missing` when this machine has none and can start none."""
    given = os.environ.get("FORKANT_TEST_KAFKA")
    if given:
        yield given
    else:
        with _shared("kafka", run_folder, lambda: _first(_kafka_here, _kafka_in_docker)) as address:
            yield address


@contextlib.contextmanager
def postgres(run_folder: Path) -> Iterator[str]:
    """The URL of a superuser's database on a PostgreSQL. Raises `Missing` as above."""
    given = os.environ.get("FORKANT_TEST_POSTGRES")
    if given:
        yield given.replace("postgresql://", "postgresql+psycopg://")
    else:
        with _shared("postgres", run_folder, lambda: _first(_postgres_here, _postgres_in_docker)) as address:
            yield address


@contextlib.contextmanager
def _shared(name: str, run_folder: Path, start: Callable[[], Started]) -> Iterator[str]:
    state = run_folder / f"{name}.json"
    lock = run_folder / f"{name}.lock"

    def change(users: int) -> dict[str, Any]:
        with lock.open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            found = json.loads(state.read_text()) if state.exists() else None
            if found is None:
                started = start()
                found = {"started": [started.address, started.pid, started.container, started.folder], "users": 0}
            found["users"] += users
            if found["users"]:
                state.write_text(json.dumps(found))
            else:
                Started(*found["started"]).end()
                state.unlink()
            return found

    address = change(+1)["started"][0]
    try:
        yield address
    finally:
        change(-1)


def _first(*ways: Callable[[], Started]) -> Started:
    refusals = []
    for way in ways:
        try:
            return way()
        except Missing as error:
            refusals.append(error)
    raise refusals[0]


def _kafka_here() -> Started:
    folder = Path(tempfile.mkdtemp(prefix="forkant-kafka-"))
    server = KafkaServer(folder)
    try:
        server.start()
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    _ours[server.process.pid] = server
    return Started(server.bootstrap, pid=server.process.pid, folder=str(folder))


def _postgres_here() -> Started:
    folder = Path(tempfile.mkdtemp(prefix="forkant-postgres-"))
    folder.chmod(0o755)
    try:
        server = PostgresServer(folder, durable=False)
        server.start()
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    _ours[server.process.pid] = server
    return Started(server.url, pid=server.process.pid, folder=str(folder))


def _kafka_in_docker() -> Started:
    port = free_port()
    # fmt: off
    settings = {
        "KAFKA_NODE_ID": "1", "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_LISTENERS": f"PLAINTEXT://0.0.0.0:{port},CONTROLLER://localhost:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://127.0.0.1:{port}",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1", "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0", "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
    }
    # fmt: on
    container = _docker(f"apache/kafka:{KAFKA_VERSION}", {port: port}, settings)
    return Started(f"127.0.0.1:{port}", container=container)


def _postgres_in_docker() -> Started:
    port = free_port()
    container = _docker("postgres:17", {port: 5432}, {"POSTGRES_PASSWORD": "forkant"})
    return Started(f"postgresql+psycopg://postgres:forkant@127.0.0.1:{port}/postgres", container=container)


def _docker(image: str, ports: dict[int, int], settings: dict[str, str]) -> str:
    if shutil.which("docker") is None:
        raise Missing("Docker is not installed.", remedy="apt-get install docker.io")
    command = ["docker", "run", "-d", "--rm"]
    for outside, inside in ports.items():
        command += ["-p", f"127.0.0.1:{outside}:{inside}"]
    for name, value in settings.items():
        command += ["-e", f"{name}={value}"]
    done = subprocess.run([*command, image], capture_output=True, text=True)
    if done.returncode:
        raise Missing(f"Docker cannot run {image}.", remedy=done.stderr.strip()[-300:])
    return done.stdout.strip()
