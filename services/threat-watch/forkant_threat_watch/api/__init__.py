"""The REST interface of threat-watch."""

from __future__ import annotations

from forkant_threat_watch.api import acts, joining, reports, reviews, threats

ROUTERS = (reports.router, threats.router, acts.router, joining.router, reviews.router)
