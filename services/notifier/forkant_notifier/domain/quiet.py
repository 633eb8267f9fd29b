"""Hours in which nobody is told what can wait. Threats know none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Administrative notices wait from `begin` until `end`, by the clock of `zone`; nothing else ever does."""

    begin: time
    end: time
    zone: ZoneInfo

    def over_at(self, at: datetime) -> datetime:
        """`at` itself where it is not quiet; else when it is not any more."""
        here = at.astimezone(self.zone)
        quiet = (
            self.begin <= here.time() < self.end
            if self.begin <= self.end
            else here.time() >= self.begin or here.time() < self.end
        )
        if not quiet:
            return at
        day = here.date() + timedelta(days=here.time() >= self.end)
        return datetime.combine(day, self.end, self.zone).astimezone(at.tzinfo)
