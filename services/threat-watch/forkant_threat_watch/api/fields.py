"""The fields that bodies and queries of threat-watch are made of."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BeforeValidator, StringConstraints, WithJsonSchema

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def _moment(value: Any) -> datetime:
    """RFC 3339 text and nothing else: a number is not a time, and a time without an offset is nowhere."""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise ValueError("a time with its offset, as 2026-11-20T21:15:00+01:00")
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("there is no such time") from None


def _id(value: Any) -> str:
    if not isinstance(value, str) or len(value) != 36:
        raise ValueError("an id, as 0190c5d8-1111-7abc-8def-000000000001")
    try:
        return str(UUID(value))
    except ValueError:
        raise ValueError("an id, as 0190c5d8-1111-7abc-8def-000000000001") from None


def _stored(value: Any) -> Any:
    # PostgreSQL stores no NUL, and nobody writes one.
    if isinstance(value, str) and "\x00" in value:
        raise ValueError("text without the character NUL")
    return value


Moment = Annotated[datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})]
Id = Annotated[str, BeforeValidator(_id), WithJsonSchema({"type": "string", "format": "uuid"})]
Words = Annotated[str, BeforeValidator(_stored), StringConstraints(max_length=20_000)]
Reason = Annotated[str, BeforeValidator(_stored), StringConstraints(min_length=1, max_length=2000)]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,39}$")]
Origin = Annotated[str, BeforeValidator(_stored), StringConstraints(min_length=1, max_length=64)]
Name = Annotated[str, BeforeValidator(_stored), StringConstraints(min_length=1, max_length=200)]
Compartment = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]

Limit = Annotated[int, Query(ge=1, le=100, description="how many at most")]
Purpose = Annotated[
    str | None,
    Query(
        pattern=r"^(PREVENT|UNCOVER|PROTECT|(page|threat|meeting|task):[0-9a-f-]{36})$",
        description="why you look: PREVENT, UNCOVER, PROTECT, or what you came from, as page:<id>",
    ),
]
