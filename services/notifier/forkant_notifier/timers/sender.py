"""The sender: from an attempt that is due to a carrier that has it, in as few milliseconds as there are.

It wakes at the commit that made an attempt (those are handed over with their lease) and looks each second for whatever
else is due: a further try that waited, or what another instance has left. Submitting comes first; what came of it is
stored by a second task, many results in one transaction. Nothing of ours counts, waits for or holds back a LIFE
attempt: only NORMAL ones share a limited number of places. A carrier that takes only so many at a time (`at_once` in
the routes file) has a line before it, in which LIFE goes first.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Coroutine, Sequence
from functools import partial
from typing import Any

from prometheus_client import Counter, Histogram

from forkant_notifier.clients.route import Answer, Outgoing
from forkant_notifier.commands.answering import sign_link
from forkant_notifier.commands.checking_in import check_in_link
from forkant_notifier.commands.desk import NotifierParts, desk_of
from forkant_notifier.commands.paging import free_own_leases, lease_due, renew_leases
from forkant_notifier.commands.sending import Result, settle
from forkant_notifier.domain.attempts import Attempt, Outcome, choose_route
from forkant_notifier.domain.lanes import Lane
from forkant_notifier.domain.line import Line
from forkant_notifier.domain.messages import PageMessage
from forkant_shared import telemetry
from forkant_shared.crash import crash_point
from forkant_shared.errors import Unavailable

POLL_SECONDS = 1.0
BATCH = 500
NORMAL_AT_ONCE = 4
RETRY_SECONDS = 0.2
NO_ROUTE = "NO_ROUTE"

SUBMIT_SECONDS = Histogram(
    "forkant_notifier_submit_seconds", "From an attempt being due to its carrier's answer", ["lane", "channel"]
)
SUBMISSIONS = Counter("forkant_notifier_submissions", "What carriers answered", ["route", "lane", "outcome"])

log = telemetry.get_logger()


class Sender:
    """The sender of one process."""

    def __init__(self, parts: NotifierParts) -> None:
        self._parts = parts
        self._desk = desk_of(parts)
        self._results: list[Result] = []
        self._results_bell = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._normal = asyncio.Semaphore(NORMAL_AT_ONCE)
        self._lines = {name: Line(at_once) for name, at_once in self._desk.routes.at_once.items()}

    async def run(self) -> None:
        """Work until cancelled."""
        writer = asyncio.create_task(self._write_results())
        keeper = asyncio.create_task(self._hold_what_waits())
        try:
            await self._forget_earlier_life()
            while True:
                if not await self._step():
                    await self._sleep()
        finally:
            working = (writer, keeper, *self._tasks)
            for task in working:
                task.cancel()
            await asyncio.gather(*working, return_exceptions=True)

    async def drain(self) -> None:
        """Send all there is now, wait for every answer and store it."""
        while await self._step() or self._tasks or self._results:
            await asyncio.gather(*self._tasks)
            if self._results:
                await self._store_results()

    async def _forget_earlier_life(self) -> None:
        while True:
            try:
                await free_own_leases(self._parts)
                return
            except Unavailable:
                await asyncio.sleep(RETRY_SECONDS)

    async def _step(self) -> bool:
        """Send what was handed over, LIFE first, then what the database has due; whether there was anything."""
        mailbox = self._desk.mailbox
        handed = mailbox.take(Lane.LIFE, BATCH)
        if not handed and not self._normal.locked():
            handed = mailbox.take(Lane.NORMAL, BATCH)
        now = self._parts.clock.now()
        # One that has waited here beyond its lease is due in the database again.
        self._dispatch([attempt for attempt in handed if attempt.lease and attempt.lease.until > now])
        if handed:
            await asyncio.sleep(0)
            return True
        if not mailbox.look:
            return False
        mailbox.look = False
        try:
            leased = await lease_due(self._parts, limit=BATCH)
        except Unavailable:
            return False
        crash_point("notifier-leased")
        self._dispatch(leased)
        mailbox.look = len(leased) == BATCH
        return bool(leased)

    async def _sleep(self) -> None:
        mailbox = self._desk.mailbox
        try:
            async with asyncio.timeout(POLL_SECONDS):
                await mailbox.bell.wait()
        except TimeoutError:
            mailbox.look = True
        mailbox.bell.clear()

    # -- submitting ------------------------------------------------------------------------------------------------

    def _dispatch(self, attempts: Sequence[Attempt]) -> None:
        now = self._parts.clock.now()
        groups: dict[tuple[str, Lane], list[Attempt]] = defaultdict(list)
        for attempt in attempts:
            name = choose_route(attempt, self._desk.routes.order(attempt.channel, now))
            if name is None:
                self._put(Result(attempt, None, Answer(attempt.id, Outcome.REFUSED, cause=NO_ROUTE), now))
            else:
                groups[name, attempt.lane].append(attempt)
        for (name, lane), group in sorted(groups.items(), key=lambda item: item[0][1] is not Lane.LIFE):
            if name in self._lines:
                self._lines[name].join(group)
                self._pass_on(name)
            else:
                self._begin(self._submit(name, lane, group))

    def _begin(self, submitting: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(submitting)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _pass_on(self, name: str) -> None:
        """Give the carrier as many of those in line as it takes now."""
        line = self._lines[name]
        while (attempt := line.next(self._parts.clock.now())) is not None:
            task = self._begin(self._submit(name, attempt.lane, [attempt], in_line=True))
            task.add_done_callback(partial(self._was_answered, name, attempt.lane))

    def _was_answered(self, name: str, lane: Lane, task: asyncio.Task[None]) -> None:
        self._lines[name].back(lane)
        if not task.cancelled():
            self._pass_on(name)

    async def _hold_what_waits(self) -> None:
        """Renew the leases of those in line, so that nobody else sends them meanwhile, nor while they are away: whoever
        leaves the line has most of a lease before them."""
        while True:
            lease = self._desk.policy.lease
            await asyncio.sleep(lease.total_seconds() / 10)
            soon = self._parts.clock.now() + lease * 4 / 5
            for line in self._lines.values():
                ending = line.leases_before(soon)
                if not ending:
                    continue
                try:
                    line.renewed(*await renew_leases(self._parts, ending))
                except Unavailable:
                    log.warning("leases-not-renewed", count=len(ending))

    async def _submit(self, name: str, lane: Lane, group: Sequence[Attempt], *, in_line: bool = False) -> None:
        async with contextlib.AsyncExitStack() as stack:
            if lane is Lane.NORMAL and not in_line:
                await stack.enter_async_context(self._normal)
            route = self._desk.routes.routes[name]
            by_id = {attempt.id: attempt for attempt in group}
            batch = [self._outgoing(attempt) for attempt in group]
            async for answer in route.submit(batch, timeout=self._desk.policy.timeout):
                self._note(name, by_id[answer.reference], answer)
        self._desk.mailbox.bell.set()

    def _outgoing(self, attempt: Attempt) -> Outgoing:
        if attempt.hint is not None:
            return Outgoing(attempt.id, attempt.channel, attempt.address, attempt.lane, attempt.hint)
        link = check_in_link(self._parts)
        if attempt.page_id is not None:
            link = sign_link(self._parts, attempt.page_id, attempt.user)
        message = PageMessage(attempt.code, attempt.lane, link, drill=attempt.drill)
        return Outgoing(attempt.id, attempt.channel, attempt.address, attempt.lane, message)

    def _note(self, name: str, attempt: Attempt, answer: Answer) -> None:
        now = self._parts.clock.now()
        self._desk.routes.note(name, answer.outcome, now, answer.cause)
        if not attempt.drill:
            SUBMISSIONS.labels(name, attempt.lane.value, answer.outcome.value).inc()
            SUBMIT_SECONDS.labels(attempt.lane.value, attempt.channel.value).observe(
                max(0.0, (now - attempt.due_at).total_seconds())
            )
        self._put(Result(attempt, name, answer, now))

    # -- what came of it -------------------------------------------------------------------------------------------

    def _put(self, result: Result) -> None:
        self._results.append(result)
        self._results_bell.set()

    async def _write_results(self) -> None:
        while True:
            await self._results_bell.wait()
            self._results_bell.clear()
            try:
                await self._store_results()
            except Unavailable:
                self._results_bell.set()
                log.warning("results-wait", count=len(self._results))
                await asyncio.sleep(RETRY_SECONDS)

    async def _store_results(self) -> None:
        """All results there are, in one transaction. Raises Unavailable, with the results kept for the next try.

        Should the leases run out before the database is back, a phone rings twice.
        """
        taken, self._results = self._results, []
        if not taken:
            return
        crash_point("notifier-submitted")
        try:
            await settle(self._parts, taken)
        except Unavailable:
            self._results[:0] = taken
            raise
