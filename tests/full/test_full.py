"""`python -m forkant_full` starts everything, says where, notices what falls, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import psycopg
import pytest

from forkant_full.processes import free_port

pytestmark = [pytest.mark.connected, pytest.mark.timeout(240)]

SERVICES = {"registry", "meetings", "threat-watch", "notifier"}
START_SECONDS = 120.0
STOP_SECONDS = 15.0


def wait_for(path: Path, process: subprocess.Popen[str]) -> dict[str, Any]:
    end = time.monotonic() + START_SECONDS
    while not path.exists():
        assert process.poll() is None and time.monotonic() < end, "it did not start"
        time.sleep(0.1)
    return dict(json.loads(path.read_text()))


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def var(servers_here: None) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="forkant-full-") as made:
        yield Path(made)


def started(var: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "forkant_full", "--port", str(free_port()), "--var", str(var), *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_the_full_system_starts_says_where_it_is_and_stops_whole(var: Path) -> None:
    facts_file = var / "full.json"
    process = started(var, "--restart")
    try:
        facts = wait_for(facts_file, process)
        assert facts_file.stat().st_mode & 0o077 == 0
        assert set(facts["services"]) == SERVICES
        for name, service in facts["services"].items():
            assert httpx.get(f"{service['url']}/{name}/health/ready").status_code == 200
            assert httpx.get(f"{facts['gateway']}/{name}/openapi.json").status_code == 200
            assert "forkant_" in httpx.get(service["metrics"]).text
        with psycopg.connect(facts["postgres"]) as connection:
            owners = connection.execute(
                "SELECT datname, rolname FROM pg_database JOIN pg_roles ON pg_roles.oid = datdba "
                "WHERE datname LIKE 'forkant%'"
            ).fetchall()
        assert sorted(owners) == [(f"forkant_{n}",) * 2 for n in ("meetings", "notifier", "registry", "threat_watch")]

        fallen = facts["services"]["registry"]["pid"]
        os.kill(fallen, signal.SIGKILL)
        end = time.monotonic() + START_SECONDS
        while (again := json.loads(facts_file.read_text())["services"]["registry"]["pid"]) == fallen:
            assert time.monotonic() < end
            time.sleep(0.1)
        pids = [service["pid"] for service in facts["services"].values()] + list(facts["servers"].values()) + [again]
    finally:
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=STOP_SECONDS)
    assert process.returncode == 0
    assert "!!! registry has ended by signal 9" in said
    assert not facts_file.exists()
    assert not [pid for pid in pids if alive(pid)]


def test_a_start_that_is_broken_off_leaves_nothing_behind(var: Path) -> None:
    process = started(var)
    end = time.monotonic() + START_SECONDS
    while not list(var.glob("kafka/kafka.log")):
        assert process.poll() is None and time.monotonic() < end
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=STOP_SECONDS)
    assert process.returncode == 0
    left = subprocess.run(["pgrep", "-f", str(var)], capture_output=True, text=True).stdout
    assert left == ""
