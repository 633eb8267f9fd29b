"""The climate of a meeting as a form asks for it."""

from __future__ import annotations

from starlette.datastructures import FormData

from forkant_meetings.domain.minutes import Climate
from forkant_meetings.pages import words
from forkant_meetings.pages.face import text_of
from forkant_shared.errors import Invalid


def climate_of(sent: FormData, prefix: str) -> Climate:
    """Both numbers, from the fields `<prefix>ours` and `<prefix>theirs`; None where nobody said. Raises Invalid for
    none of the choices."""
    return Climate(_felt(sent, f"{prefix}ours"), _felt(sent, f"{prefix}theirs"))


def _felt(sent: FormData, name: str) -> int | None:
    text = text_of(sent, name)
    found = {str(value): value for value in words.CLIMATES}.get(text)
    if text and found is None:
        raise Invalid("This is none of the values.", field=name, remedy="Choose one of the values.")
    return found
