"""How threats, assessments and timelines look from outside."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from forkant_threat_watch.commands.reading import Seen
from forkant_threat_watch.domain.words import Level, Outcome, Party, PartyKind, State
from forkant_threat_watch.store import checklists
from forkant_threat_watch.store.threats import Listed

LevelName = Literal["LOW", "MODERATE", "HIGH", "CRITICAL"]


class PartyView(BaseModel):
    """One side of a threat: an actor with its label, a role with its code, or a name nobody has resolved."""

    kind: PartyKind
    id: str | None = None
    code: str | None = None
    name: str | None = None
    label: str | None = None


class SignalView(BaseModel):
    """What one signal adds to its factor's share."""

    report: str | None
    share: float
    origin: str | None
    value: float


class FactorView(BaseModel):
    """What one factor adds, in log-odds; BUFFER's share is negative."""

    factor: str
    share: float
    pull: float
    capped: bool
    signals: list[SignalView]


class RuleView(BaseModel):
    """A rule that has fired, in its version."""

    id: str
    version: int


class ChangeView(BaseModel):
    """When the level next changes by time alone, and why."""

    at: datetime
    cause: str


class WithoutView(BaseModel):
    """How it would stand without one origin."""

    origin: str | None
    level: LevelName
    index: float


class PointView(BaseModel):
    """A point of the checklist and its newest answer."""

    point: int
    question: str
    answer: str | None = None
    note: str | None = None
    by: str | None = None
    at: datetime | None = None


class DecisionView(BaseModel):
    """A level set by a named person, until it expires."""

    level: LevelName
    by: str
    reason: str
    decided_at: datetime
    expires_at: datetime


class VerificationView(BaseModel):
    """When the effect must be seen, and what is done instead."""

    due_at: datetime
    fallback: str
    set_by: str
    missed: bool


class FallbackView(BaseModel):
    """What a leader is to start, because what was agreed on has failed."""

    cause: str
    text: str
    asked_at: datetime


class ThreatView(BaseModel):
    """A threat. `automatic` is the level the signals alone give; `interval` what unknown grades may hide."""

    id: str
    reference: str
    state: State
    level: LevelName
    automatic: LevelName
    index: float
    interval: list[float]
    gate: str | None
    aggressors: list[PartyView]
    targets: list[PartyView]
    factors: list[FactorView]
    counterfactuals: list[WithoutView]
    rules: list[RuleView]
    policy_version: str
    grading_version: str
    missing: list[str]
    next_change: ChangeView | None
    decision: DecisionView | None
    verification: VerificationView | None
    outcome: Outcome | None
    fallback: FallbackView | None
    dialogue_cleared_until: datetime | None
    checklist: list[PointView]
    opened_at: datetime
    updated_at: datetime
    version: int


class ThreatListed(BaseModel):
    """A threat in a list."""

    id: str
    reference: str
    state: State
    level: LevelName
    automatic: LevelName
    index: float
    opened_at: datetime
    updated_at: datetime
    due_at: datetime | None


class ThreatPage(BaseModel):
    """Some threats, and where to go on from."""

    items: list[ThreatListed]
    next: str | None


class AssessmentView(BaseModel):
    """One weighing of a threat."""

    id: str
    at: datetime
    level: LevelName
    automatic: LevelName
    index: float
    cause: str
    policy_version: str


class AssessmentPage(BaseModel):
    """Some assessments, newest first, and where to go on from."""

    items: list[AssessmentView]
    next: str | None


class EventView(BaseModel):
    """One line of a timeline: what happened in codes, what people wrote as a note."""

    seq: int
    at: datetime
    what: str
    by: str
    codes: dict[str, Any]
    note: str | None


class TimelinePage(BaseModel):
    """Some of a timeline, newest first, and where to go on from."""

    items: list[EventView]
    next: int | None


def _party(party: Party, labels: dict[str, str]) -> PartyView:
    if party.kind is PartyKind.ROLE:
        return PartyView(kind=party.kind, code=party.ref)
    if party.kind is PartyKind.NAME:
        return PartyView(kind=party.kind, name=party.ref)
    return PartyView(kind=party.kind, id=party.ref, label=labels.get(party.ref))


def _points(answers: dict[int, Any]) -> list[PointView]:
    found = []
    for point, question in checklists.current().points.items():
        row = answers.get(point)
        told = {"answer": row.answer, "note": row.note, "by": row.by, "at": row.at} if row is not None else {}
        found.append(PointView(point=point, question=question, **told))
    return found


def view(seen: Seen) -> ThreatView:
    """A threat as it is answered."""
    line, threat, told = seen.line, seen.threat, seen.explanation
    decision, verification = threat.decision, threat.verification
    return ThreatView.model_validate(
        {
            "id": line.id,
            "reference": line.reference,
            "state": line.state,
            "level": Level(seen.assessment.level).name,
            "automatic": Level(seen.assessment.automatic).name,
            "index": seen.assessment.index,
            "aggressors": [_party(party, seen.labels) for party in threat.aggressors],
            "targets": [_party(party, seen.labels) for party in threat.targets],
            "decision": decision
            and {
                "level": decision.level.name,
                "by": decision.by,
                "reason": decision.reason,
                "decided_at": decision.decided_at,
                "expires_at": decision.expires_at,
            },
            "verification": verification
            and {
                "due_at": verification.due_at,
                "fallback": verification.fallback,
                "set_by": verification.set_by,
                "missed": verification.missed,
            },
            "outcome": threat.outcome,
            "fallback": threat.fallback
            and {
                "cause": threat.fallback.cause,
                "text": threat.fallback.text,
                "asked_at": threat.fallback.asked_at,
            },
            "dialogue_cleared_until": threat.clearance and threat.clearance.valid_until,
            "checklist": _points(seen.answers),
            "opened_at": line.opened_at,
            "updated_at": line.updated_at,
            "version": line.version,
            **{name: told[name] for name in EXPLAINED},
        }
    )


EXPLAINED = (
    "interval",
    "gate",
    "factors",
    "counterfactuals",
    "rules",
    "policy_version",
    "grading_version",
    "missing",
    "next_change",
)


def listed(line: Listed) -> ThreatListed:
    return ThreatListed(
        id=line.id,
        reference=line.reference,
        state=line.state,
        level=line.level.name,
        automatic=line.automatic.name,
        index=line.index,
        opened_at=line.opened_at,
        updated_at=line.updated_at,
        due_at=line.due_at,
    )
