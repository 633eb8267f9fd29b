"""An explanation as the JSON that is stored with its assessment: the full one, and one without any source in it."""

from __future__ import annotations

from typing import Any

from forkant_threat_watch.domain.explanation import Explanation, FactorShare, sanitised


def write(explanation: Explanation) -> dict[str, Any]:
    """Both renderings."""
    return {"full": _document(explanation), "sanitised": _document(sanitised(explanation))}


def _document(found: Explanation) -> dict[str, Any]:
    change = found.next_change
    return {
        "prior": found.prior,
        "odds": found.odds,
        "index": found.index,
        "interval": [found.low, found.high],
        "level": found.level.name,
        "automatic": found.automatic.name,
        "gate": found.gate,
        "origins": found.origins,
        "factors": [_factor(factor) for factor in found.factors],
        "counterfactuals": [
            {"origin": without.origin, "level": without.level.name, "index": without.index}
            for without in found.counterfactuals
        ],
        "next_change": None if change is None else {"at": change.at.isoformat(), "cause": change.cause},
        "missing": list(found.missing),
        "rules": [{"id": rule, "version": version} for rule, version in found.rules],
        "policy_version": found.policy_version,
        "grading_version": found.grading_version,
    }


def _factor(factor: FactorShare) -> dict[str, Any]:
    return {
        "factor": factor.factor.value,
        "pull": factor.pull,
        "share": factor.share,
        "capped": factor.capped,
        "signals": [
            {
                "signal": signal.signal,
                "report": signal.report,
                "origin": signal.origin,
                "value": signal.value,
                "share": signal.share,
            }
            for signal in factor.signals
        ],
    }
