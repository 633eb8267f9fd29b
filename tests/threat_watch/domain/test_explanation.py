"""Why it stands where it stands, with a pencil."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forkant_threat_watch.domain.explanation import Explanation, explain, sanitised
from forkant_threat_watch.domain.index import Curve, index_of
from forkant_threat_watch.domain.levels import automatic
from forkant_threat_watch.domain.signals import Signal
from forkant_threat_watch.domain.threat import Threat
from forkant_threat_watch.domain.words import UNKNOWN, Factor, Level
from tests.threat_watch.domain.test_index import signals
from tests.threat_watch.support.building import GANG, POLICY, RIVAL, START, day, own_words, signal

THE_CASE = [
    signal(Factor.GRIEVANCE, 0.9, "A1", "log", day(-29)),
    signal(Factor.INTENT, 0.9, "B3", "S1", day(-9)),
    signal(Factor.RECONNAISSANCE, 0.7, "C3", "W1", day(-5)),
    signal(Factor.INTENT, 0.9, "B2", "S2", day(-2)),
    signal(Factor.INTENT, 0.8, "C2", "S3", day(0)),
]


def standing(said: list[Signal], level: Level = Level.CRITICAL) -> Threat:
    return Threat("t", START, aggressors=(GANG,), targets=(RIVAL,), signals=tuple(said), level=level)


def explained(threat: Threat) -> Explanation:
    return explain(threat, threat.curve(POLICY.index, START.timestamp()), POLICY, START, None)


def test_the_shares_of_the_2008_case_are_those_worked_out_by_hand() -> None:
    found = explained(standing(THE_CASE))
    shares = [round(s.share, 2) for f in found.factors for s in f.signals]
    # In proportion to -ln(1 - v): v is .526, .626 and .473 for the three who speak of intent.
    assert shares == [1.56, 1.25, 1.67, 1.07, 1.36]
    assert found.counterfactuals[0].origin == "log"
    assert round(found.index, 3) == 0.953


@settings(max_examples=150)
@given(st.lists(signals(), max_size=12))
def test_shares_add_up_exactly_at_both_levels(said: list[Signal]) -> None:
    found = explained(standing(said))
    assert math.fsum(f.share for f in found.factors) == pytest.approx(found.odds - found.prior, abs=1e-12)
    assert index_of(found.prior + math.fsum(f.share for f in found.factors)) == pytest.approx(found.index, abs=1e-12)
    for factor in found.factors:
        if factor.share:
            assert math.fsum(s.share for s in factor.signals) == pytest.approx(factor.share, abs=1e-15)


@settings(max_examples=150)
@given(st.lists(signals(), max_size=12))
def test_without_an_origin_is_what_it_would_be_had_it_never_spoken(said: list[Signal]) -> None:
    found = explained(standing(said))
    at = START.timestamp()
    for without in found.counterfactuals:
        reading = Curve.of([s for s in said if s.origin != without.origin], POLICY.index, at).at(at)
        assert without.index == pytest.approx(reading.index, abs=1e-9)
        if abs(reading.index - 0.25) > 1e-6 and abs(reading.index - 0.6) > 1e-6 and abs(reading.index - 0.85) > 1e-6:
            assert without.level is automatic(reading.index, (reading.origins, reading.factors), POLICY.levels)


@given(st.lists(signals(), max_size=8))
def test_the_interval_holds_the_index(said: list[Signal]) -> None:
    found = explained(standing(said))
    assert found.low <= found.index <= found.high


def test_the_interval_is_a_point_when_everything_is_graded_and_open_when_not() -> None:
    graded = explained(standing([signal()]))
    ungraded = explained(standing([signal(grade=None)]))
    assert graded.low == graded.high == graded.index
    assert ungraded.low < ungraded.index < ungraded.high


def test_a_copy_has_no_share() -> None:
    found = explained(standing([signal(), signal(strength=0.5)]))
    (factor,) = found.factors
    assert [s.share == 0 for s in factor.signals] == [False, True]


def test_what_is_capped_is_said_to_be() -> None:
    rumours = [signal(Factor.INTENT, 0.7, "F6", f"t{n}") for n in range(8)]
    (factor,) = explained(standing(rumours)).factors
    assert factor.capped
    assert factor.pull == 0.35
    (words,) = explained(standing([own_words(), own_words(origin="brother")])).factors
    assert words.capped
    assert words.share == pytest.approx(-3.0 * 0.35)


def test_what_is_missing_is_named() -> None:
    bare = Threat("t", START, signals=(signal(grade=None, target=UNKNOWN), signal(origin="S2", grade="F2")))
    missing = explained(bare).missing
    assert {"NO_CAPABILITY", "NO_GRIEVANCE", "UNKNOWN_TARGET", "UNKNOWN_AGGRESSOR", "NOT_GRADED"} <= set(missing)
    assert "NO_INTENT" not in missing
    assert "UNVERIFIED_SOURCE" in explained(standing([signal(grade="F2")])).missing


def test_the_next_change_says_when_and_why() -> None:
    fading = explained(standing([signal(grade="A2")], Level.MODERATE)).next_change
    assert fading is not None
    assert fading.cause == "SIGNALS_FADE"
    assert day(20) < fading.at < day(84)
    court = signal(
        Factor.TARGET_EXPOSURE, 0.5, "A1", "c", flat=True, flat_from=day(13), flat_until=day(34), event_at=day(20)
    )
    opening = explained(standing([signal(grade="B2"), court], Level.LOW)).next_change
    assert opening is not None
    assert (opening.cause, opening.at) == ("WINDOW_OPENS", day(13))
    assert explained(standing([])).next_change is None


def test_the_sanitised_rendering_names_no_origin_and_no_report() -> None:
    full = explained(standing(THE_CASE))
    bare = sanitised(full)
    written = repr(bare)
    assert all(s.report not in written and repr(s.origin) not in written for s in THE_CASE)
    assert [len(f.signals) for f in bare.factors] == [len(f.signals) for f in full.factors]
    assert bare.index == full.index
