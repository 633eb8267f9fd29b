"""An operational contact that a call for help to the duty phone opened. Who called is kept here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from forkant_shared.errors import Invalid

LONGEST = 2000
#: Two machines' clocks differ a little.
SLACK = timedelta(minutes=1)


class Urgency(StrEnum):
    """How much it hastes, as the officer heard it."""

    NOW = "NOW"
    SOON = "SOON"
    LATER = "LATER"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who called: a name as it was said, an actor of the registry where one was chosen, or nobody we know."""

    name: str | None = None
    actor_id: str | None = None


@dataclass(frozen=True, slots=True)
class CallWish:
    """What the duty desk hands over. `called_at` is when it rang, `entered_at` when somebody wrote it down."""

    call_id: str
    caller: Caller
    what: str
    urgency: Urgency
    violence: bool
    called_at: datetime
    entered_at: datetime
    entered_by: str


@dataclass(frozen=True, slots=True)
class CallContact:
    """The contact a call opened, and when it came here."""

    id: str
    wish: CallWish
    received_at: datetime


def open_contact(contact_id: str, wish: CallWish, now: datetime) -> CallContact:
    """The contact of a call. Raises Invalid where it says nothing or lies in the future."""
    if not 0 < len(wish.what.strip()) <= LONGEST:
        raise Invalid(f"Say in 1 to {LONGEST} signs what it was about.", field="what", remedy="Write what was said.")
    if wish.called_at > wish.entered_at + SLACK or wish.entered_at > now + SLACK:
        raise Invalid("A call cannot be in the future.", field="called_at", remedy="Write when it rang.")
    return CallContact(contact_id, wish, now)
