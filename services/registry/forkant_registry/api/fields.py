"""The fields that bodies and queries of the registry are made of."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Depends, Header, Query, Request
from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

from forkant_registry.commands.deed import Once
from forkant_registry.domain.claims import ORIGIN_PATTERN, UNMARKED, Handling, Marks
from forkant_registry.domain.grading import Grading, Scales
from forkant_registry.settings import reference_documents
from forkant_shared import idempotency
from forkant_shared.problems import Body

LOCAL = ZoneInfo("Europe/Oslo")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _moment(value: Any) -> datetime:
    """RFC 3339 text and nothing else: a number is not a time, and a time without an offset is nowhere."""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise ValueError("a time with its offset, as 2026-11-20T21:15:00+01:00")
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("there is no such time") from None


def _day(value: Any) -> date:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("a day, as 2026-11-20")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("there is no such day") from None


def _day_or_moment(value: Any) -> datetime:
    """A day means its end in Norway, so that all of the day is seen."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return datetime.combine(_day(value) + timedelta(days=1), time(), LOCAL).astimezone(UTC)
        except OverflowError:
            raise ValueError("there is no such day") from None
    return _moment(value)


def _id(value: Any) -> str:
    if not isinstance(value, str) or len(value) != 36:
        raise ValueError("an id, as 0190c5d8-1111-7abc-8def-000000000001")
    try:
        return str(UUID(value))
    except ValueError:
        raise ValueError("an id, as 0190c5d8-1111-7abc-8def-000000000001") from None


Moment = Annotated[datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Id = Annotated[str, BeforeValidator(_id), WithJsonSchema({"type": "string", "format": "uuid"})]
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
Compartment = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]
ReportReference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9:-]{0,63}$")]

Limit = Annotated[int, Query(ge=1, le=100, description="how many at most")]
After = Annotated[
    str | None,
    Query(pattern=r"^([0-9]{1,6}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$", description="`next` of the part before"),
]
Purpose = Annotated[
    str | None,
    Query(
        pattern=r"^(PREVENT|UNCOVER|PROTECT|(page|threat|meeting|task):[0-9a-f-]{36})$",
        description="why you look: PREVENT, UNCOVER, PROTECT, or what you came from, as threat:<id>",
    ),
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
