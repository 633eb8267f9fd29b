"""The kinds of fields that bodies and queries have, as JSON carries them."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from forkant_shared.fields import Day as Day
from forkant_shared.fields import Id as Id
from forkant_shared.fields import Moment as Moment


def _printable(value: str) -> str:
    # PostgreSQL takes no NUL in a text.
    if "\x00" in value:
        raise ValueError("must not hold the character NUL")
    return value


NO_NUL = {"pattern": "^[^\\u0000]*$"}
Words = Annotated[
    str, StringConstraints(max_length=20_000), AfterValidator(_printable), Field(json_schema_extra=NO_NUL)
]
#: Words that must say something. The domain refuses blank ones, with what helps; here the document says so.
Said = Annotated[Words, Field(json_schema_extra={"minLength": 1, "pattern": "\\S"})]
Line = Annotated[str, StringConstraints(max_length=200), AfterValidator(_printable), Field(json_schema_extra=NO_NUL)]
Subject = Annotated[str, StringConstraints(min_length=1, max_length=120), AfterValidator(_printable)]
