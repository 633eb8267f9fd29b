"""Programs we start, watch and stop: one process each, its output in a log file."""

from __future__ import annotations

import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

_LOG_TAIL = 2_000

_SET_DEATH_SIGNAL = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class CannotRun(Exception):
    """Something does not start; `remedy` says what to do or where to look."""

    def __init__(self, reason: str, *, remedy: str) -> None:
        super().__init__(f"{reason} {remedy}")
        self.reason = reason
        self.remedy = remedy


class Missing(CannotRun):
    """This machine lacks a program, or the network to fetch one."""


class Process:
    """A child in a session of its own, so that Ctrl-C reaches us and we stop it in our order.

    With `dies_with_us` it is told to end when the thread that started it has ended, also by `kill -9`.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        *,
        environment: Mapping[str, str] | None = None,
        user: str | None = None,
        dies_with_us: bool = False,
    ) -> None:
        self.name = name
        self.log = log
        self._command = list(command)
        self._environment = dict(environment) if environment is not None else None
        self._user = user
        self._preparation = _end_with_parent if dies_with_us else None
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of the child last started; 0 before."""
        return 0 if self._child is None else self._child.pid

    @property
    def exit_status(self) -> int | None:
        """None while it runs, and before it was started; negative where a signal ended it."""
        return None if self._child is None else self._child.poll()

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def start(self, also: Mapping[str, str] | None = None) -> None:
        """Start, or start again; `also` goes into the environment this one time."""
        environment = self._environment
        if also:
            environment = {**(os.environ if environment is None else environment), **also}
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self._child = self._open(output, environment)

    def _open(self, output: IO[bytes], environment: Mapping[str, str] | None) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
            user=self._user,
            group=self._user,
            extra_groups=[] if self._user else None,
            cwd="/" if self._user else None,
            preexec_fn=self._preparation,
        )

    def signal(self, number: int) -> None:
        """Send a signal; nothing when it no longer runs."""
        if self.running and self._child is not None:
            self._child.send_signal(number)

    def pause(self) -> None:
        """SIGSTOP, and wait until it stands still."""
        self.signal(signal.SIGSTOP)
        if self.running:
            os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WNOWAIT)

    def resume(self) -> None:
        self.signal(signal.SIGCONT)

    def stop(self, patience: float = 5.0) -> bool:
        """Ask it to end, insist after `patience` seconds; whether it went by itself."""
        if self._child is None:
            return True
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        return self.wait(patience)

    def wait(self, patience: float) -> bool:
        """Wait for the end; kill after `patience` seconds and say False."""
        if self._child is None:
            return True
        try:
            self._child.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()
            return False
        return True

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        if self._child is not None:
            self.signal(signal.SIGKILL)
            self._child.wait()

    def last_words(self) -> str:
        """The end of its log."""
        if not self.log.exists():
            return ""
        return self.log.read_bytes()[-_LOG_TAIL:].decode(errors="replace")


def _end_with_parent() -> None:
    if _libc is not None:
        _libc.prctl(_SET_DEATH_SIGNAL, signal.SIGTERM)


def free_port() -> int:
    """A port nobody listens on, below the range the kernel takes for outgoing connections.

    So a server that is killed finds its port free again when it comes back.
    """
    for _ in range(200):
        port = random.randint(15_000, 31_000)  # noqa: S311 - not a secret
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise CannotRun("No free port was found.", remedy="Stop some servers on this machine.")


def wait_for_port(port: int, process: Process, seconds: float) -> None:
    """Until the process listens on 127.0.0.1. Raises `CannotRun` with its last words when it will not."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not process.running:
            break
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=0.5):
                return
        except OSError:
            time.sleep(0.05)
    raise CannotRun(
        f"{process.name} did not begin to listen on port {port}.",
        remedy=f"See {process.log}:{os.linesep}{process.last_words()}",
    )
