"""The notifier's own rule `watch-silent`: dead software cannot report its own death."""

from __future__ import annotations

from datetime import datetime, timedelta

from forkant_notifier.domain.climb import Cause
from forkant_notifier.domain.lanes import Lane
from forkant_notifier.domain.page import Origin

RULE = "watch-silent"


def is_silent(last_beat: datetime, now: datetime, after: timedelta) -> bool:
    """No heartbeat for `after`."""
    return now - last_beat > after


def is_ahead(last_beat: datetime, now: datetime, after: timedelta) -> bool:
    """The last heartbeat is from a time that has not come: a clock was set back, and silence would not be noticed."""
    return last_beat - now > after


def alarm() -> Cause:
    """What a silent watch asks for: a LIFE page."""
    return Cause(lane=Lane.LIFE, origin=Origin.WATCH_SILENT, rules=(RULE,))
