"""The rota: every instant has exactly one, handovers happen once, also in the nights the clock is changed."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from forkant_notifier.domain.lanes import Channel
from forkant_notifier.domain.plan import Gap, Plan
from forkant_notifier.domain.roster import Contact, Roster
from forkant_notifier.domain.rota import Override, Rota, Rotation
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
    plan = Plan(rota, frozenset({*rotation.members, "older", "newer"}))
    assert plan.gaps([1], at, at + timedelta(days=14)) == []


@settings(deadline=None)
@given(rotation=rotations, at=moments)
def test_every_instant_reaches_somebody_also_where_a_tier_has_a_gap(rotation: Rotation, at: datetime) -> None:
    rota = Rota((rotation,))
    phone = {Channel.SMS: "+4700000001"}
    tiers = {tier: tuple(Contact(user, phone) for user in rota.on_duty(tier, at)) for tier in (1, 2, 3)}
    assert not tiers[2]
    assert Roster(tiers, floor=(OPERATIONS,)).everyone(frozenset())


def test_a_gap_is_found_with_the_moments_it_begins_and_ends() -> None:
    cover = Override(2, "a", MONDAY, MONDAY + timedelta(days=3), made_at=MONDAY)
    later = Override(2, "b", MONDAY + timedelta(days=5), MONDAY + timedelta(days=30), made_at=MONDAY)
    plan = Plan(Rota((WEEKLY,), (cover, later)), frozenset("abc"))
    gap = Gap(2, MONDAY + timedelta(days=3), MONDAY + timedelta(days=5))
    assert plan.gaps([1, 2], MONDAY, MONDAY + timedelta(days=14)) == [gap]
    assert plan.rota.tiers == (1, 2)


def test_somebody_whose_phone_is_gone_leaves_a_gap() -> None:
    plan = Plan(Rota((WEEKLY,)), frozenset("ac"))
    begins = datetime(2026, 11, 23, 8, tzinfo=OSLO)
    assert plan.gaps([1], MONDAY, MONDAY + timedelta(days=14))[0].since == max(MONDAY, begins.astimezone(UTC))


TWELVE = Rotation(tier=1, members=("a", "b", "c"), starts_on=date(2026, 1, 1), handover=time(20), hours=12)


def lengths(rotation: Rotation, since: datetime, until: datetime) -> list[float]:
    shifts = Rota((rotation,)).shifts(1, since, until)
    return [(shift.until - shift.since) / timedelta(hours=1) for shift in shifts]


def test_a_day_is_23_or_25_hours_long_in_the_nights_the_clock_is_changed() -> None:
    daily = Rotation(tier=1, members=("a", "b"), starts_on=date(2026, 1, 1), handover=time(8), days=1)
    spring = datetime(2026, 3, 27, 8, tzinfo=OSLO).astimezone(UTC)
    assert lengths(daily, spring, datetime(2026, 3, 31, 8, tzinfo=OSLO)) == [24, 23, 24, 24]
    autumn = datetime(2026, 10, 23, 8, tzinfo=OSLO).astimezone(UTC)
    assert lengths(daily, autumn, datetime(2026, 10, 26, 8, tzinfo=OSLO)) == [24, 25, 24]


def test_a_night_shift_is_11_or_13_hours_long_and_still_changes_hands_at_the_same_wall_clock() -> None:
    spring = datetime(2026, 3, 28, 20, tzinfo=OSLO).astimezone(UTC)
    assert lengths(TWELVE, spring, datetime(2026, 3, 30, 8, tzinfo=OSLO)) == [11, 12, 12]
    autumn = datetime(2026, 10, 24, 20, tzinfo=OSLO).astimezone(UTC)
    assert lengths(TWELVE, autumn, datetime(2026, 10, 25, 20, tzinfo=OSLO)) == [13, 12]


def test_the_29th_of_february_is_a_day_like_any_other() -> None:
    daily = Rotation(tier=1, members=("a", "b", "c"), starts_on=date(2028, 2, 28), handover=time(8), days=1)
    seen = [daily.on_duty(datetime(2028, 2, 28, 12, tzinfo=UTC) + timedelta(days=day)) for day in range(3)]
    assert seen == ["a", "b", "c"]
    leap = Rotation(tier=1, members=("a", "b"), starts_on=date(2028, 2, 29), handover=time(8), days=7)
    assert leap.on_duty(datetime(2028, 2, 29, 8, tzinfo=OSLO)) == "a"
    assert leap.on_duty(datetime(2028, 3, 7, 8, tzinfo=OSLO)) == "b"


@settings(deadline=None)
@given(
    hours=st.sampled_from([4, 6, 8, 12]),
    handover=st.times(),
    at=moments,
    zone=st.sampled_from(["Europe/Oslo", "America/New_York", "Australia/Lord_Howe", "Antarctica/Troll", "UTC"]),
)
def test_shifts_of_hours_follow_one_another_without_a_hole_in_any_zone(
    hours: int, handover: time, at: datetime, zone: str
) -> None:
    rotation = Rotation(
        tier=1, members=tuple("abcdefg"), starts_on=date(2025, 6, 1), handover=handover, hours=hours, zone=zone
    )
    ends = rotation.ends(at)
    assert timedelta(0) < ends - at <= timedelta(hours=hours + 2)
    assert rotation.on_duty(ends - timedelta(microseconds=1)) == rotation.on_duty(at)
    follows = rotation.members[(rotation.members.index(rotation.on_duty(at) or "") + 1) % 7]
    assert rotation.on_duty(ends) == follows


def test_a_rota_written_anew_keeps_what_was_true_before() -> None:
    old = Rotation(1, ("a",), date(2026, 1, 5), time(8), in_force_until=MONDAY)
    new = Rotation(1, ("b",), date(2026, 1, 5), time(8), in_force_from=MONDAY)
    rota = Rota((old, new))
    assert rota.on_duty(1, MONDAY - timedelta(microseconds=1)) == ("a",)
    assert rota.on_duty(1, MONDAY) == ("b",)


def test_a_cover_takes_one_persons_turn_and_leaves_the_others() -> None:
    other = Rotation(tier=1, members=("x",), starts_on=date(2026, 11, 16), handover=time(8))
    cover = Override(1, "c", MONDAY, MONDAY + timedelta(hours=9), made_at=MONDAY, covers="x", revision=1)
    rota = Rota((WEEKLY, other), (cover,))
    assert rota.on_duty(1, MONDAY)[1] == "c"
    assert rota.on_duty(1, MONDAY)[0] in "ab"
    assert rota.on_duty(1, MONDAY + timedelta(hours=9))[1] == "x"


@settings(deadline=None)
@given(rotation=rotations, at=moments, since=moments, hours=st.integers(1, 400), whole=st.booleans())
def test_the_shift_that_runs_is_the_one_the_calendar_shows(
    rotation: Rotation, at: datetime, since: datetime, hours: int, whole: bool
) -> None:
    until = since + timedelta(hours=hours)
    covers = None if whole else rotation.members[0]
    rota = Rota((rotation,), (Override(1, "x", since, until, since, covers=covers, revision=1),))
    shown = rota.shifts(1, at, at + timedelta(microseconds=1))[0]
    assert rota.shift_at(1, at) == shown
