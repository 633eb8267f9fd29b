"""Reading an answer from a phone. Case, spaces and order are free; anything more is not guessed at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Answer(StrEnum):
    """ACCEPT stops the clock, STANDBY is seen (the tiers go on), CANNOT climbs at once."""

    ACCEPT = "ACCEPT"
    STANDBY = "STANDBY"
    CANNOT = "CANNOT"


@dataclass(frozen=True, slots=True)
class Reply:
    """A page code and what is answered to it."""

    code: str
    answer: Answer


WORDS = {"": Answer.ACCEPT, "JA": Answer.ACCEPT, "VENT": Answer.STANDBY, "NEI": Answer.CANNOT}
_LONGEST = 160
_SHAPE = re.compile(r"(?P<before>JA|VENT|NEI)?(?P<code>[0-9A-F]{4})(?P<after>JA|VENT|NEI)?")


def read(text: str) -> Reply | None:
    """`7F3A`, `7f3a ja`, `Nei 7F3A`; None for what cannot be read with certainty.

    A further word might turn the meaning ("7F3A kan ikke"), so nothing is read out of a longer sentence.
    """
    squeezed = re.sub(r"[\s.,!:;-]+", "", text[: _LONGEST + 1]).upper()
    found = _SHAPE.fullmatch(squeezed)
    if found is None or (found["before"] and found["after"]):
        return None
    return Reply(code=found["code"], answer=WORDS[found["before"] or found["after"] or ""])
