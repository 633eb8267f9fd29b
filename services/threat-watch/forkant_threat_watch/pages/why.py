"""What a threat's page shows of why it stands where it does: the strongest first, and the rest in one line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SHOWN = 12


@dataclass(frozen=True, slots=True)
class Shown:
    """One factor: the signals drawn, the strongest first, and the number and share of those that are not."""

    factor: str
    share: float
    capped: bool
    signals: Sequence[Mapping[str, Any]]
    more: int
    more_share: float


@dataclass(frozen=True, slots=True)
class Without:
    """Where it would have stood without each origin: those that change most, and how many are not shown."""

    rows: Sequence[Mapping[str, Any]]
    more: int


def factors(told: Mapping[str, Any], *, everything: bool) -> list[Shown]:
    """The factors of an explanation, `SHOWN` signals of each, or every one of them."""
    return [_shown(factor, len(factor["signals"]) if everything else SHOWN) for factor in told["factors"]]


def _shown(factor: Mapping[str, Any], most: int) -> Shown:
    ordered = sorted(factor["signals"], key=lambda signal: -abs(signal["share"]))
    left = ordered[most:]
    return Shown(
        factor=factor["factor"],
        share=factor["share"],
        capped=factor["capped"],
        signals=ordered[:most],
        more=len(left),
        more_share=sum(signal["share"] for signal in left),
    )


def without(told: Mapping[str, Any], *, everything: bool) -> Without:
    """The counterfactuals of an explanation, `SHOWN` of them, or every one of them."""
    counterfactuals = told["counterfactuals"]
    ordered = sorted(
        counterfactuals, key=lambda one: (one["level"] == told["automatic"], -abs(one["index"] - told["index"]))
    )
    rows = ordered if everything else ordered[:SHOWN]
    return Without(rows, len(ordered) - len(rows))


def sources(shown: Sequence[Shown]) -> list[str]:
    """The reports that the signals drawn come from."""
    return [signal["report"] for factor in shown for signal in factor.signals if signal["report"]]
