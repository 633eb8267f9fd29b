"""What every judge gives back, and the one rule about people that holds for all: a page is worked on for a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

# Nobody tells a judge what was found: a page is accepted, worked on and closed a day later, whatever it was about.
WORKED_ON = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Ring:
    """Somebody is told. `new`: a phone rings; else it is put under a page that is still being worked on.

    `at` is minutes from the start of the stream, `report` the report that set it off, `life` that it wakes everybody.
    """

    at: float
    report: str
    new: bool
    life: bool = False
