"""Attempts: leased, not marked; receipts in any order; another route after a failure."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forkant_notifier.domain.attempts import (
    Attempt,
    AttemptState,
    Lease,
    Outcome,
    choose_route,
    first_try,
    follow_up,
    leased,
    may_lease,
    receipted,
    settled,
)
from forkant_notifier.domain.climb import open_page
from tests.notifier.support.people import MONDAY, cause, policy, roster

POLICY = policy()


def attempt() -> Attempt:
    decision = open_page(cause(), page_id="page", code="7F3A", policy=POLICY, roster=roster(), now=MONDAY)
    return first_try(decision.rings[0], decision.page, attempt_id="one", now=MONDAY)


def outcome(of: Outcome, route: str = "first", start: Attempt | None = None) -> Attempt:
    return settled(start or attempt(), of, route=route, provider_id="p", cause=None, now=MONDAY)


def test_a_lease_that_runs_out_is_due_again() -> None:
    held = leased(attempt(), Lease("l", "here", MONDAY + POLICY.lease))
    assert may_lease(attempt(), MONDAY)
    assert not may_lease(held, MONDAY + POLICY.lease - timedelta(microseconds=1))
    assert may_lease(held, MONDAY + POLICY.lease)


@pytest.mark.parametrize("of", list(Outcome))
def test_what_a_route_has_answered_is_never_sent_again_by_itself(of: Outcome) -> None:
    assert not may_lease(outcome(of), MONDAY + timedelta(days=1))


def test_only_what_the_carrier_took_is_said_to_be_submitted() -> None:
    assert outcome(Outcome.SUBMITTED).submitted_at == MONDAY
    assert outcome(Outcome.DELIVERED).receipt_at == MONDAY
    assert outcome(Outcome.REFUSED).submitted_at is None
    assert outcome(Outcome.SILENT).submitted_at is None


@pytest.mark.parametrize("of", [Outcome.REFUSED, Outcome.SILENT])
def test_a_failure_goes_to_the_other_route_at_once_with_the_same_code(of: Outcome) -> None:
    again = follow_up(outcome(of), attempt_id="two", policy=POLICY, now=MONDAY)
    assert again is not None
    assert (again.code, again.due_at, again.number, again.tried) == ("7F3A", MONDAY, 2, ("first",))
    assert choose_route(again, ["first", "second"]) == "second"
    assert choose_route(replace(again, tried=("first", "second", "second")), ["first", "second"]) == "first"
    assert choose_route(again, []) is None


@pytest.mark.parametrize("of", [Outcome.SUBMITTED, Outcome.DELIVERED])
def test_what_arrived_has_no_follow_up(of: Outcome) -> None:
    assert follow_up(outcome(of), attempt_id="two", policy=POLICY, now=MONDAY) is None


def test_follow_ups_end_where_the_policy_says() -> None:
    found: Attempt | None = attempt()
    waits = []
    while found is not None:
        found = follow_up(outcome(Outcome.SILENT, start=found), attempt_id="n", policy=POLICY, now=MONDAY)
        waits += [found.due_at - MONDAY] if found else []
    assert waits == list(POLICY.follow_up_after)


@given(st.lists(st.booleans(), min_size=1, max_size=6))
def test_receipts_in_any_order_and_number_end_at_the_best_news(receipts: list[bool]) -> None:
    found = outcome(Outcome.SUBMITTED)
    for delivered in receipts:
        found = receipted(found, delivered=delivered, cause=None, now=MONDAY) or found
    assert found.state is (AttemptState.DELIVERED if any(receipts) else AttemptState.FAILED)
