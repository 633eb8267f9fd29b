"""`python -m forkant_full --port 8000 --var ./var/full`: start all, say where, stop all when told to."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType

from forkant_full.processes import CannotRun, Process
from forkant_full.system import System

_LOOK_SECONDS = 0.2


def main() -> int:
    """Run until SIGTERM or Ctrl-C; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m forkant_full", description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="the port on 127.0.0.1 where it all answers")
    parser.add_argument("--var", type=Path, default=Path("var/full"), help="where data and logs are kept")
    parser.add_argument("--restart", action="store_true", help="start a service again that has ended")
    given = parser.parse_args()
    stopping = threading.Event()
    system: System | None = None

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()
        if system is not None:
            system.break_off()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        begun = time.monotonic()
        system = System(given.var, port=given.port)
        system.forget_facts()
        system.start()
        system.write_facts()
        _say_where(system, time.monotonic() - begun, given.var)
        _watch(system, stopping, restart=given.restart)
    except CannotRun as error:
        if not stopping.is_set():
            print(f"!!! {error.reason}\n    {error.remedy}", file=sys.stderr, flush=True)
            return 2
    finally:
        if system is not None:
            system.forget_facts()
            system.stop()
    return 0


def _watch(system: System, stopping: threading.Event, *, restart: bool) -> None:
    """Say loudly what has ended; start services again only if that is wanted."""
    known: set[str] = set()
    while not stopping.wait(_LOOK_SECONDS):
        crashed = system.crashed()
        for name in crashed.keys() - known:
            _say_ended(crashed[name])
        known = set(crashed)
        if restart:
            for name in crashed.keys() & system.services.keys():
                system.services[name].start()
                system.write_facts()
                print(f"    {name} is started again.", file=sys.stderr, flush=True)
                known.discard(name)


def _say_ended(process: Process) -> None:
    status = process.exit_status
    how = f"by signal {-status}" if status is not None and status < 0 else f"with status {status}"
    print(f"!!! {process.name} has ended {how}; see {process.log}", file=sys.stderr, flush=True)


def _say_where(system: System, seconds: float, var: Path) -> None:
    print(
        f"""
Forkant is running on Kafka and PostgreSQL: {system.url}  (ready after {seconds:.1f} s)

  Kafka         {system.kafka.bootstrap}
  PostgreSQL    127.0.0.1:{system.postgres.port}
  Processes     {var / "full.json"}
  Logs          {var / "log"}

This is a trial: every user is made up, no phone rings, and it answers on this machine only.
To fill it with a made-up city unit: python -m forkant_embedded.demo_work {system.url}
Ctrl-C stops.
""",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
