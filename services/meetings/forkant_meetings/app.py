"""Puts meetings together."""

from __future__ import annotations

import httpx2 as httpx
import yaml
from fastapi import FastAPI

from forkant_meetings import pages
from forkant_meetings.api import ROUTERS
from forkant_meetings.consumers import SUBSCRIPTIONS
from forkant_meetings.domain.policy import parse
from forkant_meetings.settings import Settings
from forkant_meetings.timers import workers
from forkant_shared.bus import Bus
from forkant_shared.clock import Clock
from forkant_shared.parts import Parts
from forkant_shared.service import assemble

GATHER_SECONDS = 0.02  # nobody waits for what meetings hears, and somebody may be waiting for the machine


def create_app(settings: Settings, *, bus: Bus, clock: Clock, peers: httpx.AsyncBaseTransport | None = None) -> FastAPI:
    """The app of meetings. Raises Invalid or OSError where its policy cannot be read."""
    parts = Parts.build(settings, bus=bus, clock=clock, peers=peers)
    parts.state["policy"] = parse(yaml.safe_load(settings.policy_text()))
    return assemble(
        name="meetings",
        title="Forkant meetings",
        parts=parts,
        routers=(*ROUTERS, *pages.ROUTERS),
        subscriptions=SUBSCRIPTIONS,
        workers=workers(settings),
        pages=pages.PAGES,
        gather_seconds=GATHER_SECONDS,
    )
