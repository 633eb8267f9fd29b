"""The fields that bodies and queries of the registry are made of."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Depends, Header, Query, Request
from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints

from forkant_registry.commands.deed import Once
from forkant_registry.domain.claims import ORIGIN_PATTERN, UNMARKED, Handling, Marks
from forkant_registry.domain.grading import Grading, Scales
from forkant_registry.settings import reference_documents
from forkant_shared import idempotency
from forkant_shared.fields import Compartment as Compartment
from forkant_shared.fields import Day as Day
from forkant_shared.fields import Id as Id
from forkant_shared.fields import Limit as Limit
from forkant_shared.fields import Moment as Moment
from forkant_shared.fields import Purpose as Purpose
from forkant_shared.fields import read_day, read_moment
from forkant_shared.problems import Body

LOCAL = ZoneInfo("Europe/Oslo")


def _day_or_moment(value: Any) -> datetime:
    """A day means its end in Norway, so that all of the day is seen."""
    if isinstance(value, str) and len(value) == 10:
        return datetime.combine(read_day(value) + timedelta(days=1), time(), LOCAL).astimezone(UTC)
    return read_moment(value)


# What the domain checks, said in the document too. A line has no control characters, a text only those of lines.
_LINE = "[^\\u0000-\\u001f\\u007f-\\u009f]*"
_LINES = "[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*"
Origin = Annotated[
    str, StringConstraints(min_length=1, max_length=64), Field(json_schema_extra={"pattern": ORIGIN_PATTERN})
]
NameValue = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200),
    Field(json_schema_extra={"pattern": f"^{_LINE}[^\\W_]{_LINE}$"}),
]
Text = Annotated[
    str,
    StringConstraints(min_length=1, max_length=2000),
    Field(json_schema_extra={"pattern": f"^{_LINES}\\S{_LINES}$"}),
]
ReportReference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9:-]{0,63}$")]

After = Annotated[
    str | None,
    Query(pattern=r"^([0-9]{1,6}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$", description="`next` of the part before"),
]
AsOf = Annotated[
    datetime | None,
    BeforeValidator(lambda value: None if value is None else _day_or_moment(value)),
    Query(json_schema_extra={"type": "string"}, description="a day or a moment"),
]


def _codes(schema: dict[str, Any]) -> None:
    """The codes of each scale, from the file they are read from, so that the document says what is accepted."""
    scales = Scales.read(reference_documents()["scales"]).by_name
    schema["oneOf"] = [
        {
            "properties": {
                "scale": {"const": name},
                "source": {"enum": list(scale.source)},
                "information": {"enum": list(scale.information)},
            }
        }
        for name, scale in scales.items()
    ]


class GradingBody(Body):
    """Both axes and the scale they are codes of."""

    model_config = ConfigDict(json_schema_extra=_codes)

    scale: Annotated[str, StringConstraints(max_length=20)]
    source: Annotated[str, StringConstraints(max_length=5)]
    information: Annotated[str, StringConstraints(max_length=5)]

    def read(self) -> Grading:
        return Grading(self.scale, self.source, self.information)


class MarkedBody(Body):
    """What can be marked for few; open where nothing is said."""

    handling: Handling = UNMARKED.handling
    compartment: Compartment | None = None

    def marks(self) -> Marks:
        return Marks(self.handling, self.compartment)


class Made(Body):
    """The id of what was made."""

    id: str


async def once(
    request: Request,
    key: Annotated[
        str,
        Header(
            alias="Idempotency-Key",
            description="made once for each thing you want done; without one nothing is remembered",
            max_length=200,
            json_schema_extra={"pattern": "^[ -~]*$"},
        ),
    ] = "",
) -> Once | None:
    """FastAPI dependency: the caller's key with what tells this request from another."""
    if not key:
        return None
    told = f"{request.method} {request.url.path}\n".encode() + await request.body()
    return Once(key, idempotency.digest_of(told))


OnceOf = Annotated[Once | None, Depends(once)]
