"""Text as a body may bring it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

#: PostgreSQL keeps every character but one.
Words = Annotated[str, StringConstraints(pattern=r"^[^\u0000]*$")]
#: The last change of the plan the caller had seen; with it, one who decides on an old plan gets 409.
Revision = Annotated[int | None, Field(ge=0, le=2**31 - 1)]
