"""A PIN that shows who took up the phone: how often it may be wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from forkant_notifier.domain.speech import PinRules


@dataclass(frozen=True, slots=True)
class Pin:
    """What is kept of one: never the PIN. `wrong` counts in a row."""

    user: str
    salt: bytes
    seal: bytes
    wrong: int = 0
    locked_until: datetime | None = None

    def locked(self, now: datetime) -> bool:
        return self.locked_until is not None and now < self.locked_until


def tried(pin: Pin, *, right: bool, rules: PinRules, now: datetime) -> Pin:
    """The PIN after a try; the last of too many wrong ones locks it."""
    if right:
        return replace(pin, wrong=0, locked_until=None)
    wrong = pin.wrong + 1
    if wrong < rules.tries:
        return replace(pin, wrong=wrong)
    return replace(pin, wrong=0, locked_until=now + rules.lock_for)
