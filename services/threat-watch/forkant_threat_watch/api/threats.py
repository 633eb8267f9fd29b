"""`/threat-watch/v1/threats`: how threats stand, and why."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from forkant_shared.identity import SignedIn
from forkant_shared.service import PartsOf
from forkant_threat_watch.api.fields import Id, Limit, Moment, Purpose
from forkant_threat_watch.api.views import (
    AssessmentPage,
    AssessmentView,
    EventView,
    LevelName,
    ThreatPage,
    ThreatView,
    TimelinePage,
    listed,
    view,
)
from forkant_threat_watch.commands import reading
from forkant_threat_watch.domain.words import Level, State

router = APIRouter(prefix="/threat-watch/v1/threats", tags=["threats"])


@router.get("")
async def list_threats(
    who: SignedIn,
    parts: PartsOf,
    state: Annotated[list[State] | None, Query(max_length=8, description="only in these states")] = None,
    level: Annotated[list[LevelName] | None, Query(max_length=4, description="only at these levels")] = None,
    after: Annotated[
        str | None, Query(pattern=r"^[0-3]\.[0-9a-f-]{36}$", description="`next` of the part before")
    ] = None,
    limit: Limit = 50,
) -> ThreatPage:
    """Threats, the highest level first."""
    levels = [Level[name] for name in level or ()]
    found, following = await reading.list_threats(
        parts, who, states=state or (), levels=levels, after=after, limit=limit
    )
    return ThreatPage(items=[listed(line) for line in found], next=following)


@router.get("/{threat_id}")
async def get_threat(
    threat_id: Id,
    who: SignedIn,
    parts: PartsOf,
    response: Response,
    as_of: Annotated[Moment | None, Query(description="with the assessment that held at this moment")] = None,
    purpose: Purpose = None,
) -> ThreatView:
    """A threat as it stands, and why."""
    seen = await reading.read_threat(parts, who, threat_id, as_of=as_of, purpose=purpose)
    response.headers["etag"] = f'"{seen.line.version}"'
    return view(seen)


@router.get("/{threat_id}/assessments")
async def list_assessments(
    threat_id: Id,
    who: SignedIn,
    parts: PartsOf,
    after: Annotated[Id | None, Query(description="`next` of the part before")] = None,
    limit: Limit = 50,
) -> AssessmentPage:
    """How the threat was weighed over time, newest first."""
    found = await reading.list_assessments(parts, who, threat_id, after=after, limit=limit)
    items = [
        AssessmentView(
            id=row.id,
            at=row.at,
            level=Level(row.level).name,
            automatic=Level(row.automatic).name,
            index=row.index,
            cause=row.cause,
            policy_version=row.policy_version,
        )
        for row in found
    ]
    return AssessmentPage(items=items, next=found[-1].id if len(found) == limit else None)


@router.get("/{threat_id}/timeline")
async def list_timeline(
    threat_id: Id,
    who: SignedIn,
    parts: PartsOf,
    after: Annotated[int | None, Query(ge=1, le=2**53, description="`next` of the part before")] = None,
    limit: Limit = 100,
) -> TimelinePage:
    """What happened to the threat, newest first."""
    found = await reading.list_timeline(parts, who, threat_id, after=after, limit=limit)
    items = [
        EventView(seq=row.seq, at=row.at, what=row.what, by=row.by, codes=row.codes, note=row.note) for row in found
    ]
    return TimelinePage(items=items, next=found[-1].seq if len(found) == limit else None)
