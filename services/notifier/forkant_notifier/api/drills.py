"""Drills over HTTP: `/notifier/v1/drills`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from forkant_notifier.commands import drilling
from forkant_notifier.domain.drill import Drill
from forkant_notifier.domain.lanes import Lane
from forkant_shared.identity import SignedIn
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf

ROUTER = APIRouter(prefix="/notifier/v1/drills", tags=["drills"])


class DrillBody(Body):
    """Which chain to exercise."""

    lane: Literal["LIFE", "NORMAL"]


class DrillAnswer(BaseModel):
    """A drill. Its id is its page's; `lane` is the one it is in now, for a NORMAL one becomes LIFE as a page would."""

    id: UUID
    code: str
    lane: Literal["LIFE", "NORMAL"]
    running: bool
    started_at: datetime
    started_by: str
    ends_at: datetime
    ended_at: datetime | None


class RungAnswer(BaseModel):
    """One tier on one channel; times in seconds, `after_seconds` from the start, the others from the ringing."""

    after_seconds: float
    tiers: str
    channel: Literal["PUSH", "SMS", "CALL", "MAIL", "WEBHOOK"]
    users: list[str]
    submitted_seconds: float | None
    receipt_seconds: float | None
    failed: int


class GivenAnswer(BaseModel):
    """That somebody answered; seconds from the start."""

    kind: str
    after_seconds: float


class ReportAnswer(DrillAnswer):
    """What a drill showed, by tier and channel. `cause` is none while it runs."""

    cause: str | None
    human_seconds: float | None
    rung: list[RungAnswer]
    skipped: list[str]
    answers: list[GivenAnswer]


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()


def _drill(drill: Drill) -> DrillAnswer:
    page = drill.page
    return DrillAnswer(
        id=UUID(page.id),
        code=page.code,
        lane=page.lane.value,
        running=drill.running,
        started_at=page.opened_at,
        started_by=drill.started_by,
        ends_at=drill.ends_at,
        ended_at=page.closed_at,
    )


@ROUTER.get("")
async def list_drills(parts: PartsOf, who: SignedIn) -> list[DrillAnswer]:
    """The latest drills, newest first."""
    return [_drill(drill) for drill in (await drilling.list_drills(parts, who)).items]


@ROUTER.post("", status_code=201)
async def start_drill(parts: PartsOf, who: SignedIn, body: DrillBody) -> DrillAnswer:
    """Ring whoever is on duty. 409 while another drill or a real page in the LIFE lane runs."""
    return _drill(await drilling.start(parts, who, Lane(body.lane)))


@ROUTER.get("/{drill_id}")
async def read_drill(parts: PartsOf, who: SignedIn, drill_id: UUID) -> ReportAnswer:
    """One drill with its report."""
    view = await drilling.read_drill(parts, who, str(drill_id))
    told = view.report
    return ReportAnswer(
        **_drill(view.drill).model_dump(),
        cause=told.cause.value if told.cause else None,
        human_seconds=_seconds(told.human),
        rung=[
            RungAnswer(
                after_seconds=line.after.total_seconds(),
                tiers=line.tiers,
                channel=line.channel.value,
                users=list(line.users),
                submitted_seconds=_seconds(line.submitted),
                receipt_seconds=_seconds(line.receipt),
                failed=line.failed,
            )
            for line in told.rung
        ],
        skipped=list(told.skipped),
        answers=[GivenAnswer(kind=line.kind.value, after_seconds=line.after.total_seconds()) for line in told.answers],
    )


@ROUTER.post("/{drill_id}/end")
async def end_drill(parts: PartsOf, who: SignedIn, drill_id: UUID) -> DrillAnswer:
    """End it now."""
    return _drill(await drilling.stop(parts, who, str(drill_id)))
