"""What a stored signal weighs under another policy: the codes it was written with stay, their weights are the policy's.

The index depends on signals, the moment and the policy only; not on which policy was in force when a report came in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from forkant_threat_watch.domain.grading import Grading
from forkant_threat_watch.domain.policy import Policy
from forkant_threat_watch.domain.signals import Signal
from forkant_threat_watch.domain.words import Source


@dataclass(frozen=True, slots=True)
class AsWritten:
    """How a report was graded, and the strength it gave each of its signals: a word of the policy, or a number."""

    grading: Grading | None
    strengths: Sequence[str | float]


def weighed(signal: Signal, policy: Policy, written: AsWritten | None, before: Policy | None = None) -> Signal:
    """The signal as `policy` weighs it; itself where that changes nothing.

    `written` is the report it came in, where it came in one; `before` the policy it was weighed by, where it is known:
    an officer's word on the effect, and how long a day counts, can only be read off what they were then.
    """
    if signal.weighed_by == policy.version:
        return signal
    found = _weighed(signal, policy, written, before)
    return found if found.weighed_by == policy.version else replace(found, weighed_by=policy.version)


def _weighed(signal: Signal, policy: Policy, written: AsWritten | None, before: Policy | None) -> Signal:
    match signal.source:
        case Source.REPORT if written is not None:
            return _of_report(signal, policy, written)
        case Source.CALENDAR:
            return _of_day(signal, policy, before)
        case Source.CONFLICT:
            return _of_conflict(signal, policy)
        case Source.FEEDBACK if before is not None:
            return _of_feedback(signal, policy, before)
        case _:
            return signal


def _of_report(signal: Signal, policy: Policy, written: AsWritten) -> Signal:
    grade = policy.grading.quality(written.grading)
    quality = grade.weigh(policy.grading.unknown)
    strength = signal.strength
    place = signal.id.rpartition("/")[2]
    if place.isdigit() and int(place) < len(written.strengths):
        said = written.strengths[int(place)]
        strength = policy.strengths.get(said, strength) if isinstance(said, str) else float(said)
    if grade == signal.grade and quality == signal.quality and strength == signal.strength:
        return signal
    return replace(signal, grade=grade, quality=quality, strength=strength)


def _of_day(signal: Signal, policy: Policy, before: Policy | None) -> Signal:
    calendar = policy.calendar
    begins = signal.event_at or signal.observed_at
    # A window that somebody has ended early stays ended.
    as_begun = before is not None and signal.flat_until == _day_ends(begins, before)
    return replace(
        signal,
        factor=calendar.factor,
        strength=calendar.strength,
        grade=replace(signal.grade, source=calendar.quality, information=calendar.quality),
        quality=calendar.quality,
        flat_from=begins - calendar.before if as_begun else signal.flat_from,
        flat_until=_day_ends(begins, policy) if as_begun else signal.flat_until,
    )


def _day_ends(begins: datetime, policy: Policy) -> datetime:
    """Until when a day counts."""
    return day_after(begins, policy.timezone) + policy.calendar.after


def day_after(begins: datetime, zone: ZoneInfo) -> datetime:
    """The midnight at which the day that begins then is over, where the unit is."""
    return datetime.combine(begins.astimezone(zone).date() + timedelta(days=1), time(), zone)


def _of_conflict(signal: Signal, policy: Policy) -> Signal:
    counts = policy.conflicts.get(signal.report.rpartition(":")[2])
    if counts is None:
        return signal
    quality = signal.grade.weigh(policy.grading.unknown)
    return replace(signal, factor=counts.factor, strength=counts.strength, quality=quality)


def _of_feedback(signal: Signal, policy: Policy, before: Policy) -> Signal:
    outcomes = [outcome for outcome, strength in before.feedback.strengths.items() if strength == signal.strength]
    if not outcomes or outcomes[0] not in policy.feedback.strengths:
        return signal
    quality = policy.feedback.quality
    return replace(
        signal,
        strength=policy.feedback.strengths[outcomes[0]],
        grade=replace(signal.grade, source=quality, information=quality),
        quality=quality,
        origin=policy.feedback.origin,
    )
