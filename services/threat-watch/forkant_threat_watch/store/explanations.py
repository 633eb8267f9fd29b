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


def without_report(stored: dict[str, Any], report_id: str) -> dict[str, Any]:
    """The stored explanation after a report was destroyed: numbers as they were, its signals without a name.

    An origin that only this report had is taken out of the counterfactuals too.
    """
    full = stored["full"]
    gone: set[str] = set()
    others: set[str] = set()
    for factor in full["factors"]:
        for signal in factor["signals"]:
            (gone if signal["report"] == report_id else others).add(signal["origin"])
    if not gone:
        return stored
    only_here = gone - others
    factors = [
        {**factor, "signals": [_unnamed(signal, report_id) for signal in factor["signals"]]}
        for factor in full["factors"]
    ]
    counterfactuals = [
        {**one, "origin": None} if one["origin"] in only_here else one for one in full["counterfactuals"]
    ]
    return {**stored, "full": {**full, "factors": factors, "counterfactuals": counterfactuals}}


def _unnamed(signal: dict[str, Any], report_id: str) -> dict[str, Any]:
    if signal["report"] != report_id:
        return signal
    return {**signal, "signal": None, "report": None, "origin": None}
