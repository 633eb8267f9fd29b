"""What a call says and what keys mean: bokmål as data, with room for a code and a lane and for nothing else."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from forkant_notifier.domain.answers import Answer
from forkant_notifier.domain.lanes import Lane
from forkant_notifier.domain.messages import Hint, PageMessage
from forkant_shared.errors import Invalid

KEYS = {"1": Answer.ACCEPT, "2": Answer.STANDBY, "3": Answer.CANNOT}


class Spoken(StrEnum):
    """What is said back after keys were pressed."""

    ACCEPT = "ACCEPT"
    ACCEPT_PARTLY = "ACCEPT_PARTLY"
    STANDBY = "STANDBY"
    CANNOT = "CANNOT"
    NOT_UNDERSTOOD = "NOT_UNDERSTOOD"
    WRONG_PIN = "WRONG_PIN"
    LOCKED = "LOCKED"
    NO_PIN = "NO_PIN"
    OVER = "OVER"


@dataclass(frozen=True, slots=True)
class PinRules:
    """How long a PIN is, how many wrong ones in a row lock it, and for how long."""

    shortest: int
    longest: int
    tries: int
    lock_for: timedelta


@dataclass(frozen=True, slots=True)
class Speech:
    """One version of everything a call says."""

    version: str
    call: Mapping[Lane, str]
    hint: str
    drill: str
    answers: Mapping[Spoken, str]
    pin: PinRules

    def opening(self, message: PageMessage | Hint) -> str:
        """The first words of a call: that it is a drill and the lane at most; nobody has shown yet who took it up."""
        if isinstance(message, Hint):
            return self.hint
        return f"{self.drill} {self.call[message.lane]}" if message.drill else self.call[message.lane]

    def said(self, spoken: Spoken, code: str) -> str:
        """What is said back; the code sign by sign, as one hears it best."""
        return self.answers[spoken].replace("{code}", " ".join(code))


def read_speech(document: Mapping[str, Any]) -> Speech:
    """The words in a document. Raises Invalid, naming the field, where some are missing."""
    try:
        pin = document["pin"]
        return Speech(
            version=str(document["version"]),
            call={lane: str(document["call"][lane.value]) for lane in Lane},
            hint=str(document["hint"]),
            drill=str(document["drill"]),
            answers={spoken: str(document["answers"][spoken.value]) for spoken in Spoken},
            pin=PinRules(
                int(pin["shortest"]), int(pin["longest"]), int(pin["tries"]), timedelta(seconds=pin["lock_for"])
            ),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid("The words of calls lack a part.", field=f"speech.{error.args[0]}") from error


def keyed(digits: str, rules: PinRules) -> tuple[Answer, str] | None:
    """`1` + PIN + `#` → the answer and the PIN; None for keys that are neither."""
    pressed = "".join(digits.split()).rstrip("#")
    answer, pin = KEYS.get(pressed[:1]), pressed[1:]
    if answer is None or not is_pin(pin, rules):
        return None
    return answer, pin


def is_pin(pin: str, rules: PinRules) -> bool:
    """Digits, and as many as a PIN has."""
    return rules.shortest <= len(pin) <= rules.longest and pin.isascii() and pin.isdigit()


def too_easy(pin: str) -> bool:
    """All digits alike, or one after the other: what somebody who found a phone would try."""
    steps = {(int(later) - int(earlier)) % 10 for earlier, later in itertools.pairwise(pin)}
    return len(steps) == 1 and steps <= {0, 1, 9}
