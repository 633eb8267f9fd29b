"""Answer times as data: `/notifier/v1/figures`."""

from __future__ import annotations

from datetime import date
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from forkant_notifier.commands import figures
from forkant_shared.identity import SignedIn
from forkant_shared.service import PartsOf

ROUTER = APIRouter(prefix="/notifier/v1/figures", tags=["duty"])


class WeekAnswer(BaseModel):
    """The week that begins on this Monday; seconds, and none where nothing was counted."""

    begins: date
    count: int
    median_seconds: float | None
    p95_seconds: float | None


class SeriesAnswer(BaseModel):
    """SUBMIT: due until the carrier has it. RECEIPT: due until delivered. HUMAN: page opened until first accepted.

    `route` is none for HUMAN, who may have answered by any.
    """

    measure: Literal["SUBMIT", "RECEIPT", "HUMAN"]
    lane: Literal["LIFE", "NORMAL"]
    route: str | None
    weeks: list[WeekAnswer]


class FiguresAnswer(BaseModel):
    """Real pages by lane, route and week, oldest first, and by no person. `cut`: the oldest were too many to count."""

    weeks: list[date] = Field(description="the Mondays, in the unit's own time")
    series: list[SeriesAnswer]
    cut: bool


@ROUTER.get("")
async def get_figures(parts: PartsOf, who: SignedIn) -> FiguresAnswer:
    """What the page *Svartider* shows. Reading is written into the audit chain."""
    view = await figures.read_figures(parts, who)
    return FiguresAnswer(
        weeks=list(view.weeks),
        series=[
            SeriesAnswer(
                measure=one.measure.value,
                lane=one.lane.value,
                route=one.route,
                weeks=[
                    WeekAnswer(begins=week.begins, count=week.count, median_seconds=week.median, p95_seconds=week.p95)
                    for week in one.weeks
                ],
            )
            for one in view.series
        ],
        cut=view.cut,
    )
