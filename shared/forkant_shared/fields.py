"""The kinds of fields that every service's bodies and queries are made of, as JSON carries them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
#: Nothing we hear of lies outside; what does is a slip of the hand.
_CENTURIES = {"pattern": "^(19|2[0-9])[0-9]{2}-"}
_YEARS = range(1900, 3000)


def read_moment(value: Any) -> datetime:
    """RFC 3339 text and nothing else, in UTC: a number is not a time, and a time without an offset is nowhere.

    Raises ValueError.
    """
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise ValueError("a time with its offset, as 2026-11-20T21:15:00+01:00")
    try:
        found = datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("there is no such time") from None
    if int(value[:4]) not in _YEARS:
        raise ValueError("a time between 1900 and 2999")
    return found


def read_day(value: Any) -> date:
    """A day as `2026-11-20`. Raises ValueError."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("a day, as 2026-11-20")
    try:
        found = date.fromisoformat(value)
    except ValueError:
        raise ValueError("there is no such day") from None
    if found.year not in _YEARS:
        raise ValueError("a day between 1900 and 2999")
    return found


def _id(value: Any) -> str:
    if not isinstance(value, str) or len(value) != 36:
        raise ValueError("an id, as 0190c5d8-1111-7abc-8def-000000000001")
    try:
        return str(UUID(value))
    except ValueError:
        raise ValueError("an id, as 0190c5d8-1111-7abc-8def-000000000001") from None


Moment = Annotated[
    datetime,
    BeforeValidator(read_moment),
    WithJsonSchema({"type": "string", "format": "date-time"}),
    Field(json_schema_extra=_CENTURIES),
]
Day = Annotated[
    date,
    BeforeValidator(read_day),
    WithJsonSchema({"type": "string", "format": "date"}),
    Field(json_schema_extra=_CENTURIES),
]
Id = Annotated[str, BeforeValidator(_id), WithJsonSchema({"type": "string", "format": "uuid"})]
Compartment = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]
Limit = Annotated[int, Query(ge=1, le=100, description="how many at most")]
PURPOSE = r"^(PREVENT|UNCOVER|PROTECT|(page|threat|meeting|task):[0-9a-f-]{36})$"
Purpose = Annotated[
    str | None,
    Query(
        pattern=PURPOSE,
        description="why you look: PREVENT, UNCOVER, PROTECT, or what you came from, as threat:<id>",
    ),
]
