"""The REST interface of threat-watch."""

from __future__ import annotations

from forkant_threat_watch.api import (
    acts,
    disclosure,
    joining,
    measures,
    policies,
    policy_drafts,
    report_clock,
    reports,
    requests,
    reviews,
    situation,
    threats,
    triage,
)

ROUTERS = (
    reports.router,
    report_clock.router,
    threats.router,
    acts.router,
    joining.router,
    disclosure.router,
    measures.router,
    requests.router,
    reviews.router,
    situation.router,
    triage.router,
    policies.router,
    policy_drafts.router,
)
