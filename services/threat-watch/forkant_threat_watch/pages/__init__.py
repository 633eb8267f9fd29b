"""The pages of threat-watch: the same commands and reads as the API, drawn for a phone and a desktop."""

from forkant_threat_watch.pages import (
    acts,
    disclosure,
    listing,
    measures,
    report_clock,
    reports,
    requests,
    reviews,
    situation,
    threat,
    triage,
    workbench,
    workbench_acts,
)
from forkant_threat_watch.pages.face import PAGES

ROUTERS = (
    listing.ROUTER,
    threat.ROUTER,
    acts.ROUTER,
    disclosure.ROUTER,
    measures.ROUTER,
    requests.ROUTER,
    reviews.ROUTER,
    reports.ROUTER,
    report_clock.ROUTER,
    situation.ROUTER,
    triage.ROUTER,
    workbench.ROUTER,
    workbench_acts.ROUTER,
)

__all__ = ["PAGES", "ROUTERS"]
