"""The unit's working values, read from one versioned file: how many, how long before, how long after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from forkant_shared.errors import Invalid


class Level(StrEnum):
    """STRATEGIC: leaders. TACTICAL: before an event or a conflict. OPERATIONAL: all members, on the street."""

    STRATEGIC = "STRATEGIC"
    TACTICAL = "TACTICAL"
    OPERATIONAL = "OPERATIONAL"


class Phase(StrEnum):
    """I knowledge, II find who has real authority, III establish contact, IV keep it alive."""

    I = "I"  # noqa: E741 - the method numbers its phases so
    II = "II"
    III = "III"
    IV = "IV"


@dataclass(frozen=True, slots=True)
class LevelRules:
    """What a meeting of one level needs. `counterpart_most` None: no upper limit."""

    police: int
    counterpart_least: int
    counterpart_most: int | None
    neutral_place: bool
    lead_time: timedelta
    minutes_within: timedelta


@dataclass(frozen=True, slots=True)
class PromiseRules:
    """When promises are reminded of and when, if ever, they lapse by themselves (days after the due date)."""

    remind_days_before: tuple[int, ...]
    remind_at: time
    lapse_police: int | None
    lapse_counterpart: int | None
    lapse_under_threat: int | None


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of the working values."""

    version: str
    zone: ZoneInfo
    least_contacts: int
    cadence_days: Mapping[Phase, int]
    levels: Mapping[Level, LevelRules]
    experienced_leaders: int
    promises: PromiseRules

    def local_day(self, at: datetime) -> date:
        """The calendar day at this moment where the unit works."""
        return at.astimezone(self.zone).date()

    def morning_of(self, day: date) -> datetime:
        """The moment of that day when reminders come; aware, in the unit's own zone."""
        return datetime.combine(day, self.promises.remind_at, self.zone)


def parse(document: Mapping[str, Any]) -> Policy:
    """The policy in this document (the parsed YAML). Raises Invalid, naming what is missing or of the wrong kind."""
    try:
        return Policy(
            version=str(document["version"]),
            zone=ZoneInfo(str(document["time_zone"])),
            least_contacts=_count(document["dialogue"]["least_contacts"]),
            cadence_days={phase: _count(document["dialogue"]["cadence_days"][phase]) for phase in Phase},
            levels={level: _level(document["levels"][level]) for level in Level},
            experienced_leaders=_count(document["threat_dialogue"]["experienced_leaders"]),
            promises=_promises(document["promises"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid(
            "The meetings policy cannot be read.",
            field=str(error),
            remedy="Compare the file with policies/2026-1.yaml.",
        ) from error


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(value)
    return value


def _count_or_none(value: object) -> int | None:
    return None if value is None else _count(value)


def _level(entry: Mapping[str, Any]) -> LevelRules:
    return LevelRules(
        police=_count(entry["police"]),
        counterpart_least=_count(entry["counterpart"]["least"]),
        counterpart_most=_count_or_none(entry["counterpart"]["most"]),
        neutral_place=bool(entry["neutral_place"]),
        lead_time=timedelta(hours=_count(entry["lead_time_hours"])),
        minutes_within=timedelta(days=_count(entry["minutes_days"])),
    )


def _promises(entry: Mapping[str, Any]) -> PromiseRules:
    lapse = entry["lapse_after_days"]
    return PromiseRules(
        remind_days_before=tuple(_count(days) for days in entry["remind_days_before"]),
        remind_at=time.fromisoformat(entry["remind_at"]),
        lapse_police=_count_or_none(lapse["POLICE"]),
        lapse_counterpart=_count_or_none(lapse["COUNTERPART"]),
        lapse_under_threat=_count_or_none(lapse["UNDER_THREAT"]),
    )
