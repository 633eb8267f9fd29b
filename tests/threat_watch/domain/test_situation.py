"""The situation picture, and what an attacker with all pictures of a year learns of one person: next to nothing."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forkant_shared.errors import Invalid
from forkant_threat_watch.domain import situation
from forkant_threat_watch.domain.situation import Opened, Period, Standing, Theme
from forkant_threat_watch.domain.situation_document import situation_of
from forkant_threat_watch.domain.words import Level, Party, PartyKind
from forkant_threat_watch.store.situations import rules

RULES = rules()
PARTNER = RULES.partner
DISTRICTS = list(RULES.districts)
AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


def opened(number: int, district: str | None = DISTRICTS[0], *, person: str | None = None) -> Opened:
    gang = Party(PartyKind.GROUP, f"gang-{number}")
    target = Party(PartyKind.PERSON, person or f"person-{number}")
    return Opened(AT + timedelta(minutes=number), district, (gang,), (target,))


def test_each_district_has_a_line_and_threats_without_place_one_of_their_own() -> None:
    lines = situation.by_district(
        [
            Standing(DISTRICTS[2], Level.HIGH, Level.MODERATE),
            Standing(DISTRICTS[2], None, Level.CRITICAL),
            Standing("9999-01", Level.LOW, None),
        ],
        RULES,
    )
    assert [line.district for line in lines] == [*DISTRICTS, None]
    third = lines[2]
    assert (third.now[Level.HIGH], third.before[Level.MODERATE], third.trend) == (1, 1, 0)
    assert lines[-1].now[Level.LOW] == 1


def test_a_trend_counts_what_is_high_or_above() -> None:
    [line] = [
        line
        for line in situation.by_district([Standing(DISTRICTS[0], Level.CRITICAL, Level.LOW)] * 3, RULES)
        if line.district == DISTRICTS[0]
    ]
    assert line.trend == 3


def test_periods_follow_one_another_and_wait_until_they_are_ripe() -> None:
    ripe = situation.ripe_periods(PARTNER, date(2026, 3, 30))
    assert [(p.begins, p.ends) for p in ripe] == [
        (date(2026, 1, 5), date(2026, 2, 2)),
        (date(2026, 2, 2), date(2026, 3, 2)),
    ]
    assert situation.ripe_periods(PARTNER, date(2026, 2, 15)) == []


def test_a_period_is_a_matter_of_the_local_calendar() -> None:
    period = Period(date(2026, 3, 2), date(2026, 3, 30))
    oslo = ZoneInfo("Europe/Oslo")
    assert period.holds(datetime(2026, 3, 1, 23, 30, tzinfo=UTC), oslo)
    assert not period.holds(datetime(2026, 3, 29, 22, 30, tzinfo=UTC), oslo)


def test_a_person_in_many_threats_counts_in_one() -> None:
    many = [opened(n, DISTRICTS[n % 3], person="same") for n in range(9)]
    counts = situation.partner_counts(many, RULES)
    assert sum(count for cell, count in counts.items() if cell.startswith("district:")) == 1
    assert sum(count for cell, count in counts.items() if cell.startswith("theme:")) == 1


@given(st.permutations(range(6)))
def test_the_order_in_which_threats_are_read_does_not_matter(order: list[int]) -> None:
    threats = [opened(n, DISTRICTS[n % 2], person=f"p{n % 4}") for n in range(6)]
    assert situation.partner_counts([threats[n] for n in order], RULES) == situation.partner_counts(threats, RULES)


def test_what_a_threat_is_about() -> None:
    def theme(*targets: Party, aggressor: PartyKind = PartyKind.PERSON) -> Theme:
        return situation.theme_of((Party(aggressor, "a"),), targets, PARTNER.authority_roles)

    role = next(iter(PARTNER.authority_roles))
    assert theme(Party(PartyKind.ROLE, role)) is Theme.AUTHORITY
    assert theme(Party(PartyKind.ROLE, "TEACHER")) is Theme.PERSONS
    assert theme(Party(PartyKind.PERSON, "b"), aggressor=PartyKind.GROUP) is Theme.GROUPS


@given(st.integers(0, 200), st.integers(0, 2**32))
def test_what_partners_see_is_rounded_and_never_small(count: int, seed: int) -> None:
    shown = situation.published({"c": count}, PARTNER, random.Random(seed).random)["c"]
    assert shown is None or (shown >= PARTNER.smallest and shown % PARTNER.round_to == 0)


def test_the_noise_is_that_of_its_formula() -> None:
    draw = random.Random(7).random
    found = Counter(situation.noise(PARTNER.spread, draw) for _ in range(200_000))
    alpha = math.exp(-1 / PARTNER.spread)
    for value in (0, 1, -1, 4, -6):
        expected = (1 - alpha) / (1 + alpha) * alpha ** abs(value)
        assert found[value] / 200_000 == pytest.approx(expected, abs=0.004)


def _year(uniform: Callable[[], float], *, with_person: bool, seed: int) -> list[dict[str, int | None]]:
    """Thirteen periods of a city; in the sixth, one person may be in one threat more."""
    city = random.Random(seed)
    pictures = []
    for period in range(13):
        threats = [opened(100 * period + n, city.choice(DISTRICTS[:4])) for n in range(city.randrange(20, 50))]
        if with_person and period == 5:
            threats.append(opened(9_999, DISTRICTS[0], person="the one"))
        pictures.append(situation.published(situation.partner_counts(threats, RULES), PARTNER, uniform))
    return pictures


def _weekly(pictures: list[dict[str, int | None]]) -> list[dict[str, int | None]]:
    """What one sees who looks each week: a picture stands until the next."""
    return [picture for picture in pictures for _ in range(PARTNER.weeks)]


def _likelihood(shown: int | None, count: int) -> float:
    """How likely this answer is for this true number: the attacker knows the method as well as we do."""
    alpha = math.exp(-1 / PARTNER.spread)

    def at_most(value: int) -> float:
        k = value - count
        return 1 - alpha ** (k + 1) / (1 + alpha) if k >= 0 else alpha**-k / (1 + alpha)

    if shown is None:
        return at_most(PARTNER.smallest - 1)
    values = [v for v in range(PARTNER.smallest, shown + 2 * PARTNER.round_to) if situation._shown(v, PARTNER) == shown]
    return at_most(values[-1]) - at_most(values[0] - 1)


def test_the_differencing_attacker_learns_nothing_about_a_single_person() -> None:
    """The strongest one there is: knows every other threat of the year and the method, and sees all weekly pictures.

    He bets on whether the person is in. With fair odds he is right half the time; with ours hardly more often.
    """
    draw, right, rounds = random.Random(11).random, 0, 1500
    coin = random.Random(12)
    for number in range(rounds):
        truth = coin.random() < 0.5
        weekly = _weekly(_year(draw, with_person=truth, seed=number % 40))
        known = _true_counts(number % 40)
        odds = 1.0
        for cell in (f"district:{DISTRICTS[0]}", f"theme:{Theme.GROUPS}"):
            shown = weekly[5 * PARTNER.weeks][cell]
            odds *= _likelihood(shown, known[cell] + 1) / _likelihood(shown, known[cell])
        right += (odds > 1) == truth
    most = math.exp(2 / PARTNER.spread) / (1 + math.exp(2 / PARTNER.spread))
    assert right / rounds < most + 0.02
    assert right / rounds < 0.62


def _true_counts(seed: int) -> dict[str, int]:
    city = random.Random(seed)
    for period in range(6):
        threats = [opened(100 * period + n, city.choice(DISTRICTS[:4])) for n in range(city.randrange(20, 50))]
    return situation.partner_counts(threats, RULES)


def test_subtracting_one_week_from_the_next_tells_nothing_but_that_a_new_period_began() -> None:
    weekly = _weekly(_year(random.Random(3).random, with_person=True, seed=1))
    changes = [n for n in range(1, len(weekly)) if weekly[n] != weekly[n - 1]]
    assert all(n % PARTNER.weeks == 0 for n in changes)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"begins": date(2026, 1, 6)}, "partner.begins"),
        ({"smallest": 3}, "partner.smallest"),
        ({"spread": 0.1}, "partner.spread"),
        ({"delay_days": 0}, "partner.delay_days"),
    ],
)
def test_rules_that_would_show_a_person_are_refused_with_their_place(change: dict[str, object], place: str) -> None:
    partner = {
        "begins": date(2026, 1, 5), "weeks": 4, "delay_days": 14, "spread": 4, "smallest": 5, "round_to": 5,
        "authority_roles": ["PROSECUTOR"],
    }  # fmt: skip
    document = {
        "version": "x", "districts": {"a": "A"}, "trend_days": 7, "coming_days": 14, "partner": {**partner, **change}
    }  # fmt: skip
    with pytest.raises(Invalid) as caught:
        situation_of(document)
    assert caught.value.field == place
