"""A threat dialogue is cleared, and the clearance ends: on the clock, by a person, or because of what has changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from forkant_threat_watch.domain.followup import ExposureRules
from forkant_threat_watch.domain.life import opened
from forkant_threat_watch.domain.outcomes import ClearanceEnded, Cleared, Said
from forkant_threat_watch.domain.paging import ask_review, excluded
from forkant_threat_watch.domain.threat import Clearance
from forkant_threat_watch.domain.watch import Watch

SIGNED_ALONE = "signed-alone"


def clear(
    watch: Watch, threat_id: str, clearance_id: str, rules: ExposureRules, now: datetime, *, alone: bool = False
) -> list[Said]:
    """Let a dialogue about the threat be held for the time of the rules; what was cleared before is replaced.

    Signed by the duty leader alone, another person reviews it before the hour of the rules on the next local day.
    """
    threat = opened(watch, threat_id)
    moment = watch.moment(now)
    valid_until = now + (rules.alone_for if alone else rules.cleared_for)
    kept_out = excluded(threat, watch.links)
    said: list[Said] = [Cleared(clearance_id, threat_id, now, valid_until, kept_out)]
    if threat.clearance is not None:
        said.insert(0, ClearanceEnded(threat.clearance.id, threat_id, now, "REPLACED"))
    threat = replace(threat, clearance=Clearance(clearance_id, valid_until, alone, kept_out))
    if alone:
        threat, asked = ask_review(threat, SIGNED_ALONE, moment, _until_next_day(watch, rules, now))
        said += asked
    watch.keep(threat)
    return said + watch.due(threat_id, now)


def _until_next_day(watch: Watch, rules: ExposureRules, now: datetime) -> timedelta:
    local = now.astimezone(watch.policy.timezone)
    next_day = (local + timedelta(days=1)).date()
    due = datetime.combine(next_day, rules.alone_reviewed_by, watch.policy.timezone)
    # Across a night when summer time changes, only the difference in UTC is the time that passes.
    return due.astimezone(now.tzinfo) - now


def withdraw(watch: Watch, threat_id: str, cause: str, now: datetime) -> list[Said]:
    """The clearance no longer holds; nothing where none does."""
    threat = watch.threats[threat_id]
    if threat.clearance is None:
        return []
    ended = ClearanceEnded(threat.clearance.id, threat_id, now, cause)
    watch.keep(replace(threat, clearance=None))
    if not threat.open:
        return [ended]
    return [ended, *watch.due(threat_id, now)]
