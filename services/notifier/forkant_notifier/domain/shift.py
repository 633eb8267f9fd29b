"""A shift: who has a tier from when to when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Shift:
    """`users` have the tier from `since` (included) until `until` (not included); no users is a gap."""

    tier: int
    users: tuple[str, ...]
    since: datetime
    until: datetime
