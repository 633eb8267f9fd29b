"""What the page of a threat shows of why: the strongest, the sum of the rest, and all of it on request."""

from __future__ import annotations

from typing import Any

import pytest

from forkant_threat_watch.pages import why


def _told(shares: list[float]) -> dict[str, Any]:
    signals = [{"signal": str(n), "report": f"r{n}", "share": share} for n, share in enumerate(shares)]
    return {
        "automatic": "HIGH",
        "index": 0.6,
        "factors": [{"factor": "INTENT", "share": sum(shares), "capped": False, "signals": signals}],
        "counterfactuals": [{"origin": f"S{n}", "level": "HIGH", "index": 0.6 - n / 100} for n in range(20)],
    }


def test_the_strongest_are_shown_and_what_is_not_adds_up() -> None:
    shares = [n / 10 for n in range(20)]
    [factor] = why.factors(_told(shares), everything=False)
    assert [signal["share"] for signal in factor.signals] == sorted(shares, reverse=True)[: why.SHOWN]
    assert factor.more == 20 - why.SHOWN
    assert sum(signal["share"] for signal in factor.signals) + factor.more_share == pytest.approx(factor.share)


def test_a_few_are_all_shown_and_so_is_everything_when_asked() -> None:
    assert why.factors(_told([0.1, 0.2]), everything=False)[0].more == 0
    [factor] = why.factors(_told([n / 10 for n in range(20)]), everything=True)
    assert (len(factor.signals), factor.more, factor.more_share) == (20, 0, 0)


def test_the_origin_that_changes_the_level_is_first() -> None:
    told = _told([0.1])
    told["counterfactuals"][3]["level"] = "MODERATE"
    shown = why.without(told, everything=False)
    assert shown.rows[0]["origin"] == "S3"
    assert shown.rows[1]["origin"] == "S19"
    assert (len(shown.rows), shown.more) == (why.SHOWN, 20 - why.SHOWN)
    assert why.without(told, everything=True).more == 0


def test_only_the_reports_of_what_is_shown_are_asked_for() -> None:
    assert len(why.sources(why.factors(_told([n / 10 for n in range(20)]), everything=False))) == why.SHOWN
