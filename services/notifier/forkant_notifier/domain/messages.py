"""What may leave for a phone: a code, a lane and a link, and nothing else. There is no field for anything more."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from forkant_notifier.domain.lanes import Lane


@dataclass(frozen=True, slots=True)
class PageMessage:
    """Wakes somebody. `link` is where the page waits behind a login; it is for push, never needed to answer."""

    code: str
    lane: Lane
    link: str

    def body(self) -> str:
        """At most 160 signs, GSM-7."""
        return f"Forkant {self.code} HASTER. Logg inn." if self.lane is Lane.LIFE else f"Forkant {self.code}. Logg inn."


class Hint(StrEnum):
    """What an answer that could not be used is told. Fixed sentences: an unknown sender learns nothing from them."""

    UNKNOWN_CODE = "Forkant: ukjent kode. Logg inn."
    NOT_UNDERSTOOD = "Forkant: svar med koden, eller koden og JA, VENT eller NEI."
