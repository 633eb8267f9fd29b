"""The formula: what must hold whatever the signals are."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forkant_threat_watch.domain.index import Curve, index_of
from forkant_threat_watch.domain.levels import automatic, first_change
from forkant_threat_watch.domain.signals import Signal
from forkant_threat_watch.domain.words import SUPPORTING, Factor, Level
from tests.threat_watch.support.building import POLICY, START, day, feedback, own_words, signal

INDEX = POLICY.index
GRADES = st.builds(str.__add__, st.sampled_from("ABCDEF"), st.sampled_from("123456"))


@st.composite
def signals(draw: st.DrawFn, factors: tuple[Factor, ...] = tuple(Factor)) -> Signal:
    factor = draw(st.sampled_from(factors))
    return signal(
        factor,
        draw(st.floats(0, 1)),
        draw(GRADES),
        f"S{draw(st.integers(1, 5))}",
        START - timedelta(hours=draw(st.integers(0, 24 * 100))),
        spoken_by_aggressor=factor is Factor.BUFFER and draw(st.booleans()),
    )


many = st.lists(signals(), max_size=12)
supporting = signals(SUPPORTING)


def index(of: list[Signal], at: datetime = START) -> float:
    return Curve.of(of, INDEX, at.timestamp()).at(at.timestamp()).index


@given(many, supporting)
def test_a_supporting_signal_never_lowers_the_index(known: list[Signal], more: Signal) -> None:
    assert index([*known, more]) >= index(known) - 1e-12


@given(many, supporting, st.integers(1, 6), st.floats(0, 1))
def test_copies_of_one_origin_never_raise_it(known: list[Signal], said: Signal, copies: int, louder: float) -> None:
    echoes = [replace(said, id=f"{said.id}-{n}", strength=said.strength * louder) for n in range(copies)]
    assert index([*known, said, *echoes]) == index([*known, said])


@given(st.lists(signals(), max_size=8).flatmap(lambda s: st.tuples(st.just(s), st.permutations(s))))
def test_order_of_arrival_does_not_matter(told: tuple[list[Signal], list[Signal]]) -> None:
    one, other = told
    assert index(one) == pytest.approx(index(other), abs=1e-12)


@given(many)
def test_taking_in_one_by_one_gives_what_all_at_once_gives(known: list[Signal]) -> None:
    at = START.timestamp()
    grown = Curve(INDEX, at)
    for one in known:
        grown = grown.plus((one,), at)
    assert grown.at(at).odds == pytest.approx(Curve.of(known, INDEX, at).at(at).odds, abs=1e-12)
    assert grown.supporters(at) == Curve.of(known, INDEX, at).supporters(at)


@given(many, st.integers(1, 200))
def test_a_curve_that_has_let_go_of_the_past_gives_the_same(known: list[Signal], days: int) -> None:
    later = (START + timedelta(days=days)).timestamp()
    early = Curve.of(known, INDEX, START.timestamp())
    swept = early.plus((), later)
    fresh = Curve.of(known, INDEX, later)
    assert swept.at(later).odds == pytest.approx(fresh.at(later).odds, abs=1e-12)
    assert early.at(later).odds == pytest.approx(fresh.at(later).odds, abs=1e-12)
    assert swept.supporters(later) == fresh.supporters(later) == early.supporters(later)


@given(many)
def test_shares_add_up_to_the_odds_less_the_prior(known: list[Signal]) -> None:
    reading = Curve.of(known, INDEX, START.timestamp()).at(START.timestamp())
    assert math.fsum(reading.shares(INDEX).values()) == pytest.approx(reading.odds - INDEX.prior_odds, abs=1e-12)


@given(st.lists(st.sampled_from(["F6", "F5", "E6", "E4"]), min_size=8, max_size=30))
def test_any_number_of_weak_rumours_about_one_thing_stays_low(grades: list[str]) -> None:
    rumours = [signal(Factor.INTENT, 0.7, grade, f"t{n}") for n, grade in enumerate(grades)]
    assert automatic(index(rumours), (len(rumours), 1), POLICY.levels) is Level.LOW
    assert index(rumours) < 0.1


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), many)
def test_what_they_promise_counts_at_most_a_third_or_so(promises: list[float], known: list[Signal]) -> None:
    known = [one for one in known if one.factor is not Factor.BUFFER]
    words = [own_words(strength, "A1", origin=f"g{n}") for n, strength in enumerate(promises)]
    before = Curve.of(known, INDEX, START.timestamp()).at(START.timestamp()).odds
    after = Curve.of([*known, *words], INDEX, START.timestamp()).at(START.timestamp()).odds
    assert before - after <= INDEX.weights[Factor.BUFFER] * INDEX.own_words_cap + 1e-12


def test_an_officers_word_adds_to_a_promise_without_its_limit() -> None:
    reading = Curve.of([own_words(), feedback(0.5)], INDEX, START.timestamp()).at(START.timestamp())
    assert reading.pulls[Factor.BUFFER] == pytest.approx(1 - (1 - 0.35) * (1 - 0.5 * 0.9))


@pytest.mark.parametrize(("days", "fades"), [(0, 1.0), (42, 0.75), (84, 0.0), (200, 0.0)])
def test_a_signal_holds_long_and_then_drops(days: float, fades: float) -> None:
    at = day(days).timestamp()
    told = signal(Factor.INTENT, 0.5, "A1")
    assert Curve.of([told], INDEX, START.timestamp()).pulls(at)[Factor.INTENT] == pytest.approx(0.45 * fades)


@pytest.mark.parametrize(("days", "counts"), [(-0.1, False), (0, True), (10, True), (21, True), (21.1, False)])
def test_a_window_counts_in_full_inside_and_not_at_all_outside(days: float, counts: bool) -> None:
    window = signal(Factor.TARGET_EXPOSURE, 0.5, "A1", flat=True, flat_from=START, flat_until=day(21))
    curve = Curve.of([window], INDEX, day(-5).timestamp())
    assert curve.pulls(day(days).timestamp())[Factor.TARGET_EXPOSURE] == pytest.approx(0.45 if counts else 0)
    assert curve.supporters(day(days).timestamp()) == ((1, 1) if counts else (0, 0))


def test_no_signal_counts_more_than_the_cap() -> None:
    sure = replace(signal(Factor.INTENT, 1.0, "A1"), quality=1.0)
    assert Curve.of([sure], INDEX, START.timestamp()).pulls(START.timestamp())[Factor.INTENT] == pytest.approx(0.95)


def test_one_strong_signal_lifts_the_limit_on_weak_ones() -> None:
    weak = [signal(Factor.INTENT, 0.7, "F6", f"t{n}") for n in range(8)]
    strong = signal(Factor.INTENT, 0.1, "B2", "S1")
    assert Curve.of(weak, INDEX, 0).pulls(START.timestamp())[Factor.INTENT] == 0.35
    assert Curve.of([*weak, strong], INDEX, 0).pulls(START.timestamp())[Factor.INTENT] > 0.8


@settings(max_examples=40)
@given(many)
def test_the_next_change_is_where_a_fine_search_by_hand_finds_it(known: list[Signal]) -> None:
    now = START.timestamp()
    curve = Curve.of(known, INDEX, now)

    def level(at: float) -> Level:
        return automatic(curve.at(at).index, curve.supporters(at), POLICY.levels)

    found = first_change(curve, POLICY, now, now + 200 * 86_400, lambda i, s, levels: automatic(i, s, levels))
    before = level(now)
    by_hand = next(
        (at for at in (now + hour * 3600 for hour in range(0, 200 * 24, 4)) if level(at) is not before), None
    )
    if found is None:
        assert by_hand is None
    else:
        assert level(found) is not before
        assert by_hand is None or found <= by_hand + INDEX.precision_seconds


def test_a_buffer_that_runs_out_raises_the_level_again_and_the_search_sees_it() -> None:
    said = [signal(Factor.INTENT, 0.9, "A1"), signal(Factor.GRIEVANCE, 0.9, "A1"), feedback(0.9)]
    now = START.timestamp()
    curve = Curve.of(said, INDEX, now)
    change = first_change(curve, POLICY, now, now + 90 * 86_400, lambda i, s, levels: automatic(i, s, levels))
    assert change is not None
    assert curve.at(change).index > curve.at(now).index


@given(st.floats(-800, 800))
def test_the_index_lies_between_nothing_and_certainty(odds: float) -> None:
    assert 0.0 <= index_of(odds) <= 1.0
