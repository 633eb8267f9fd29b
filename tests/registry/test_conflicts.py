"""Conflicts between groups over time."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forkant_registry.domain.conflicts import Conflict, Standing, StandingWish, change, pair
from forkant_registry.domain.grading import Grading
from forkant_shared.errors import Conflict as NotYet
from forkant_shared.errors import Invalid
from forkant_shared.events.registry import ConflictChanged
from tests.registry.support.reference import B2, DAY, GROUP, GROUP_2, NOW, SCALES, uuid

EMPTY = Conflict(uuid(1), GROUP, GROUP_2, 0)


def add(
    conflict: Conflict, wish: StandingWish, number: int, now: datetime = NOW
) -> tuple[Conflict, Standing, ConflictChanged]:
    return change(conflict, wish, standing_id=uuid(number), scales=SCALES, now=now, by="analyst")


@given(st.uuids().map(str), st.uuids().map(str))
def test_a_pair_of_groups_has_one_conflict_whoever_is_named_first(one: str, other: str) -> None:
    if one == other:
        with pytest.raises(Invalid):
            pair(one, other)
    else:
        assert pair(one, other) == pair(other, one)


def test_history_that_comes_late_does_not_change_how_it_stands_now() -> None:
    war, _, first = add(EMPTY, StandingWish("war", NOW - DAY, B2, "S1"), 2)
    late, standing, second = add(war, StandingWish("peace", NOW - 90 * DAY, B2, "S1"), 3, NOW + DAY)
    assert first.status == "war"
    assert standing.status == "peace"
    assert (second.status, second.since) == ("war", NOW - DAY)
    assert late.at(NOW - 30 * DAY, NOW + DAY) == standing
    assert late.at(NOW - 30 * DAY, NOW) is None
    assert late.version == 2


def test_the_latest_word_on_the_same_day_counts() -> None:
    tense, _, _ = add(EMPTY, StandingWish("tense", NOW - DAY, B2, "S1"), 2)
    _, _, event = add(tense, StandingWish("cold", NOW - DAY, B2, "S2"), 3, NOW + DAY)
    assert event.status == "cold"


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (StandingWish("war", NOW + DAY, B2, "S1"), "since"),
        (StandingWish("war", datetime(2026, 1, 1), B2, "S1"), "since"),
        (StandingWish("war", NOW, Grading("ADMIRALTY", "A", "9"), "S1"), "grading.information"),
        (StandingWish("war", NOW, B2, ""), "origin"),
    ],
)
def test_a_standing_that_cannot_be_is_refused(wish: StandingWish, field: str) -> None:
    with pytest.raises((Invalid, NotYet)) as refused:
        add(EMPTY, wish, 2)
    assert refused.value.field == field
