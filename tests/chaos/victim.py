"""The process that is killed: a whole notifier (consumer, sender, sweep, relay), without a port of its own.

It is forked from one that has everything imported already, so that five hundred of them take minutes.
"""

from __future__ import annotations

import asyncio
import functools
import importlib
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from forkant_notifier.app import create_app
from forkant_notifier.commands.desk import desk_of
from forkant_notifier.settings import Settings
from forkant_shared import crash, telemetry
from forkant_shared.bus import Bus
from forkant_shared.clock import SystemClock
from tests.chaos.lives import CRASHES, POINTS, Life

#: The shipped policy's waits, shortened, so that a lease runs out while one watches.
LEASE, TIMEOUT, FURTHER = timedelta(seconds=1.2), timedelta(seconds=0.8), (0.0, 0.2, 0.4)


def forked(act: Callable[[], None]) -> int:
    """Do this in a process of its own; its id."""
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        act()
        status = 0
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
    finally:
        os._exit(status)


def live(folder: Path, database: str, bus: Callable[[], Bus], life: Life) -> None:
    """Be a notifier until killed."""
    (folder / "pid").write_text(str(os.getpid()))
    die_at(life)
    asyncio.run(_run(folder, database, bus, life.instance))


async def _run(folder: Path, database: str, bus: Callable[[], Bus], instance: str) -> None:
    settings = Settings(
        mode="embedded", database_url=database, instance=instance, routes_file=folder.parent / f"{folder.name}.yaml"
    )
    telemetry.configure(service="notifier", level="ERROR")
    app = create_app(settings, bus=bus(), clock=SystemClock())
    desk = desk_of(app.state.parts)
    further = tuple(timedelta(seconds=wait) for wait in FURTHER)
    desk.policy = replace(desk.policy, lease=LEASE, timeout=TIMEOUT, follow_up_after=further)
    async with app.router.lifespan_context(app):
        await asyncio.Event().wait()


def die_at(life: Life) -> None:
    """Let this process end itself with SIGKILL at the point of this life."""
    if life.point in CRASHES:
        crash.CRASH_AT = life.point
    if life.point not in POINTS:
        return
    owner_name, name, when = POINTS[life.point]
    owner = _found(owner_name)
    plain, passed = getattr(owner, name), 0

    def passes() -> None:
        nonlocal passed
        passed += 1
        if passed == life.nth:
            os.kill(os.getpid(), signal.SIGKILL)

    if asyncio.iscoroutinefunction(plain):

        @functools.wraps(plain)
        async def deadly_async(*given: Any, **named: Any) -> Any:
            if when == "before":
                passes()
            found = await plain(*given, **named)
            # One that found nothing to do is no passing.
            if when == "after" and (found or found is None):
                passes()
            return found

        setattr(owner, name, deadly_async)
        return

    @functools.wraps(plain)
    def deadly(*given: Any, **named: Any) -> Any:
        # A sender that has nothing to hand on passes no point.
        if when == "before" and given[-1]:
            passes()
        return plain(*given, **named)

    setattr(owner, name, deadly)


def _found(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        module, _, attribute = name.rpartition(".")
        return getattr(importlib.import_module(module), attribute)
