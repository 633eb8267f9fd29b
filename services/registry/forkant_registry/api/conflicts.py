"""Conflicts between groups."""

from __future__ import annotations

from fastapi import APIRouter, Response

from forkant_registry.api.answers import ConflictAnswer, Conflicts
from forkant_registry.api.fields import (
    AsOf,
    GradingBody,
    Id,
    Limit,
    Made,
    MarkedBody,
    Moment,
    OnceOf,
    Origin,
    Purpose,
    Text,
)
from forkant_registry.commands import conflicts
from forkant_registry.domain.claims import Kind
from forkant_registry.domain.conflicts import StandingWish, Status
from forkant_shared.identity import SignedIn
from forkant_shared.service import PartsOf

router = APIRouter(prefix="/registry/v1/conflicts", tags=["conflicts"])


class ConflictBody(MarkedBody):
    """How two groups stand to each other from a moment on."""

    group_a: Id
    group_b: Id
    status: Status
    since: Moment
    kind: Kind = "ASSESSMENT"
    verified: bool = False
    grading: GradingBody
    origin: Origin
    note: Text | None = None


@router.post("", status_code=201, responses={200: {"description": "Done before with this key"}})
async def change_conflict(body: ConflictBody, who: SignedIn, parts: PartsOf, once: OnceOf, response: Response) -> Made:
    """Say how two groups stand; a pair has one conflict, with its history."""
    wish = StandingWish(
        status=body.status,
        since=body.since,
        grading=body.grading.read(),
        origin=body.origin,
        kind=body.kind,
        verified=body.verified,
        note=body.note,
        marks=body.marks(),
    )
    done = await conflicts.change_conflict(parts, who, (body.group_a, body.group_b), wish, once)
    response.status_code = 200 if done.repeated else 201
    return Made(id=done.answer["id"])


@router.get("")
async def list_conflicts(
    who: SignedIn,
    parts: PartsOf,
    group: Id | None = None,
    as_of: AsOf = None,
    known_at: AsOf = None,
    after: Id | None = None,
    limit: Limit = 50,
    purpose: Purpose = None,
) -> Conflicts:
    """Conflicts, of one group or all, as they stood on a day and were known on another."""
    found, following = await conflicts.list_conflicts(
        parts, who, group_id=group, after=after, limit=limit, purpose=purpose
    )
    now = parts.clock.now()
    items = [ConflictAnswer.of(one, as_of or now, known_at or now) for one in found]
    return Conflicts(items=items, next=following)


@router.get("/{conflict_id}")
async def read_conflict(
    conflict_id: Id, who: SignedIn, parts: PartsOf, as_of: AsOf = None, known_at: AsOf = None, purpose: Purpose = None
) -> ConflictAnswer:
    """One conflict with its history."""
    now = parts.clock.now()
    found = await conflicts.read_conflict(parts, who, conflict_id, purpose)
    return ConflictAnswer.of(found, as_of or now, known_at or now)
