"""Answer times on screen: a drawing for each lane and route, and the same figures as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from forkant_notifier.commands import figures
from forkant_notifier.domain.figures import Measure, Week
from forkant_notifier.pages.face import PAGES
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser

ROUTER = APIRouter(prefix="/notifier/figures", include_in_schema=False)

TITLES = {
    Measure.SUBMIT: N_("Til operatøren har meldingen"),
    Measure.RECEIPT: N_("Til meldingen er levert"),
    Measure.HUMAN: N_("Til et menneske har kvittert"),
}
EXPLAINED = {
    Measure.SUBMIT: N_("Fra meldingen skulle ut til operatøren tok imot den."),
    Measure.RECEIPT: N_("Fra meldingen skulle ut til operatøren meldte at den var levert."),
    Measure.HUMAN: N_("Fra varselet ble opprettet til noen kvitterte første gang, uansett hvem og hvordan."),
}
WIDTH, HEIGHT = 1000.0, 100.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar standing on the ground of a drawing of 1000 × 100."""

    x: float
    y: float
    width: float
    height: float
    kind: str


def bars(weeks: Sequence[Week]) -> list[Bar]:
    """Median (`after`) and 95th percentile (`before`) of each week, side by side; nothing where a week is empty."""
    most = max((week.p95 or 0.0 for week in weeks), default=0.0) or 1.0
    slot = WIDTH / max(1, len(weeks))
    drawn = []
    for place, week in enumerate(weeks):
        for kind, value, shift in (("after", week.median, 0.1), ("before", week.p95, 0.5)):
            if value is not None:
                height = max(1.0, round(value / most * HEIGHT, 1))
                x = round((place + shift) * slot, 1)
                drawn.append(Bar(x, round(HEIGHT - height, 1), round(slot * 0.4, 1), height, kind))
    return drawn


@ROUTER.get("", response_class=HTMLResponse)
async def show(request: Request, parts: PartsOf, who: PageUser) -> HTMLResponse:
    view = await figures.read_figures(parts, who)
    groups = [(measure, [one for one in view.series if one.measure is measure]) for measure in Measure]
    return PAGES.render(
        request, "figures.html", view=view, groups=groups, titles=TITLES, explained=EXPLAINED, bars=bars
    )
