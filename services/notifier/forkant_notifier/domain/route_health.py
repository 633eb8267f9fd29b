"""How a route is: GOOD, FAILING (asked last) or DEAD (a person is told), and when it was last proven.

A route is not believed again because time has passed, only because it has carried something: a message, or a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from forkant_notifier.domain.climb import Cause
from forkant_notifier.domain.lanes import Lane
from forkant_notifier.domain.page import Origin
from forkant_shared.errors import Invalid

RULE = "route-dead"


class RouteState(StrEnum):
    """GOOD is asked in the operator's order; FAILING and DEAD after all that are GOOD, never not at all."""

    GOOD = "GOOD"
    FAILING = "FAILING"
    DEAD = "DEAD"


@dataclass(frozen=True, slots=True)
class RouteRules:
    """When a route fails, is dead and is good again; `failures` of them `within` move it to the back.

    `test_each` is how often a good route is tried with a message that wakes nobody, `probe_each` how often one whose
    last word was a failure, and `proven_for` how long a proof counts on the desk. Messages of no page go after
    `keep_tests`.
    """

    version: str
    failures: int
    within: timedelta
    dead_after: timedelta
    page_again_after: timedelta
    probe_each: timedelta
    good_in_a_row: int
    test_each: timedelta
    proven_for: timedelta
    keep_tests: timedelta


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one route. `failures` are the latest that count; `page_id` is the page its death opened."""

    name: str
    state: RouteState = RouteState.GOOD
    failures: tuple[datetime, ...] = ()
    good_in_a_row: int = 0
    failing_since: datetime | None = None
    last_good_at: datetime | None = None
    last_proven_at: datetime | None = None
    last_failed_at: datetime | None = None
    last_cause: str | None = None
    tested_at: datetime | None = None
    page_id: str | None = None
    paged_at: datetime | None = None


def read_rules(document: Mapping[str, Any]) -> RouteRules:
    """The rules in a document. Raises Invalid, naming the field, for one that is missing or cannot be meant."""
    try:
        seconds = {
            name: timedelta(seconds=float(document[name]))
            for name in (
                "within",
                "dead_after",
                "page_again_after",
                "probe_each",
                "test_each",
                "proven_for",
                "keep_tests",
            )
        }
        rules = RouteRules(
            version=str(document["version"]),
            failures=int(document["failures"]),
            good_in_a_row=int(document["good_in_a_row"]),
            **seconds,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid(
            "The rules for routes lack a field or have one of the wrong kind.", field=f"routes.{error.args[0]}"
        ) from error
    for name, value in (("failures", rules.failures), ("good_in_a_row", rules.good_in_a_row)):
        if value < 1:
            raise Invalid("This is at least 1.", field=f"routes.{name}")
    for name, wait in seconds.items():
        if wait <= timedelta(0):
            raise Invalid("This is more than 0 seconds.", field=f"routes.{name}")
    return rules


def went_well(standing: Standing, rules: RouteRules, now: datetime, *, proof: bool) -> Standing:
    """The carrier took a message, or (`proof`) is known to have delivered one."""
    after = replace(standing, last_good_at=now, last_proven_at=now if proof else standing.last_proven_at)
    if standing.state is RouteState.GOOD:
        return replace(after, failures=())
    good = standing.good_in_a_row + 1
    if good < rules.good_in_a_row:
        return replace(after, good_in_a_row=good)
    return replace(after, state=RouteState.GOOD, failures=(), good_in_a_row=0, failing_since=None)


def went_wrong(standing: Standing, cause: str | None, rules: RouteRules, now: datetime) -> Standing:
    """The carrier refused a message or did not answer."""
    failures = (*standing.failures, now)[-rules.failures :]
    after = replace(standing, failures=failures, good_in_a_row=0, last_failed_at=now, last_cause=cause)
    many = len(failures) == rules.failures and now - failures[0] <= rules.within
    if standing.state is RouteState.GOOD and many:
        return replace(after, state=RouteState.FAILING, failing_since=now)
    return after


def by_the_clock(standing: Standing, rules: RouteRules, now: datetime) -> Standing:
    """One that has failed for long enough is dead."""
    since = standing.failing_since
    if standing.state is RouteState.FAILING and since is not None and now - since >= rules.dead_after:
        return replace(standing, state=RouteState.DEAD)
    return standing


def test_due(standing: Standing, rules: RouteRules, now: datetime) -> bool:
    """Whether it is time for a message that wakes nobody: soon where the last word was a failure."""
    sound = standing.state is RouteState.GOOD and not standing.failures
    each = rules.test_each if sound else rules.probe_each
    # One that was tried later than now was tried before a clock was set back.
    return standing.tested_at is None or now - standing.tested_at >= each or standing.tested_at > now


def page_due(standing: Standing, rules: RouteRules, now: datetime) -> bool:
    """Whether a person is told of its death: once, and not again for a while where it keeps dying."""
    rested = standing.paged_at is None or now - standing.paged_at >= rules.page_again_after
    return standing.state is RouteState.DEAD and standing.page_id is None and rested


def is_back(standing: Standing) -> bool:
    """Good again, with the page of its death still linked."""
    return standing.state is RouteState.GOOD and standing.page_id is not None


def is_proven(standing: Standing, rules: RouteRules, now: datetime) -> bool:
    """Whether something is known to have come through it lately."""
    return standing.last_proven_at is not None and now - standing.last_proven_at <= rules.proven_for


def together(ours: Standing, stored: Standing) -> Standing:
    """What this instance has seen and what all have stored: of the state the later word, of each moment the later, and
    the page as stored."""
    both = _later_word(ours, stored)
    return replace(
        both,
        last_good_at=_later(ours.last_good_at, stored.last_good_at),
        last_proven_at=_later(ours.last_proven_at, stored.last_proven_at),
        last_failed_at=_later(ours.last_failed_at, stored.last_failed_at),
        last_cause=ours.last_cause or stored.last_cause,
        tested_at=_later(ours.tested_at, stored.tested_at),
        page_id=stored.page_id,
        paged_at=stored.paged_at,
    )


def _later_word(ours: Standing, stored: Standing) -> Standing:
    """Failures seen elsewhere make a route fail here too; a success ends that, whoever had it, if it is later."""
    if (ours.state is RouteState.GOOD) == (stored.state is RouteState.GOOD):
        return ours
    if stored.state is RouteState.GOOD:
        theirs_is_later = _is_later(stored.last_good_at, ours.last_failed_at)
    else:
        theirs_is_later = _is_later(stored.last_failed_at, ours.last_good_at)
    if not theirs_is_later:
        return ours
    return replace(ours, state=stored.state, failures=(), good_in_a_row=0, failing_since=stored.failing_since)


def _is_later(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and (other is None or one > other)


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((at for at in (one, other) if at is not None), default=None)


def death_of(name: str) -> Cause:
    """What a dead route asks for: a NORMAL page. The route's name is the operator's own code for it."""
    return Cause(lane=Lane.NORMAL, origin=Origin.ROUTE_DEAD, rules=(RULE, name))
