"""How much a carrier may tell us in a while: a flood is answered fast and changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from forkant_shared.errors import Invalid


@dataclass(frozen=True, slots=True)
class CallbackRules:
    """Calls a second and at once, for one carrier; the `unknown` ones are receipts of messages we do not know (yet)."""

    per_second: float
    burst: int
    unknown_per_second: float
    unknown_burst: int
    keep_unknown: timedelta
    poll_each: timedelta
    poll_for: timedelta


def read_callback_rules(document: Mapping[str, Any]) -> CallbackRules:
    """The rules in a document. Raises Invalid, naming the field."""
    try:
        rules = CallbackRules(
            per_second=float(document["per_second"]),
            burst=int(document["burst"]),
            unknown_per_second=float(document["unknown_per_second"]),
            unknown_burst=int(document["unknown_burst"]),
            keep_unknown=timedelta(seconds=float(document["keep_unknown"])),
            poll_each=timedelta(seconds=float(document["poll_each"])),
            poll_for=timedelta(seconds=float(document["poll_for"])),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid(
            "The rules for what carriers tell us lack a field or have one of the wrong kind.",
            field=f"routes.callbacks.{error.args[0]}",
        ) from error
    if min(rules.per_second, rules.unknown_per_second, rules.burst, rules.unknown_burst) <= 0:
        raise Invalid("A carrier may tell us something.", field="routes.callbacks", remedy="Use more than 0.")
    return rules


class Bucket:
    """So many at once, and so many more each second. `now` is any clock in seconds that does not go back."""

    def __init__(self, per_second: float, burst: int) -> None:
        self._per_second, self._burst = per_second, float(burst)
        self._left, self._seen_at = float(burst), 0.0

    def take(self, now: float) -> bool:
        """Whether there is room for one more."""
        self._left = min(self._burst, self._left + max(0.0, now - self._seen_at) * self._per_second)
        self._seen_at = max(self._seen_at, now)
        if self._left < 1:
            return False
        self._left -= 1
        return True
