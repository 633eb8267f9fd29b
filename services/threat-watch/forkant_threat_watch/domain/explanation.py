"""Why a threat stands where it stands: made once with the assessment, and stored with it.

Shares are in log-odds and exact: the factors' add up to L - L0, and the signals' inside a factor to the factor's, in
proportion to -ln(1 - v). Only the strongest signal of each origin counts, so a copy's share is 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from forkant_threat_watch.domain.counterfactual import Counterfactual, counterfactuals
from forkant_threat_watch.domain.index import Curve, Reading
from forkant_threat_watch.domain.levels import automatic, first_change
from forkant_threat_watch.domain.policy import IndexPolicy, LevelPolicy, Policy
from forkant_threat_watch.domain.signals import Signal
from forkant_threat_watch.domain.terms import term_of, value_of
from forkant_threat_watch.domain.threat import Threat
from forkant_threat_watch.domain.words import SUPPORTING, Factor, Level


@dataclass(frozen=True, slots=True)
class SignalShare:
    """What one signal adds: its report and origin, its v, and its share of the log-odds."""

    signal: str
    report: str
    origin: str
    value: float
    share: float


@dataclass(frozen=True, slots=True)
class FactorShare:
    """What one factor adds. `capped` says that weak signals, or their own words, count no more than they may."""

    factor: Factor
    pull: float
    share: float
    capped: bool
    signals: tuple[SignalShare, ...]


@dataclass(frozen=True, slots=True)
class NextChange:
    """When the automatic level next changes by time alone, and why."""

    at: datetime
    cause: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """The whole of it. `low` and `high`: the index if what nobody has graded were worth as little, or as much."""

    prior: float
    odds: float
    index: float
    level: Level
    automatic: Level
    gate: str | None
    origins: int
    factors: tuple[FactorShare, ...]
    counterfactuals: tuple[Counterfactual, ...]
    low: float
    high: float
    next_change: NextChange | None
    missing: tuple[str, ...]
    rules: tuple[tuple[str, int], ...]
    policy_version: str
    grading_version: str


def explain(threat: Threat, curve: Curve, policy: Policy, now: datetime, gate: str | None) -> Explanation:
    """The explanation of this threat as it stands at this moment; `curve` is that of its signals, good by then."""
    at = now.timestamp()
    reading = curve.at(at)
    shares = tuple(
        factor_share(factor, [s for s in threat.signals if s.factor is factor], reading, at, policy.index)
        for factor in Factor
        if factor in reading.pulls
    )
    low, high = _interval(threat, reading, policy, at)
    return Explanation(
        prior=policy.index.prior_odds,
        odds=reading.odds,
        index=reading.index,
        level=threat.level,
        automatic=threat.automatic,
        gate=gate,
        origins=reading.origins,
        factors=shares,
        counterfactuals=counterfactuals(curve, reading, at, policy),
        low=min(low, high, reading.index),
        high=max(low, high, reading.index),
        next_change=next_change(threat, curve, policy, now),
        missing=missing(threat, at, policy.index),
        rules=fired_rules(threat, policy),
        policy_version=policy.version,
        grading_version=policy.grading.version,
    )


def _interval(threat: Threat, reading: Reading, policy: Policy, at: float) -> tuple[float, float]:
    """The index if what is not known about the grades were worth as little, and as much, as it can be."""
    if not any(signal.grade.unknown for signal in threat.signals):
        return reading.index, reading.index
    low, high = (
        Curve.of(threat.signals, policy.index, at, unknown=unknown).at(at).index
        for unknown in (policy.grading.unknown_low, policy.grading.unknown_high)
    )
    return low, high


def factor_share(
    factor: Factor, signals: Sequence[Signal], reading: Reading, at: float, policy: IndexPolicy
) -> FactorShare:
    """A factor's share, and how it divides among its signals."""
    pull = reading.pulls[factor]
    share = reading.shares(policy)[factor]
    values = {signal.id: value_of(term_of(signal, policy), at, policy) for signal in signals}
    speaking = _strongest(signals, values)
    weights = {i: -math.log1p(-values[i]) for i in speaking}
    free = 1.0 - math.exp(-math.fsum(weights.values()))
    own = [signal.id for signal in signals if signal.id in weights and signal.spoken_by_aggressor]
    if factor is Factor.BUFFER and own:
        weights = _own_words_capped(weights, own, policy.own_words_cap)
    parts = _divided(share, weights)
    return FactorShare(
        factor,
        pull,
        share,
        capped=pull < free - 1e-12,
        signals=tuple(SignalShare(s.id, s.report, s.origin, values[s.id], parts.get(s.id, 0.0)) for s in signals),
    )


def _strongest(signals: Sequence[Signal], values: Mapping[str, float]) -> list[str]:
    """The signal of each origin that counts (their own words apart from others'), where it counts at all."""
    best: dict[tuple[str, bool], str] = {}
    for signal in signals:
        key = (signal.origin, signal.factor is Factor.BUFFER and signal.spoken_by_aggressor)
        if values[signal.id] > 0 and (key not in best or values[signal.id] > values[best[key]]):
            best[key] = signal.id
    return list(best.values())


def _own_words_capped(weights: Mapping[str, float], own: Sequence[str], cap: float) -> dict[str, float]:
    """The weights with what they say themselves counting together no more than it may."""
    together = math.fsum(weights[i] for i in own)
    most = min(together, -math.log1p(-cap))
    scale = most / together if together else 0.0
    return {i: weight * scale if i in own else weight for i, weight in weights.items()}


def _divided(share: float, weights: Mapping[str, float]) -> dict[str, float]:
    """`share` in proportion to the weights; the greatest takes the rounding, so that the sum is exact."""
    total = math.fsum(weights.values())
    if not total:
        return {}
    parts = {i: share * weight / total for i, weight in weights.items()}
    greatest = max(parts, key=lambda i: abs(parts[i]))
    parts[greatest] = share - math.fsum(part for i, part in parts.items() if i != greatest)
    return parts


def next_change(threat: Threat, curve: Curve, policy: Policy, now: datetime) -> NextChange | None:
    """When the automatic level, or a person's decision, next changes by time alone; None where it will not."""
    at = now.timestamp()

    def see(index: float, supporters: tuple[int, int], levels: LevelPolicy) -> Level:
        return automatic(index, supporters, levels)

    change = first_change(curve, policy, at, at + policy.index.horizon_seconds, see)
    found: NextChange | None = None
    if change is not None:
        found = NextChange(now + timedelta(seconds=change - at), _why(threat, curve, change, at))
    if threat.decision and (found is None or threat.decision.expires_at < found.at):
        return NextChange(threat.decision.expires_at, "DECISION_EXPIRES")
    return found


def _why(threat: Threat, curve: Curve, change: float, at: float) -> str:
    if any(s.flat and s.flat_from and at < s.since <= change for s in threat.signals):
        return "WINDOW_OPENS"
    if any(s.flat and s.flat_until and at < s.flat_until.timestamp() <= change for s in threat.signals):
        return "WINDOW_CLOSES"
    (up, down), (up_then, down_then) = curve.parts(at), curve.parts(change)
    return "SIGNALS_FADE" if up_then - down_then < up - down else "BUFFER_FADES"


def missing(threat: Threat, at: float, policy: IndexPolicy) -> tuple[str, ...]:
    """What is not known, as codes: factors nobody has spoken about, parties, grades and choices that are open."""
    counting = [signal for signal in threat.signals if value_of(term_of(signal, policy), at, policy) > 0]
    spoken = {signal.factor for signal in counting}
    codes = [f"NO_{factor.value}" for factor in SUPPORTING if factor not in spoken]
    if not threat.aggressors:
        codes.append("UNKNOWN_AGGRESSOR")
    if not threat.targets:
        codes.append("UNKNOWN_TARGET")
    if any(not signal.graded for signal in counting):
        codes.append("NOT_GRADED")
    elif any(signal.grade.unknown for signal in counting):
        codes.append("UNVERIFIED_SOURCE")
    if threat.suggested:
        codes.append("SUGGESTED_SIGNALS")
    return tuple(codes)


def fired_rules(threat: Threat, policy: Policy) -> tuple[tuple[str, int], ...]:
    """The rules that have fired on this threat, with their versions, in the policy's order."""
    fired = {key.partition("|")[0] for key in threat.fired} | {rule for page in threat.pages for rule in page.rules}
    return tuple((rule.id, rule.version) for rule in policy.rules if rule.id in fired)


def sanitised(explanation: Explanation) -> Explanation:
    """The same without pointing to any source: origins and reports as counts only, in no telling order."""
    factors = tuple(
        replace(
            factor,
            signals=tuple(
                SignalShare("", "", "", 0.0, share)
                for share in sorted((s.share for s in factor.signals if s.share), reverse=True)
            ),
        )
        for factor in explanation.factors
    )
    bare = tuple(replace(counterfactual, origin="") for counterfactual in explanation.counterfactuals)
    return replace(explanation, factors=factors, counterfactuals=bare)
