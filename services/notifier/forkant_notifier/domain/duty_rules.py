"""The numbers duty goes by, from a file with a version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from forkant_notifier.domain.lanes import Lane
from forkant_notifier.domain.quiet import QuietHours


@dataclass(frozen=True, slots=True)
class DutyRules:
    """How far one looks ahead, how long things last; see `duty_rules.yaml`."""

    version: str
    tiers: tuple[int, ...]
    look_ahead: timedelta
    calendar: timedelta
    take_over_hours: float
    longest_override: timedelta
    longest_waiver: timedelta
    shift_hours: tuple[int, ...]
    longest_shift_days: int
    latest_start: timedelta
    check_in_for: timedelta
    check_in_early: timedelta
    check_in_tries: int
    calendar_secret_for: timedelta
    swap_ahead: timedelta
    device_dead_after: int
    device_days: timedelta
    notice_leads: tuple[timedelta, ...]
    notice_tier: int
    quiet: QuietHours
    drill_for: Mapping[Lane, timedelta]
    figure_weeks: int
    figure_rows: int


def read_rules(document: Mapping[str, Any]) -> DutyRules:
    """The rules as the file has them."""
    days = {name: timedelta(days=document[f"{name}_days"]) for name in ("look_ahead", "calendar", "longest_override")}
    return DutyRules(
        version=document["version"],
        tiers=tuple(document["tiers"]),
        look_ahead=days["look_ahead"],
        calendar=days["calendar"],
        take_over_hours=document["take_over_hours"],
        longest_override=days["longest_override"],
        longest_waiver=timedelta(days=document["longest_waiver_days"]),
        shift_hours=tuple(document["shift_hours"]),
        longest_shift_days=document["longest_shift_days"],
        latest_start=timedelta(days=document["latest_start_days"]),
        check_in_for=timedelta(minutes=document["check_in_minutes"]),
        check_in_early=timedelta(minutes=document["check_in_early_minutes"]),
        check_in_tries=document["check_in_tries"],
        calendar_secret_for=timedelta(days=document["calendar_secret_days"]),
        swap_ahead=timedelta(days=document["swap_days"]),
        device_dead_after=document["device_dead_after"],
        device_days=timedelta(days=document["device_days"]),
        notice_leads=tuple(timedelta(hours=hours) for hours in document["notice_lead_hours"]),
        notice_tier=document["notice_tier"],
        quiet=QuietHours(
            time.fromisoformat(document["quiet_hours"]["begin"]),
            time.fromisoformat(document["quiet_hours"]["end"]),
            ZoneInfo(document["quiet_hours"]["zone"]),
        ),
        drill_for={lane: timedelta(minutes=document["drill_minutes"][lane.value]) for lane in Lane},
        figure_weeks=document["figure_weeks"],
        figure_rows=document["figure_rows"],
    )
