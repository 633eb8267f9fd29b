"""A route fails, dies and comes back: by what it carries, never because time has passed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from forkant_notifier.domain.callbacks import Bucket, read_callback_rules
from forkant_notifier.domain.phone_number import as_dialled
from forkant_notifier.domain.route_health import (
    RouteState,
    Standing,
    by_the_clock,
    is_back,
    is_proven,
    page_due,
    read_rules,
    test_due,
    together,
    went_well,
    went_wrong,
)
from forkant_notifier.settings import route_rules_document
from forkant_shared.errors import Invalid

test_due.__test__ = False  # type: ignore[attr-defined]
RULES = read_rules(route_rules_document())
BEGIN = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return BEGIN + timedelta(seconds=seconds)


def failed(*moments: float) -> Standing:
    standing = Standing("first")
    for moment in moments:
        standing = went_wrong(standing, "TIMEOUT", RULES, at(moment))
    return standing


def test_three_failures_in_thirty_seconds_move_a_route_to_the_back_and_fewer_or_slower_do_not() -> None:
    assert failed(0, 15).state is RouteState.GOOD
    assert failed(0, 15, 30).state is RouteState.FAILING
    assert failed(0, 15, 31).state is RouteState.GOOD
    assert failed(0, 15, 31, 32).state is RouteState.FAILING


def test_a_success_in_between_forgets_the_failures() -> None:
    standing = went_well(failed(0, 1), RULES, at(2), proof=False)
    assert went_wrong(standing, "TIMEOUT", RULES, at(3)).state is RouteState.GOOD


def test_a_failing_route_is_dead_after_a_minute_and_a_person_is_told_once() -> None:
    standing = failed(0, 1, 2)
    assert by_the_clock(standing, RULES, at(61)).state is RouteState.FAILING
    dead = by_the_clock(standing, RULES, at(62))
    assert dead.state is RouteState.DEAD
    assert page_due(dead, RULES, at(62))
    told = replace(dead, page_id="p", paged_at=at(62))
    assert not page_due(told, RULES, at(10_000))


def test_time_alone_brings_no_route_back_two_that_went_well_do() -> None:
    standing = by_the_clock(failed(0, 1, 2), RULES, at(100_000))
    once = went_well(standing, RULES, at(100_001), proof=True)
    assert once.state is RouteState.DEAD
    assert went_wrong(once, "TIMEOUT", RULES, at(100_002)).good_in_a_row == 0
    twice = went_well(once, RULES, at(100_003), proof=True)
    assert twice.state is RouteState.GOOD
    assert twice.failing_since is None
    assert is_back(replace(twice, page_id="p"))


def test_a_route_that_dies_again_and_again_is_not_told_of_each_time() -> None:
    dead = replace(by_the_clock(failed(0, 1, 2), RULES, at(62)), paged_at=at(0))
    assert not page_due(dead, RULES, at(599))
    assert page_due(dead, RULES, at(600))


def test_a_failing_route_is_tried_often_and_a_good_one_each_quarter_of_an_hour() -> None:
    assert test_due(Standing("first"), RULES, at(0)), "never tried"
    good = Standing("first", tested_at=at(0))
    assert not test_due(good, RULES, at(899))
    assert test_due(good, RULES, at(900))
    for moments in ((0,), (0, 1, 2)):
        assert test_due(replace(failed(*moments), tested_at=at(0)), RULES, at(10)), "after the first failure too"


def test_a_message_taken_is_no_proof_where_the_carrier_gives_receipts_and_a_proof_gets_old() -> None:
    taken = went_well(Standing("first"), RULES, at(0), proof=False)
    assert not is_proven(taken, RULES, at(0))
    proven = went_well(taken, RULES, at(1), proof=True)
    assert is_proven(proven, RULES, at(1 + 2700))
    assert not is_proven(proven, RULES, at(2 + 2700))


def test_two_instances_know_the_later_of_what_each_has_seen() -> None:
    ours = Standing("first", last_good_at=at(5), tested_at=at(1))
    stored = Standing("first", last_good_at=at(3), tested_at=at(9), page_id="p", paged_at=at(9))
    both = together(ours, stored)
    assert (both.last_good_at, both.tested_at, both.page_id) == (at(5), at(9), "p")


def test_the_later_word_of_two_instances_on_a_route_counts() -> None:
    dead = by_the_clock(failed(0, 1, 2), RULES, at(62))
    idle = Standing("first", last_good_at=at(-10))
    assert together(idle, dead).state is RouteState.DEAD, "an instance without traffic does not call it good"
    sound = Standing("first", last_good_at=at(5))
    assert together(sound, dead).state is RouteState.GOOD
    assert together(dead, sound).state is RouteState.GOOD
    assert together(dead, sound).failing_since is None
    assert together(dead, idle).state is RouteState.DEAD
    assert not is_back(together(idle, replace(dead, page_id="p")))


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"failures": 0}, "routes.failures"),
        ({"within": "soon"}, "routes."),
        ({"test_each": 0}, "routes.test_each"),
        ({"version": None, "dead_after": None}, "routes."),
    ],
)
def test_rules_that_cannot_be_meant_are_refused_by_name(changed: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_rules(route_rules_document() | changed)
    assert str(refused.value.field).startswith(field)


def test_what_carriers_may_tell_has_bounds_and_rules_without_any_are_refused() -> None:
    bucket = Bucket(2, 3)
    assert [bucket.take(100) for _ in range(5)] == [True, True, True, False, False]
    assert [bucket.take(101) for _ in range(3)] == [True, True, False]
    assert not bucket.take(50), "a clock that goes back gives nothing"
    with pytest.raises(Invalid):
        read_callback_rules(route_rules_document()["callbacks"] | {"burst": 0})
    with pytest.raises(Invalid):
        read_callback_rules({})


@pytest.mark.parametrize(
    ("written", "dialled"),
    [
        ("+4700000001", "+4700000001"),
        ("004700000001", "+4700000001"),
        ("4700000001", "+4700000001"),
        ("00000001", "+4700000001"),
        ("00 00 00 01", "+4700000001"),
        (" +47 (000) 00-001 ", "+4700000001"),
        ("\u202a+47\u00a0000\u00a000\u00a0001\u202c", "+4700000001"),
        ("+46000000001", "+46000000001"),
        ("1234", "+471234"),
        ("Forkant", "Forkant"),
        ("", ""),
        ("+", "+"),
        ("٠٠٠٠٠٠٠١", "٠٠٠٠٠٠٠١"),
        ("+4700000001; drop", "+4700000001; drop"),
        ("1" * 40, "1" * 40),
    ],
)
def test_a_number_in_every_form_carriers_write_becomes_one_and_what_is_none_stays(written: str, dialled: str) -> None:
    assert as_dialled(written, "47") == dialled
