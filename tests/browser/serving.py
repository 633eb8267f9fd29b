"""Starts what a browser looks at: an app in a thread, or the embedded system as a real process."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2 as httpx
import uvicorn
from starlette.types import ASGIApp

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """The app at the address it yields."""
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


@contextmanager
def embedded_system(var: Path, seconds: float = 60.0) -> Iterator[str]:
    """`python -m forkant_embedded` with demo data, on a port of its own; stopped with SIGTERM."""
    port = free_port()
    var.mkdir(parents=True, exist_ok=True)
    output = var / "output.txt"
    with output.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "forkant_embedded", "--var", str(var), "--port", str(port)],
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_until_ready(process, address, output, seconds)
            yield address
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], address: str, output: Path, seconds: float) -> None:
    until = time.monotonic() + seconds
    services = ("registry", "meetings", "threat-watch", "notifier")
    while time.monotonic() < until:
        assert process.poll() is None, f"the system stopped: {output.read_text()[-2000:]}"
        try:
            if all(httpx.get(f"{address}/{name}/health/ready").status_code == 200 for name in services):
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"the system was not ready in {seconds} s: {output.read_text()[-2000:]}")
