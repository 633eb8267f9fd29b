"""`/threat-watch/v1/relevance-checks`: the four-month clock of reports."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel

from forkant_shared.identity import SignedIn
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf
from forkant_threat_watch.api.fields import Id, Limit, Reason
from forkant_threat_watch.commands import report_clock

router = APIRouter(prefix="/threat-watch/v1", tags=["reports"])


class DueView(BaseModel):
    """A report that nobody has checked, and when it will be destroyed if nobody does."""

    report_id: str
    reference: str
    received_at: datetime
    due_at: datetime


class DuePage(BaseModel):
    """Some of them, the first to run out first, and where to go on from."""

    items: list[DueView]
    next: str | None


class CheckBody(Body):
    """What somebody found: the report is necessary and relevant, or is to be destroyed now; and why."""

    outcome: Literal["KEPT", "DESTROYED"]
    reason: Reason


@router.get("/relevance-checks")
async def list_due(
    who: SignedIn,
    parts: PartsOf,
    after: Annotated[str | None, Query(max_length=80, description="`next` of the part before")] = None,
    limit: Limit = 50,
) -> DuePage:
    """Reports whose clock runs out soon."""
    found = await report_clock.list_due(parts, who, after=report_clock.read_after(after), limit=limit)
    items = [
        DueView(report_id=row.id, reference=row.reference, received_at=row.received_at, due_at=row.relevance_due_at)
        for row in found.rows
    ]
    return DuePage(items=items, next=None if found.next is None else report_clock.written_after(found.next))


@router.post("/reports/{report_id}/relevance", status_code=204)
async def check_report(report_id: Id, body: CheckBody, who: SignedIn, parts: PartsOf) -> None:
    """Say what was found: the clock stops, or the report goes with its signals."""
    await report_clock.check_report(parts, who, report_id, kept=body.outcome == "KEPT", reason=body.reason)
