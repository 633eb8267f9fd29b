"""The fields every form about a claim ends with: both grades, origin, time, marking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData
from starlette.requests import Request

from forkant_registry.commands.deed import reference_of
from forkant_registry.domain.claims import Handling, Marks
from forkant_registry.domain.grading import Grading
from forkant_registry.pages.face import HANDLINGS, scale_of, text_of
from forkant_shared.errors import Invalid

OSLO = ZoneInfo("Europe/Oslo")
# A field of the wish → the field of the form it is written in.
GRADED_FIELDS = {"grading.scale": "grading", "grading.source": "grading", "grading.information": "grading"}


@dataclass(frozen=True, slots=True)
class Graded:
    grading: Grading
    origin: str
    observed_at: datetime
    marks: Marks


def empty_graded(parts: Any, request: Request) -> dict[str, str]:
    """What the fields hold before anything is written: now, and the scale asked for."""
    now = parts.clock.now().astimezone(OSLO)
    scale = scale_of(reference_of(parts), request.query_params.get("scale"))
    return {"observed_at": now.strftime("%Y-%m-%dT%H:%M"), "scale": scale}


def graded_of(parts: Any, form: FormData, *, observed_at: datetime | None = None) -> Graded:
    """Read the fields; `observed_at` where the form does not ask for it. Raises Invalid that names one."""
    handling = text_of(form, "handling") or "OPEN"
    if handling not in HANDLINGS:
        raise Invalid("There is no such handling.", field="handling")
    known: Handling = handling  # type: ignore[assignment]  # one of the keys, which are the handlings
    return Graded(
        grading=Grading(text_of(form, "scale"), text_of(form, "source"), text_of(form, "information")),
        origin=text_of(form, "origin"),
        observed_at=observed_at or local_moment(text_of(form, "observed_at"), "observed_at"),
        marks=Marks(known),
    )


def local_moment(text: str, field: str) -> datetime:
    """The clock on the wall in Norway. Raises Invalid where it is no time."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=OSLO).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid("This is not a time.", field=field) from None


def local_day(text: str, field: str) -> datetime | None:
    """The start of a day in Norway; None where nothing was written."""
    if not text:
        return None
    try:
        return datetime.combine(date.fromisoformat(text), time(), OSLO).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid("This is not a day.", field=field) from None
