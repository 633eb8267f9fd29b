"""The fields that bodies and queries of threat-watch are made of, beside those every service has."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, StringConstraints

from forkant_shared.fields import Compartment as Compartment
from forkant_shared.fields import Id as Id
from forkant_shared.fields import Limit as Limit
from forkant_shared.fields import Moment as Moment
from forkant_shared.fields import Purpose as Purpose


def _stored(value: Any) -> Any:
    # PostgreSQL stores no NUL, and nobody writes one.
    if isinstance(value, str) and "\x00" in value:
        raise ValueError("text without the character NUL")
    return value


Words = Annotated[str, BeforeValidator(_stored), StringConstraints(max_length=20_000)]
Reason = Annotated[str, BeforeValidator(_stored), StringConstraints(min_length=1, max_length=2000)]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,39}$")]
Origin = Annotated[str, BeforeValidator(_stored), StringConstraints(min_length=1, max_length=64)]
Name = Annotated[str, BeforeValidator(_stored), StringConstraints(min_length=1, max_length=200)]
