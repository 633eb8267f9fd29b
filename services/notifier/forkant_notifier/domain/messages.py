"""What may leave for a phone: a code, a lane, a link and whether it is a drill. There is no field for anything more."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from forkant_notifier.domain.lanes import Lane


@dataclass(frozen=True, slots=True)
class PageMessage:
    """Wakes somebody. `link` is where the page waits behind a login; it is for push, never needed to answer.

    `drill`: nothing has happened, and the first word after the name says so.
    """

    code: str
    lane: Lane
    link: str
    drill: bool = field(default=False, kw_only=True)

    def body(self) -> str:
        """At most 160 signs, GSM-7."""
        name = "Forkant ØVELSE" if self.drill else "Forkant"
        urgent = " HASTER" if self.lane is Lane.LIFE else ""
        return f"{name} {self.code}{urgent}. Logg inn."


class Hint(StrEnum):
    """Fixed sentences: what an answer that could not be used is told, what the outside watcher says, an
    administrative notice, that one's PIN was tried too often, and the test."""

    UNKNOWN_CODE = "Forkant: ukjent kode. Logg inn."
    NOT_UNDERSTOOD = "Forkant: svar med koden, eller koden og JA, VENT eller NEI."
    NOTIFIER_DOWN = "Forkant HASTER: varslingen svarer ikke. Ring driftsvakten."
    NOTICE = "Forkant: en beskjed om vakt venter. Det haster ikke. Logg inn."
    PIN_LOCKED = "Forkant: PIN-koden er låst en stund. Svar på SMS eller logg inn."
    TEST = "Forkant prøve. Ingen skal svare."


#: Nobody's phone: where the sandbox carrier is tried without a message on anybody's.
TEST_LINE = "+4700000000"


@dataclass(frozen=True, slots=True)
class FakeMessage:
    """One message as a fake phone shows it; embedded mode and trial only."""

    id: str
    to: str
    channel: str
    body: str
    at: datetime
