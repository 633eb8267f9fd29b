"""A process of its own that tells recorded history, or stories, under one policy: `python -m …policy_telling`.

The work is pure reckoning for half a minute, and whoever waits for a page must not wait for it. What to tell comes as
JSON on standard input, so that no password stands in a list of processes; how far it is, and in the end what came of
it, go as JSON lines to standard output. When nobody reads any more, whoever started it is gone, and it ends too.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from forkant_shared.clock import SystemClock
from forkant_shared.database import Database
from forkant_shared.errors import ForkantError
from forkant_threat_watch.domain.account import Account, account_of
from forkant_threat_watch.domain.history import History, retell
from forkant_threat_watch.domain.policy import Policy
from forkant_threat_watch.domain.policy_document import SignedOff
from forkant_threat_watch.domain.replay import tell
from forkant_threat_watch.domain.verdict import differences
from forkant_threat_watch.store.policies import policy_from, story_from
from forkant_threat_watch.store.recorded import read_history

SAY_EVERY = 0.25
#: How much this gives way to those who wait for a page.
NICENESS = 10

Say = Callable[[Mapping[str, Any]], None]


def policy_given(given: Mapping[str, str]) -> Policy:
    """The policy as it was sent."""
    return policy_from(given["text"], given["version"], SignedOff(given["by"], date.fromisoformat(given["on"])))


def tell_history(job: Mapping[str, Any], say: Say) -> None:
    """Tell what was recorded from `since` until `until`."""
    since, until = datetime.fromisoformat(job["since"]), datetime.fromisoformat(job["until"])
    history = asyncio.run(_read(job["database"], since, until))
    total = len(history.recorded)
    say({"done": 0, "total": total})
    # What is read stays until the end, and the engine makes nothing that holds itself: nothing is there to collect.
    gc.freeze()
    gc.disable()
    known = dict(_readable(job["known"]))
    progress = _Progress(total, say)
    account = retell(history, policy_given(job["policy"]), progress.at, known)
    say({"done": total, "total": total})
    say({"account": account.plain()})


def _readable(many: Sequence[Mapping[str, str]]) -> Iterator[tuple[str, Policy]]:
    """The policies that this release still reads, by version."""
    for given in many:
        with contextlib.suppress(ForkantError):
            yield given["version"], policy_given(given)


async def _read(url: str, since: datetime, until: datetime) -> History:
    database = Database(url, clock=SystemClock(), pool_size=1)
    try:
        return await read_history(database, since, until)
    finally:
        await database.close()


def tell_stories(job: Mapping[str, Any], say: Say) -> None:
    """Tell each story; what it expected and was not told stands beside it."""
    policy, total = policy_given(job["policy"]), len(job["stories"])
    told = []
    for number, given in enumerate(job["stories"]):
        story = story_from(given["text"], given["name"])
        came = tell(story, policy)
        account: Account = account_of(came, policy)
        told.append({"name": given["name"], "account": account.plain(), "differences": differences(story, came)})
        say({"done": number + 1, "total": total})
    say({"stories": told})


class _Progress:
    """Says how far it is, a few times a second."""

    def __init__(self, total: int, say: Say) -> None:
        self._total = total
        self._say = say
        self._next = time.monotonic()

    def at(self, done: int) -> None:
        if done % 50 == 0 and time.monotonic() >= self._next:
            self._say({"done": done, "total": self._total})
            self._next = time.monotonic() + SAY_EVERY


def main() -> int:
    """Do the job on standard input; 0 unless nobody listens, 1 for a job that cannot be done."""
    with contextlib.suppress(OSError):
        os.nice(NICENESS)
    job = json.loads(sys.stdin.readline())

    def say(line: Mapping[str, Any]) -> None:
        print(json.dumps(line), flush=True)

    try:
        (tell_history if job["source"] == "HISTORY" else tell_stories)(job, say)
    except BrokenPipeError:
        return 0
    except ForkantError as error:
        say({"problem": error.detail})
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
