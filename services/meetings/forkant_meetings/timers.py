"""Looks for what has fallen due."""

from __future__ import annotations

from forkant_meetings.commands.falling_due import do_what_is_due
from forkant_meetings.settings import Settings
from forkant_shared.service import Worker, every


def workers(settings: Settings) -> tuple[Worker, ...]:
    """What runs beside the requests for as long as the service does."""
    return (every(settings.sweep_seconds, do_what_is_due, name="falling-due"),)
