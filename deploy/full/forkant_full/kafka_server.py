"""Apache Kafka from its Maven Central jars: one broker in KRaft mode, for one machine."""

from __future__ import annotations

import base64
import fcntl
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from forkant_full.processes import CannotRun, Missing, Process, free_port, wait_for_port

KAFKA_VERSION = "4.1.1"

_FETCH_SECONDS = 600
_START_SECONDS = 60.0

#: A killed broker may come back once its registration has timed out: short, because here it is killed often.
_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
broker.session.timeout.ms=1500
broker.heartbeat.interval.ms=300
log.cleaner.dedupe.buffer.size=16777216
"""


class KafkaServer:
    """A broker whose data, settings and log live in `folder`. The port stays the same over restarts.

    `properties` add to the broker's settings or replace them, `{port}` standing for the port; `format_with`
    goes to the tool that prepares the folder.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        dies_with_us: bool = False,
        properties: Mapping[str, str] | None = None,
        format_with: Sequence[str] = (),
    ) -> None:
        self._folder = folder
        self._properties = dict(properties or {})
        self._format_with = list(format_with)
        self._dies_with_us = dies_with_us
        self.port = port or free_port()
        self._controller = free_port()
        self._process: Process | None = None

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def process(self) -> Process:
        assert self._process is not None, "prepare() or start() it first"
        return self._process

    def prepare(self) -> None:
        """Fetch the jars and make the folder where that is not done yet. Raises `CannotRun`."""
        if self._process is None:
            self._process = self._prepare()

    def start(self) -> None:
        """Start, or start again; returns once the port is open. Raises `CannotRun`."""
        self.launch()
        self.wait()

    def launch(self) -> None:
        """Start without waiting for the port."""
        self.prepare()
        self.process.start()

    def wait(self) -> None:
        wait_for_port(self.port, self.process, _START_SECONDS)

    def stop(self, patience: float = 8.0) -> None:
        """End in good order where it can be done within `patience` seconds."""
        if self._process is not None:
            self._process.stop(patience)

    def interrupt(self) -> None:
        """Ask it to end, without waiting."""
        if self._process is not None:
            self._process.signal(signal.SIGTERM)

    def kill(self) -> None:
        self.process.kill()

    def pause(self) -> None:
        self.process.pause()

    def resume(self) -> None:
        self.process.resume()

    def _prepare(self) -> Process:
        java = _tool("java")
        class_path = f"{jars()}/*:{recipe()}"
        self._folder.mkdir(parents=True, exist_ok=True)
        data = self._folder / "data"
        properties = self._folder / "server.properties"
        lines = [_PROPERTIES, *(f"{name}={value}\n" for name, value in self._properties.items())]
        properties.write_text("".join(lines).format(port=self.port, controller=self._controller, data=data))
        if not (data / "meta.properties").exists():
            # Kafka takes no id that begins with a dash: it would look like an option.
            cluster = "F" + base64.urlsafe_b64encode(os.urandom(16)).decode().rstrip("=")[1:]
            tool = [java, "-XX:TieredStopAtLevel=1", "-cp", class_path, "kafka.tools.StorageTool"]
            done = subprocess.run(
                [*tool, "format", "-t", cluster, "-c", str(properties), *self._format_with],
                capture_output=True,
                text=True,
            )
            if done.returncode:
                raise CannotRun("Kafka's folder could not be prepared.", remedy=done.stderr[-500:])
        # fmt: off
        command = [
            java, "-Xms256m", "-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
            f"-Dkafka.logs.dir={self._folder}", "-cp", class_path, "kafka.Kafka", str(properties),
        ]
        # fmt: on
        return Process("kafka", command, self._folder / "kafka.log", dies_with_us=self._dies_with_us)


def check_kafka() -> None:
    """Raises `CannotRun` where this machine cannot start a Kafka."""
    _tool("java")
    jars()


def recipe() -> Path:
    """The folder `deploy/kafka` of this checkout: pom and log settings."""
    folder = Path(__file__).resolve().parents[2] / "kafka"
    if not (folder / "pom.xml").exists():
        raise CannotRun("deploy/kafka/pom.xml is not there.", remedy="Run this from a checkout of Forkant.")
    return folder


def jars() -> Path:
    """Kafka's jars, fetched once a machine with Maven and kept in the user's cache. Raises `CannotRun`."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "forkant"
    found = cache / f"kafka-{KAFKA_VERSION}"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "kafka.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # test workers come all at once
        if not found.exists():
            _fetch(found)
    return found


def _fetch(target: Path) -> None:
    maven = _tool("mvn")
    half_done = target.with_name(f"{target.name}.part")
    shutil.rmtree(half_done, ignore_errors=True)
    command = [maven, "-q", "-B", "-f", str(recipe() / "pom.xml"), "dependency:copy-dependencies"]
    done = subprocess.run(
        [*command, f"-DoutputDirectory={half_done}"], capture_output=True, text=True, timeout=_FETCH_SECONDS
    )
    if done.returncode or not any(half_done.glob("kafka_*.jar")):
        raise Missing(
            "Kafka's jars could not be fetched from Maven Central.",
            remedy=f"Is the network there? {done.stdout[-500:]}",
        )
    half_done.rename(target)


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise Missing(
            f"Apache Kafka cannot be started: {name} is not installed.",
            remedy="apt-get install openjdk-17-jre-headless maven",
        )
    return found
