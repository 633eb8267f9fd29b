"""Starts the embedded and the full system as a user would, and speaks to them over HTTP."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx

START_SECONDS = 120


@dataclass
class System:
    """A running Forkant: where it answers, what its processes are, how long it took to get ready."""

    url: str
    pids: dict[str, int]
    ready_seconds: float
    var: Path
    facts: dict[str, Any]


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextlib.contextmanager
def embedded(*, demo: bool = False, var: Path | None = None) -> Iterator[System]:
    """`python -m forkant_embedded` in a folder of its own."""
    port = free_port()
    with _folder(var) as folder:
        command = [sys.executable, "-m", "forkant_embedded", "--port", str(port), "--var", str(folder)]
        command += [] if demo else ["--no-demo"]
        url = f"http://127.0.0.1:{port}"
        with _process([*command, "--log-level", "ERROR"], folder) as (process, started):
            _wait_ready([f"{url}/threat-watch/health/ready", f"{url}/notifier/health/ready"], process)
            ready = time.perf_counter() - started
            while demo and not (folder / "demo.told").exists():
                _alive(process, started + START_SECONDS)
            yield System(url, {"embedded": process.pid}, ready, folder, {})


@contextlib.contextmanager
def full() -> Iterator[System]:
    """`python -m forkant_full`: Kafka, PostgreSQL, four services."""
    port = free_port()
    with _folder(None) as folder:
        command = [sys.executable, "-m", "forkant_full", "--port", str(port), "--var", str(folder)]
        with _process(command, folder) as (process, started):
            facts = _wait_file(folder / "full.json", process)
            pids = {name: entry["pid"] for name, entry in facts["services"].items()}
            url = facts.get("gateway", f"http://127.0.0.1:{port}")
            yield System(url, pids, time.perf_counter() - started, folder, facts)


@contextlib.contextmanager
def _folder(var: Path | None) -> Iterator[Path]:
    if var is not None:
        yield var
        return
    with tempfile.TemporaryDirectory(prefix="forkant-bench-") as made:
        yield Path(made)


@contextlib.contextmanager
def _process(command: list[str], folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    with (folder / "bench.log").open("wb") as log:
        started = time.perf_counter()
        # As a user's: some build machines keep Python from storing what it has compiled.
        surroundings = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        process = subprocess.Popen(command, stdout=log, stderr=log, env=surroundings)
        try:
            yield process, started
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_ready(urls: list[str], process: subprocess.Popen[bytes]) -> None:
    until = time.perf_counter() + START_SECONDS
    for url in urls:
        while True:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(url, timeout=2).status_code == 200:
                    break
            _alive(process, until)


def _wait_file(path: Path, process: subprocess.Popen[bytes]) -> dict[str, Any]:
    until = time.perf_counter() + START_SECONDS
    while not path.exists():
        _alive(process, until)
    return dict(json.loads(path.read_text()))


def _alive(process: subprocess.Popen[bytes], until: float) -> None:
    if process.poll() is not None or time.perf_counter() > until:
        raise RuntimeError("the system did not start; see bench.log in its folder")
    time.sleep(0.02)


def resident_megabytes(pid: int) -> float:
    """Resident memory of a process, its share of shared pages included, in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(pid)


def token(url: str, user: str) -> dict[str, str]:
    """The header for a demo user."""
    answer = httpx.post(f"{url}/auth/dev-token", json={"user": user})
    answer.raise_for_status()
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}
