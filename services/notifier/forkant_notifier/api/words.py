"""Text as a body may bring it."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

#: PostgreSQL keeps every character but one.
Words = Annotated[str, StringConstraints(pattern=r"^[^\u0000]*$")]
