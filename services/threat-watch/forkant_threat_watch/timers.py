"""What threat-watch does by the clock."""

from __future__ import annotations

from forkant_shared.service import Worker, every
from forkant_threat_watch.commands import (
    due,
    policy_adopting,
    policy_comparing,
    policy_in_force,
    report_clock,
    situation,
)
from forkant_threat_watch.settings import Settings

CLOCK_SECONDS = 60.0
PICTURES_SECONDS = 300.0


def workers(settings: Settings) -> list[Worker]:
    """Time speaking for threats, late joining, names, the policy, the reports' clock, pictures, and the heartbeat."""
    return [
        every(1.0, due.let_time_speak, name="due"),
        every(0.5, due.join_late, name="join-late"),
        every(0.5, due.ask_names, name="names"),
        every(1.0, policy_in_force.look_for_adoptions, name="policy"),
        every(1.0, policy_adopting.look_anew, name="policy-anew"),
        every(1.0, policy_comparing.compare_next, name="policy-comparison"),
        every(CLOCK_SECONDS, report_clock.destroy_ripe, name="report-clock"),
        every(PICTURES_SECONDS, situation.publish_pictures, name="partner-pictures"),
        every(settings.heartbeat_seconds, due.beat, name="heartbeat"),
    ]
