"""What is drawn of how signals fade."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from forkant_threat_watch.domain.fading import AHEAD_SECONDS, SAMPLES, fading_of
from forkant_threat_watch.domain.grading import Quality
from forkant_threat_watch.domain.index import Curve
from forkant_threat_watch.domain.signals import Signal
from forkant_threat_watch.domain.words import Factor, Party, PartyKind
from forkant_threat_watch.store.policies import current_policy

INDEX = current_policy().index
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
INTENT = Signal(
    id="s", report="r", factor=Factor.INTENT, strength=0.9, grade=Quality(0.9, 0.9), quality=0.9, origin="S1",
    observed_at=NOW - timedelta(days=20), aggressor=Party(PartyKind.GROUP, "g"),
)  # fmt: skip


def test_nothing_said_is_nothing_drawn() -> None:
    assert fading_of([], INDEX, NOW.timestamp()).lanes == ()


def test_a_signal_is_drawn_from_what_it_is_about_and_falls() -> None:
    drawn = fading_of([INTENT], INDEX, NOW.timestamp())
    [lane] = drawn.lanes
    assert (lane.factor, len(lane.pulls), len(drawn.moments)) == (Factor.INTENT, SAMPLES, SAMPLES)
    assert drawn.moments[-1] == pytest.approx(NOW.timestamp() + AHEAD_SECONDS)
    assert list(lane.pulls) == sorted(lane.pulls, reverse=True)
    assert lane.starts == [INTENT.observed_at.timestamp()]


def test_the_drawing_says_what_the_index_says_where_nothing_is_capped() -> None:
    signals = [INTENT, replace(INTENT, id="t", origin="S2", observed_at=NOW - timedelta(days=5))]
    drawn = fading_of(signals, INDEX, NOW.timestamp())
    for at, pull in zip(drawn.moments, drawn.lanes[0].pulls, strict=True):
        heard = [signal for signal in signals if signal.observed_at.timestamp() <= at]
        assert pull == pytest.approx(Curve.of(heard, INDEX, at).pulls(at).get(Factor.INTENT, 0.0))


def test_an_echo_of_one_origin_draws_nothing_more() -> None:
    once = fading_of([INTENT], INDEX, NOW.timestamp()).lanes[0].pulls
    assert fading_of([INTENT, replace(INTENT, id="t")], INDEX, NOW.timestamp()).lanes[0].pulls == once
