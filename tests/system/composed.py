"""Runs `docker-compose.yml` as a project of its own beside whatever else runs, on a free port, and takes it away."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx2 as httpx

from bench.systems import free_port

ROOT = Path(__file__).parents[2]
UP_SECONDS = 240
BUILD_SECONDS = 900


def engine_answers() -> bool:
    """Whether a Docker engine with compose can be used here."""
    if shutil.which("docker") is None:
        return False
    try:
        for command in (["docker", "info"], ["docker", "compose", "version"]):
            subprocess.run(command, check=True, capture_output=True, timeout=20)
    except (subprocess.SubprocessError, OSError):
        return False
    return True


class Composed:
    """The trial of docker-compose.yml under a project name of its own."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.project = f"forkant-test-{self.port}"
        self.up_seconds = 0.0

    def compose(self, *arguments: str, seconds: float = 60, check: bool = True) -> str:
        """Standard output of `docker compose …`; raises with what it said where it fails."""
        done = subprocess.run(
            ["docker", "compose", "--project-name", self.project, "--ansi", "never", *arguments],
            cwd=ROOT,
            env={**os.environ, "PORT": str(self.port)},
            capture_output=True,
            text=True,
            timeout=seconds,
        )
        if check and done.returncode != 0:
            raise AssertionError(f"docker compose {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def build(self) -> None:
        self.compose("build", "--quiet", seconds=BUILD_SECONDS)

    def up(self) -> None:
        """Start everything and wait until all of it is healthy."""
        started = time.monotonic()
        try:
            self.compose(
                "up", "--detach", "--no-build", "--wait", "--wait-timeout", str(UP_SECONDS), seconds=UP_SECONDS + 20
            )
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.logs()}") from error
        self.up_seconds = time.monotonic() - started

    def logs(self) -> str:
        """The last lines of every container."""
        return self.compose("logs", "--no-color", "--tail", "15", check=False)

    def down(self) -> None:
        """Stop everything and take its data away."""
        self.compose("down", "--volumes", "--timeout", "5", "--remove-orphans", seconds=120, check=False)

    def container(self, service: str) -> str:
        return self.compose("ps", "--all", "--quiet", service).strip()

    def inspect(self, service: str) -> dict[str, Any]:
        """What the engine knows about the service's container."""
        found = subprocess.run(
            ["docker", "inspect", self.container(service)], check=True, capture_output=True, text=True, timeout=20
        )
        return dict(json.loads(found.stdout)[0])

    def kill(self, service: str) -> None:
        """`docker kill`: no warning, no last words. The engine takes it for a person's wish and does not restart."""
        subprocess.run(["docker", "kill", self.container(service)], check=True, capture_output=True, timeout=20)

    def start(self, service: str) -> None:
        subprocess.run(["docker", "start", self.container(service)], check=True, capture_output=True, timeout=30)

    def wait_healthy(self, service: str, seconds: float = 120) -> float:
        """Seconds until the engine calls the container healthy."""
        started = time.monotonic()
        while self.inspect(service)["State"].get("Health", {}).get("Status") != "healthy":
            assert time.monotonic() - started < seconds, f"{service} did not get healthy\n{self.logs()}"
            time.sleep(0.25)
        return time.monotonic() - started

    def answers(self, path: str) -> bool:
        """Whether a GET through the gateway is answered with 200."""
        try:
            return httpx.get(self.url + path, timeout=6).status_code == 200
        except httpx.HTTPError:
            return False
