"""The rota: every instant has exactly one, handovers happen once, also in the nights the clock is changed."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from forkant_notifier.domain.lanes import Channel
from forkant_notifier.domain.roster import Contact, Roster
from forkant_notifier.domain.rota import Override, Rota, Rotation, gaps
from tests.notifier.support.people import MONDAY, OPERATIONS

OSLO = ZoneInfo("Europe/Oslo")
WEEKLY = Rotation(tier=1, members=("a", "b", "c"), starts_on=date(2026, 11, 16), handover=time(8))

moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
rotations = st.builds(
    Rotation,
    tier=st.just(1),
    members=st.lists(st.sampled_from("abcde"), min_size=1, max_size=5, unique=True).map(tuple),
    starts_on=st.dates(date(2025, 1, 1), date(2025, 12, 30)),
    handover=st.times(),
    days=st.integers(1, 28),
)


def test_the_phone_changes_hands_at_eight_oslo_time() -> None:
    before = datetime(2026, 11, 23, 7, 59, 59, tzinfo=OSLO)
    assert WEEKLY.on_duty(before) == "a"
    assert WEEKLY.on_duty(before + timedelta(seconds=1)) == "b"
    assert WEEKLY.on_duty(datetime(2026, 12, 7, 8, tzinfo=OSLO)) == "a"
    assert WEEKLY.on_duty(datetime(2026, 11, 16, 7, tzinfo=OSLO)) is None


def test_in_the_night_with_two_half_past_twos_the_phone_does_not_go_back() -> None:
    nightly = Rotation(tier=1, members=("a", "b"), starts_on=date(2026, 10, 24), handover=time(2, 30), days=1)
    start = datetime(2026, 10, 24, 23, 0, tzinfo=UTC)
    seen = [nightly.on_duty(start + timedelta(minutes=minute)) for minute in range(180)]
    changes = sum(1 for one, two in itertools.pairwise(seen) if one != two)
    assert changes == 1


def test_in_the_night_without_half_past_two_the_phone_still_changes_hands_once() -> None:
    nightly = Rotation(tier=1, members=("a", "b"), starts_on=date(2026, 3, 28), handover=time(2, 30), days=1)
    start = datetime(2026, 3, 28, 23, 0, tzinfo=UTC)
    seen = [nightly.on_duty(start + timedelta(minutes=minute)) for minute in range(180)]
    assert len(set(seen)) == 2
    assert sum(1 for one, two in itertools.pairwise(seen) if one != two) == 1


@settings(deadline=None)
@given(rotation=rotations, at=moments)
def test_every_instant_has_exactly_one_and_the_turn_lasts_until_it_ends(rotation: Rotation, at: datetime) -> None:
    on = rotation.on_duty(at)
    ends = rotation.ends(at)
    assert on in rotation.members
    assert ends > at
    assert rotation.on_duty(ends - timedelta(microseconds=1)) == on
    if len(rotation.members) > 1:
        assert rotation.on_duty(ends) != on


@settings(deadline=None)
@given(
    rotation=rotations,
    at=moments,
    since=moments,
    hours=st.integers(1, 200),
    earlier=st.integers(1, 60),
)
def test_the_newest_override_that_holds_has_the_tier(
    rotation: Rotation, at: datetime, since: datetime, hours: int, earlier: int
) -> None:
    until = since + timedelta(hours=hours)
    old = Override(1, "older", since, until, made_at=MONDAY - timedelta(minutes=earlier))
    new = Override(1, "newer", since, until, made_at=MONDAY)
    rota = Rota((rotation,), (new, old))
    expected = "newer" if since <= at < until else rotation.on_duty(at)
    assert rota.on_duty(1, at) == (expected,)
    assert gaps(rota, [1], at, at + timedelta(days=14)) == []


@settings(deadline=None)
@given(rotation=rotations, at=moments)
def test_every_instant_reaches_somebody_also_where_a_tier_has_a_gap(rotation: Rotation, at: datetime) -> None:
    rota = Rota((rotation,))
    phone = {Channel.SMS: "+4700000001"}
    tiers = {tier: tuple(Contact(user, phone) for user in rota.on_duty(tier, at)) for tier in (1, 2, 3)}
    assert not tiers[2]
    assert Roster(tiers, floor=(OPERATIONS,)).everyone(frozenset())


def test_a_gap_is_found_with_the_moment_it_begins() -> None:
    cover = Override(2, "a", MONDAY, MONDAY + timedelta(days=3), made_at=MONDAY)
    rota = Rota((WEEKLY,), (cover,))
    assert gaps(rota, [1, 2], MONDAY, MONDAY + timedelta(days=14)) == [(2, MONDAY + timedelta(days=3))]
    assert rota.tiers == (1, 2)
