"""A rota as somebody writes it, and what must be true of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo, available_timezones

from forkant_notifier.domain.duty_rules import DutyRules
from forkant_notifier.domain.rota import Rotation
from forkant_shared.errors import Invalid


@dataclass(frozen=True, slots=True)
class RotaWish:
    """The members take turns of `days` days or `hours` hours (one of the two), changing at `handover` in `zone`."""

    name: str
    tier: int
    members: tuple[str, ...]
    handover: str
    days: int | None = None
    hours: int | None = None
    zone: str = "Europe/Oslo"
    starts_on: date | None = None
    ends_on: date | None = None


def rotation_of(wish: RotaWish, rules: DutyRules, now: datetime) -> Rotation:
    """The rotation that was wished for; it begins yesterday where no day is named. Raises Invalid, naming the field."""
    _check(wish, rules)
    if wish.zone not in available_timezones():
        raise Invalid("There is no such time zone.", field="zone", remedy="Write it as Europe/Oslo.")
    today = now.astimezone(ZoneInfo(wish.zone)).date()
    starts_on = wish.starts_on or date.fromordinal(today.toordinal() - 1)
    if abs(starts_on - today) > rules.latest_start:
        raise Invalid("A rota begins within a year from today.", field="starts_on")
    if wish.ends_on is not None and not starts_on < wish.ends_on <= starts_on + 10 * rules.latest_start:
        raise Invalid("A rota ends after it begins.", field="ends_on")
    return Rotation(
        tier=wish.tier,
        members=wish.members,
        starts_on=starts_on,
        handover=_handover(wish.handover),
        days=wish.days or 1,
        hours=wish.hours,
        zone=wish.zone,
        ends_on=wish.ends_on,
        name=wish.name.strip(),
    )


def _check(wish: RotaWish, rules: DutyRules) -> None:
    if not 0 < len(wish.name.strip()) <= 60:
        raise Invalid("A rota has a name of 1 to 60 signs.", field="name")
    if wish.tier not in rules.tiers:
        raise Invalid("There is no such tier.", field="tier", remedy=f"Use one of {_listed(rules.tiers)}.")
    if not wish.members:
        raise Invalid("A rota needs somebody in it.", field="members", remedy="Name at least one user.")
    if len(wish.members) > 60:
        raise Invalid("A rota has at most 60 members.", field="members")
    if (wish.days is None) is (wish.hours is None):
        raise Invalid("A shift lasts some days or some hours.", field="days", remedy="Give one of days and hours.")
    if wish.days is not None and not 1 <= wish.days <= rules.longest_shift_days:
        raise Invalid(f"A shift lasts 1 to {rules.longest_shift_days} days.", field="days")
    if wish.hours is not None and wish.hours not in rules.shift_hours:
        raise Invalid(
            "The hours of a shift divide a day.", field="hours", remedy=f"Use one of {_listed(rules.shift_hours)}."
        )


def _handover(text: str) -> time:
    try:
        found = time.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or len(text) != 5 or found.second or found.tzinfo:
        raise Invalid("There is no such time of day.", field="handover", remedy="Write it as 08:00.")
    return found


def _listed(values: tuple[int, ...]) -> str:
    return ", ".join(str(value) for value in values)
