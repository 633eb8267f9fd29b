"""The kinds of fields that bodies and queries have, as JSON carries them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema


def _uuid(value: str) -> str:
    try:
        return str(UUID(value))
    except ValueError:
        raise ValueError("must be a UUID") from None


def _moment(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("must be a time as 2026-11-20T21:15:00+01:00")
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("must be a time as 2026-11-20T21:15:00+01:00") from None
    if found.tzinfo is None or not 1900 <= found.year <= 2199:
        raise ValueError("must be a time with its offset, between 1900 and 2199")
    return found.astimezone(UTC)


def _day(value: object) -> object:
    try:
        found = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or not 1900 <= found.year <= 2199:
        raise ValueError("must be a day as 2026-11-20")
    return found


def _printable(value: str) -> str:
    # PostgreSQL takes no NUL in a text.
    if "\x00" in value:
        raise ValueError("must not hold the character NUL")
    return value


IdText = Annotated[
    str, AfterValidator(_uuid), WithJsonSchema({"type": "string", "format": "uuid"}), Field(max_length=36)
]
CENTURIES = {"pattern": "^(19|20|21)[0-9]{2}-"}
NO_NUL = {"pattern": "^[^\\u0000]*$"}
Moment = Annotated[datetime, BeforeValidator(_moment), Field(json_schema_extra=CENTURIES)]
Day = Annotated[date, BeforeValidator(_day), Field(json_schema_extra=CENTURIES)]
Words = Annotated[
    str, StringConstraints(max_length=20_000), AfterValidator(_printable), Field(json_schema_extra=NO_NUL)
]
#: Words that must say something. The domain refuses blank ones, with what helps; here the document says so.
Said = Annotated[Words, Field(json_schema_extra={"minLength": 1, "pattern": "\\S"})]
Line = Annotated[str, StringConstraints(max_length=200), AfterValidator(_printable), Field(json_schema_extra=NO_NUL)]
Subject = Annotated[str, StringConstraints(min_length=1, max_length=120), AfterValidator(_printable)]
