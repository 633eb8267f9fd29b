"""`python -m tests.chaos --seed 1 --faults 100`: a long bad night on the full system, then on the embedded one.

`python -m tests.chaos --attempts --runs 500`: a notifier alone, killed at every state of an attempt (`attempts.py`).
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.chaos.attempts import killed_at_every_state
from tests.chaos.count import Count
from tests.chaos.ground import Ground, OnServers, OnSqlite
from tests.chaos.night import night, traffic_to
from tests.chaos.targets import Embedded, Full, Target

GROUNDS: dict[str, Callable[[Path], Ground]] = {"embedded": OnSqlite, "full": OnServers}


def main() -> int:
    """Prints faults, lost and doubled; 1 where anything was."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same night")
    parser.add_argument("--faults", type=int, default=100, help="how many, on each system")
    parser.add_argument("--reports", type=int, default=5000, help="at most so many are posted, on each system")
    parser.add_argument("--only", choices=["full", "embedded"], help="one of the systems")
    parser.add_argument("--attempts", action="store_true", help="instead: kill a notifier at every state of an attempt")
    parser.add_argument("--runs", type=int, default=500, help="with --attempts: how often, on each ground")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started is stopped
    if given.attempts:
        chosen = [name for name in GROUNDS if given.only in (None, name)]
        return max(int(not _attempts(name, given)) for name in chosen)
    makers: dict[str, Callable[[Path], Target]] = {"full": Full, "embedded": Embedded}
    good = True
    for name, make in makers.items():
        if given.only in (None, name):
            good = _one(name, make, given) and good
    return 0 if good else 1


def _attempts(name: str, given: argparse.Namespace) -> bool:
    with tempfile.TemporaryDirectory(prefix="forkant-chaos-") as made:
        folder = Path(made)
        # PostgreSQL's own account must be able to come here.
        folder.chmod(0o755)
        ground = GROUNDS[name](folder / "ground")
        print(f"\n{ground.name}, seed {given.seed}, {given.runs} runs", flush=True)
        begun = time.monotonic()
        tally = killed_at_every_state(folder, ground, seed=given.seed, runs=given.runs)
        print(f"{tally}\n({time.monotonic() - begun:.0f} s)", flush=True)
    return tally.good


def _one(name: str, make: Callable[[Path], Target], given: argparse.Namespace) -> bool:
    print(f"\n{name}, seed {given.seed}, {given.faults} faults", flush=True)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="forkant-chaos-") as folder:
        target = make(Path(folder))
        try:
            target.start()
            found = asyncio.run(_night(target, given))
            if not found.good:
                print(target.last_words(), flush=True)
        finally:
            target.stop()
    print(f"\n{name}: {found}\n({time.monotonic() - begun:.0f} s)", flush=True)
    return found.good


async def _night(target: Target, given: argparse.Namespace) -> Count:
    traffic = await traffic_to(target, seed=given.seed, most=given.reports)
    return await night(target, traffic, seed=given.seed, faults=given.faults, say=lambda line: print(line, flush=True))


if __name__ == "__main__":
    sys.exit(main())
