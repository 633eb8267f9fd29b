"""A process of its own that tells recorded history, or stories, under two policies: `python -m …policy_telling`.

The work is pure reckoning for half a minute, and whoever waits for a page must not wait for it. What to tell comes as
JSON on standard input, so that no password stands in a list of processes; how far it is, and in the end what came of
it, go as JSON lines to standard output, each with the policy's number as `side`. History is read once; then the process
parts in two, a policy each. When nobody reads any more, whoever started it is gone, and it ends too.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import multiprocessing
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from forkant_shared.clock import SystemClock
from forkant_shared.database import Database
from forkant_shared.errors import ForkantError
from forkant_threat_watch.domain import replay
from forkant_threat_watch.domain.account import account_of
from forkant_threat_watch.domain.history import History, retell
from forkant_threat_watch.domain.policy import Policy
from forkant_threat_watch.domain.policy_document import SignedOff
from forkant_threat_watch.domain.verdict import differences
from forkant_threat_watch.store.policies import policy_from, story_from
from forkant_threat_watch.store.recorded import read_history

SAY_EVERY = 0.25
BREATHE_EVERY = 5.0
#: How much this gives way to those who wait for a page.
NICENESS = 10

NOBODY_LISTENS, FELL = 3, 4

#: Tells everything under a policy, calls with how much has been told, and gives what came of it.
Tell = Callable[[Policy, Callable[[int], None]], dict[str, Any]]


def policy_given(given: Mapping[str, str]) -> Policy:
    """The policy as it was sent."""
    return policy_from(given["text"], given["version"], SignedOff(given["by"], date.fromisoformat(given["on"])))


def history_of(job: Mapping[str, Any], mouth: _Mouth) -> tuple[Tell, int]:
    """What was recorded from `since` until `until`, read, and how much it is."""
    since, until = datetime.fromisoformat(job["since"]), datetime.fromisoformat(job["until"])
    history = _read(job["database"], since, until, mouth)
    known = dict(_readable(job["known"]))

    def tell(policy: Policy, heard: Callable[[int], None]) -> dict[str, Any]:
        return {"account": retell(history, policy, heard, known).plain()}

    return tell, len(history.recorded)


def _readable(many: Sequence[Mapping[str, str]]) -> Iterator[tuple[str, Policy]]:
    """The policies that this release still reads, by version."""
    for given in many:
        with contextlib.suppress(ForkantError):
            yield given["version"], policy_given(given)


def _read(url: str, since: datetime, until: datetime, mouth: _Mouth) -> History:
    found: list[History] = []

    async def read() -> None:
        database = Database(url, clock=SystemClock(), pool_size=1)
        breathing = asyncio.create_task(_breathe(mouth))
        try:
            found.append(await read_history(database, since, until))
        finally:
            breathing.cancel()
            await database.close()

    # Not as the run's own result: asyncio writes that out in full, for seconds, to tell signal handlers apart.
    asyncio.run(read())
    return found[0]


async def _breathe(mouth: _Mouth) -> None:
    """Say that this process is alive while nothing can be said yet of how far it is."""
    while True:
        mouth.say({"side": 0, "done": 0, "total": 0})
        await asyncio.sleep(BREATHE_EVERY)


def stories_of(job: Mapping[str, Any], _: _Mouth) -> tuple[Tell, int]:
    """The stories, and how many; what one expected and was not told stands beside it."""
    stories = [(given["name"], story_from(given["text"], given["name"])) for given in job["stories"]]

    def tell(policy: Policy, heard: Callable[[int], None]) -> dict[str, Any]:
        told = []
        for number, (name, story) in enumerate(stories):
            came = replay.tell(story, policy)
            account = account_of(came, policy)
            told.append({"name": name, "account": account.plain(), "differences": differences(story, came)})
            heard(number + 1)
        return {"stories": told}

    return tell, len(stories)


class _Mouth:
    """Says one whole line at a time, also where two processes speak through one pipe."""

    def __init__(self) -> None:
        self._turn = multiprocessing.Lock()

    def say(self, line: Mapping[str, Any]) -> None:
        with self._turn:
            print(json.dumps(line), flush=True)


class _Side:
    """One of the two policies: tells its part, and says how far it is a few times a second."""

    def __init__(self, number: int, policy: Policy, total: int, mouth: _Mouth) -> None:
        self._number = number
        self._policy = policy
        self._total = total
        self._mouth = mouth
        self._next = time.monotonic()

    def run(self, tell: Tell) -> None:
        """Tell it all, and say what came of it."""
        self._say(done=0)
        result = tell(self._policy, self._heard)
        self._say(done=self._total)
        self._mouth.say({"side": self._number, **result})

    def _heard(self, done: int) -> None:
        if time.monotonic() >= self._next:
            self._say(done=done)
            self._next = time.monotonic() + SAY_EVERY

    def _say(self, done: int) -> None:
        self._mouth.say({"side": self._number, "done": done, "total": self._total})


def _tell_both(tell: Tell, first: _Side, second: _Side) -> int:
    """Tell both sides; what was read is shared, and each has a core of its own where a process can part in two."""
    if sys.platform == "win32":
        return _tell_one(tell, first) or _tell_one(tell, second)
    child = os.fork()
    if child == 0:
        os._exit(_tell_one(tell, second))
    code = _tell_one(tell, first)
    if code:
        os.kill(child, signal.SIGTERM)
    _, status = os.waitpid(child, 0)
    return code or os.waitstatus_to_exitcode(status)


def _tell_one(tell: Tell, side: _Side) -> int:
    try:
        side.run(tell)
    except BrokenPipeError:
        return NOBODY_LISTENS
    except Exception:
        # The other half of this process must be told, also of a bug.
        traceback.print_exc()
        return FELL
    return 0


def main() -> int:
    """Do the job on standard input; 0 where it was told, 1 for a job that cannot be done."""
    with contextlib.suppress(OSError, AttributeError):
        os.nice(NICENESS)
    # What is read stays until the end, and the engine makes nothing that holds itself: there is nothing to collect.
    gc.disable()
    job = json.loads(sys.stdin.readline())
    mouth = _Mouth()
    try:
        tell, total = (history_of if job["source"] == "HISTORY" else stories_of)(job, mouth)
        first, second = (_Side(n, policy_given(given), total, mouth) for n, given in enumerate(job["policies"]))
    except ForkantError as error:
        mouth.say({"problem": error.detail})
        return 1
    return _tell_both(tell, first, second)


if __name__ == "__main__":
    sys.exit(main())
