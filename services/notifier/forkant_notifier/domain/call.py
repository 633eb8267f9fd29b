"""A call to the duty phone: what the officer noted, and what of it may be told to whom."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

LONGEST = 2000
LONGEST_NAME = 200
IMMINENT_HOURS = {"NOW": 24, "SOON": 72, "LATER": None}
#: What stands in a report where the officer wrote who called.
THE_CALLER = "[den som ringte]"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who called, as it was said, and the registry's actor where one was chosen. Kept by meetings alone."""

    name: str | None = None
    actor_id: str | None = None


@dataclass(frozen=True, slots=True)
class CallWish:
    """What the officer entered: three questions, when it was, and who may be harmed if that was said.

    `form` is the id the form was drawn with: sent twice it is one call.
    """

    caller: Literal["KNOWN", "UNKNOWN"]
    what: str
    urgency: Literal["NOW", "SOON", "LATER"]
    violence: bool
    called_at: datetime
    page_id: str | None = None
    threatened: str | None = None
    who: Caller = Caller()
    form: str | None = None


def contact_of(call_id: str, wish: CallWish, entered_by: str, entered_at: datetime) -> dict[str, Any]:
    """What meetings gets: all of it."""
    return {
        "call_id": call_id,
        "caller": {"name": wish.who.name, "actor_id": wish.who.actor_id},
        "what": wish.what.strip(),
        "urgency": wish.urgency,
        "violence": wish.violence,
        "called_at": wish.called_at.isoformat(),
        "entered_at": entered_at.isoformat(),
        "entered_by": entered_by,
    }


def report_of(call_id: str, wish: CallWish) -> Mapping[str, Any]:
    """What threat-watch gets: not yet graded, exposure NO, an origin that says nothing about who called."""
    target: dict[str, str] = {"kind": "UNKNOWN"}
    if wish.threatened and without_caller(wish.threatened, wish.who.name) == wish.threatened:
        target = {"kind": "NAME", "name": wish.threatened}
    return {
        "observed_at": wish.called_at.isoformat(),
        "channel": "DUTY_PHONE",
        "origin": f"duty-phone:{call_id}",
        "kind": "FACT",
        "verified": False,
        "exposure": "NO",
        "text": without_caller(wish.what.strip(), wish.who.name)[:LONGEST],
        "signals": [
            {
                "factor": "INTENT",
                "strength": "STATED",
                "imminence_hours": IMMINENT_HOURS[wish.urgency],
                "aggressor": {"kind": "UNKNOWN"},
                "target": target,
            }
        ],
    }


def without_caller(text: str, name: str | None) -> str:
    """The text with every part of the caller's name taken out, also with a genitive s."""
    parts = sorted({part for part in re.findall(r"\w+", name or "") if len(part) > 1}, key=len, reverse=True)
    if not parts:
        return text
    any_part = "|".join(re.escape(part) for part in parts)
    return re.sub(rf"\b(?:{any_part})s?\b(?:[\s-]+(?:{any_part})s?\b)*", THE_CALLER, text, flags=re.IGNORECASE)
