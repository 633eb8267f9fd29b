"""Rows to what the domain speaks of, and back."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from forkant_registry.domain.actors import Actor
from forkant_registry.domain.claims import Claim, Marks, Target
from forkant_registry.domain.grading import Grading
from forkant_shared.access import policy
from forkant_shared.identity import Principal

READ = "registry.actor.read"


def visible(who: Principal, *tables: Any, action: str = READ) -> sa.ColumnElement[bool]:
    """Everything of these tables (or aliases) that `who` may know of when doing `action`."""
    return sa.and_(*(policy.visible(who, action, table.c) for table in tables))


def actor_of(row: Any) -> Actor:
    return Actor(row.id, row.kind, row.registered_at, row.registered_by, marks_of(row), row.version)


def marks_of(row: Any) -> Marks:
    return Marks(row.handling, row.compartment)


def grading_of(row: Any) -> Grading:
    return Grading(row.scale, row.source_grade, row.information_grade)


def graded(grading: Grading, origin: str, marks: Marks) -> dict[str, Any]:
    """The columns every graded table has."""
    return {
        "scale": grading.scale,
        "source_grade": grading.source,
        "information_grade": grading.information,
        "origin": origin,
        "handling": marks.handling,
        "compartment": marks.compartment,
    }


def claim_of(row: Any) -> Claim:
    return Claim(
        id=row.id,
        actor_id=row.actor_id,
        predicate=row.predicate,
        kind=row.kind,
        verified=row.verified,
        grading=grading_of(row),
        origin=row.origin,
        observed_at=row.observed_at,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        object=Target(row.object_kind, row.object_id) if row.object_id else None,
        value=row.value,
        qualifiers={name: tuple(codes) for name, codes in row.qualifiers.items()},
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        report=row.report,
        note=row.note,
        marks=marks_of(row),
        corrects=row.corrects,
        superseded_at=row.superseded_at,
        superseded_by=row.superseded_by,
        superseded_reason=row.superseded_reason,
    )


def row_of(claim: Claim) -> dict[str, Any]:
    return {
        "id": claim.id,
        "actor_id": claim.actor_id,
        "predicate": claim.predicate,
        "object_id": claim.object.id if claim.object else None,
        "object_kind": claim.object.kind if claim.object else None,
        "value": claim.value,
        "qualifiers": {name: list(codes) for name, codes in claim.qualifiers.items()},
        "kind": claim.kind,
        "verified": claim.verified,
        **graded(claim.grading, claim.origin, claim.marks),
        "report": claim.report,
        "note": claim.note,
        "observed_at": claim.observed_at,
        "valid_from": claim.valid_from,
        "valid_to": claim.valid_to,
        "recorded_at": claim.recorded_at,
        "recorded_by": claim.recorded_by,
        "corrects": claim.corrects,
        "superseded_at": claim.superseded_at,
        "superseded_by": claim.superseded_by,
        "superseded_reason": claim.superseded_reason,
    }
