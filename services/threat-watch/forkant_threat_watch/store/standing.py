"""The part of a threat's standing that nobody searches in, as one JSON document."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from forkant_threat_watch.domain.rules import Fired
from forkant_threat_watch.domain.threat import (
    Clearance,
    Deadline,
    Decision,
    Fallback,
    Page,
    Review,
    Threat,
    Verification,
)
from forkant_threat_watch.domain.words import Lane, Level, Outcome, Party, PartyKind


def write(threat: Threat) -> dict[str, Any]:
    """The document of a threat."""
    return {
        "aggressors": [[party.kind.value, party.ref] for party in threat.aggressors],
        "targets": [[party.kind.value, party.ref] for party in threat.targets],
        "decision": _decision(threat.decision),
        "decision_asked": threat.decision_asked,
        "below_since": _text(threat.below_since),
        "lowering_asked": threat.lowering_asked,
        "rising_asked": threat.rising_asked,
        "fired": {
            key: [None if mark.lane is None else mark.lane.name, _text(mark.until)]
            for key, mark in threat.fired.items()
        },
        "pages": [
            [page.id, page.lane.name, list(page.rules), _text(page.raised_at), page.accepted_by]
            for page in threat.pages
        ],
        "reviews": [
            [review.id, review.cause, _text(review.asked_at), _text(review.due_at), review.overdue]
            for review in threat.reviews
        ],
        "verification": _verification(threat.verification),
        "outcome": None if threat.outcome is None else threat.outcome.value,
        "fallback": threat.fallback and [threat.fallback.cause, threat.fallback.text, _text(threat.fallback.asked_at)],
        "clearance": _clearance(threat.clearance),
        "deadlines": [[one.key, one.cause, _text(one.at), one.within.total_seconds()] for one in threat.deadlines],
        "next_review_at": _text(threat.next_review_at),
        "crossing_at": _text(threat.crossing_at),
    }


def read(document: dict[str, Any]) -> dict[str, Any]:
    """The fields of a threat that its document holds."""
    return {
        "aggressors": tuple(Party(PartyKind(kind), ref) for kind, ref in document["aggressors"]),
        "targets": tuple(Party(PartyKind(kind), ref) for kind, ref in document["targets"]),
        "decision": _read_decision(document["decision"]),
        "decision_asked": document["decision_asked"],
        "below_since": _moment(document["below_since"]),
        "lowering_asked": document["lowering_asked"],
        "rising_asked": document["rising_asked"],
        "fired": {
            key: Fired(None if lane is None else Lane[lane], _moment(until))
            for key, (lane, until) in document["fired"].items()
        },
        "pages": tuple(
            Page(page_id, Lane[lane], tuple(rules), _surely(raised_at), accepted_by)
            for page_id, lane, rules, raised_at, accepted_by in document["pages"]
        ),
        "reviews": tuple(
            Review(review_id, cause, _surely(asked_at), _surely(due_at), overdue)
            for review_id, cause, asked_at, due_at, overdue in document["reviews"]
        ),
        "verification": _read_verification(document["verification"]),
        "outcome": None if document["outcome"] is None else Outcome(document["outcome"]),
        # What was stored before there was any of these has none of them.
        "fallback": _read_fallback(document.get("fallback")),
        "clearance": _read_clearance(document.get("clearance")),
        "deadlines": tuple(
            Deadline(key, cause, _surely(at), timedelta(seconds=within))
            for key, cause, at, within in document.get("deadlines", ())
        ),
        "next_review_at": _moment(document["next_review_at"]),
        "crossing_at": _moment(document["crossing_at"]),
    }


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _surely(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _decision(decision: Decision | None) -> dict[str, Any] | None:
    if decision is None:
        return None
    return {
        "id": decision.id,
        "level": decision.level.name,
        "by": decision.by,
        "reason": decision.reason,
        "decided_at": _text(decision.decided_at),
        "expires_at": _text(decision.expires_at),
        "index": decision.index,
        "lowers": decision.lowers,
        "floor": decision.floor.name,
    }


def _read_decision(found: dict[str, Any] | None) -> Decision | None:
    if found is None:
        return None
    return Decision(
        id=found["id"],
        level=Level[found["level"]],
        by=found["by"],
        reason=found["reason"],
        decided_at=_surely(found["decided_at"]),
        expires_at=_surely(found["expires_at"]),
        index=found["index"],
        lowers=found["lowers"],
        floor=Level[found["floor"]],
    )


def _verification(verification: Verification | None) -> dict[str, Any] | None:
    if verification is None:
        return None
    return {
        "id": verification.id,
        "due_at": _text(verification.due_at),
        "fallback": verification.fallback,
        "set_by": verification.set_by,
        "missed": verification.missed,
    }


def _read_verification(found: dict[str, Any] | None) -> Verification | None:
    if found is None:
        return None
    return Verification(
        found["id"], _surely(found["due_at"]), found["fallback"], found["set_by"], missed=found["missed"]
    )


def _read_fallback(found: list[Any] | None) -> Fallback | None:
    return None if found is None else Fallback(found[0], found[1], _surely(found[2]))


def _clearance(clearance: Clearance | None) -> dict[str, Any] | None:
    if clearance is None:
        return None
    return {
        "id": clearance.id,
        "valid_until": _text(clearance.valid_until),
        "alone": clearance.alone,
        "excluded": list(clearance.excluded),
    }


def _read_clearance(found: dict[str, Any] | None) -> Clearance | None:
    if found is None:
        return None
    return Clearance(found["id"], _surely(found["valid_until"]), found["alone"], tuple(found["excluded"]))
