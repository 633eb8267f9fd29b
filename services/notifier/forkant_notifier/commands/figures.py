"""Answer times: counted as they happen for Prometheus, and read back week by week for the page. Never by person,
and neither drills nor messages that test a route are among them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from prometheus_client import Histogram

from forkant_notifier.commands.desk import NotifierParts, desk_of
from forkant_notifier.commands.duty import book_at, human_of
from forkant_notifier.domain.attempts import Attempt, AttemptState
from forkant_notifier.domain.figures import Measure, Sample, Series, by_week, mondays
from forkant_notifier.domain.lanes import Lane
from forkant_notifier.store import figures
from forkant_shared import audit
from forkant_shared.access import policy
from forkant_shared.identity import Principal

OSLO = ZoneInfo("Europe/Oslo")

SUBMIT_SECONDS = Histogram(
    "forkant_notifier_page_submit_seconds",
    "From a page's message being due to its carrier having it",
    ["lane", "route"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 5, 15, 60, 300),
)
RECEIPT_SECONDS = Histogram(
    "forkant_notifier_page_receipt_seconds",
    "From a page's message being due to its receipt of delivery",
    ["lane", "route"],
    buckets=(0.5, 1, 2, 5, 10, 20, 45, 90, 300, 1800),
)
HUMAN_SECONDS = Histogram(
    "forkant_notifier_page_human_seconds",
    "From a page being opened to its first acceptance",
    ["lane"],
    buckets=(10, 20, 45, 90, 180, 300, 600, 1200, 1800, 2400, 3600),
)


def count_tries(attempts: Sequence[Attempt]) -> None:
    """Routes have answered: those a carrier has taken are counted, and those it delivered at once."""
    for attempt in attempts:
        if attempt.submitted_at is not None and _counts(attempt):
            taken = (attempt.submitted_at - attempt.due_at).total_seconds()
            SUBMIT_SECONDS.labels(attempt.lane.value, attempt.route).observe(max(0.0, taken))
            count_receipt(attempt)


def count_receipt(attempt: Attempt) -> None:
    """A message has been delivered."""
    if attempt.state is AttemptState.DELIVERED and attempt.receipt_at is not None and _counts(attempt):
        taken = (attempt.receipt_at - attempt.due_at).total_seconds()
        RECEIPT_SECONDS.labels(attempt.lane.value, attempt.route).observe(max(0.0, taken))


def count_human(lane: Lane, taken: timedelta) -> None:
    """A person has accepted a page for the first time."""
    HUMAN_SECONDS.labels(lane.value).observe(max(0.0, taken.total_seconds()))


def _counts(attempt: Attempt) -> bool:
    return attempt.page_id is not None and not attempt.drill


@dataclass(frozen=True, slots=True)
class FiguresView:
    """The weeks, oldest first, and every series that has a time in one of them. `cut`: older ones were left out."""

    weeks: Sequence[date]
    series: Sequence[Series]
    cut: bool


async def read_figures(parts: NotifierParts, who: Principal) -> FiguresView:
    """The answer times of the last weeks, without pages the reader may not know of. Reading is written into the audit
    chain. Raises Forbidden."""
    policy.require(who, "notifier.figure.read")
    desk, now = desk_of(parts), parts.clock.now()
    rules = desk.rules
    weeks = mondays(now, rules.figure_weeks, OSLO)
    since = datetime.combine(weeks[0], datetime.min.time(), OSLO)
    async with parts.database.write() as session:
        await audit.record(session, who, "notifier.figure.read", [], kind="CONSULTATION")
    async with parts.database.read() as session:
        actor_id = human_of(who, await book_at(session, desk, now)).actor_id
        tries = await figures.tries(session, since, rules.figure_rows)
        humans = await figures.acceptances(session, since, rules.figure_rows)
    samples = [*_of_tries(tries, actor_id), *_of_humans(humans, actor_id)]
    return FiguresView(weeks, by_week(samples, weeks, OSLO), rules.figure_rows in (len(tries), len(humans)))


def _of_tries(rows: Sequence[Any], actor_id: str | None) -> Iterator[Sample]:
    for row in rows:
        if actor_id is not None and actor_id in row.excluded:
            continue
        lane = Lane(row.lane)
        taken = (row.submitted_at - row.due_at).total_seconds()
        yield Sample(Measure.SUBMIT, lane, row.route, row.opened_at, taken)
        if row.state == AttemptState.DELIVERED and row.receipt_at is not None:
            taken = (row.receipt_at - row.due_at).total_seconds()
            yield Sample(Measure.RECEIPT, lane, row.route, row.opened_at, taken)


def _of_humans(rows: Sequence[Any], actor_id: str | None) -> Iterator[Sample]:
    for row in rows:
        if row.accepted is None or (actor_id is not None and actor_id in row.excluded):
            continue
        taken = (row.accepted - row.opened_at).total_seconds()
        yield Sample(Measure.HUMAN, Lane(row.lane), None, row.opened_at, taken)
