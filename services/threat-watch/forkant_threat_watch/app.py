"""Puts threat-watch together."""

from __future__ import annotations

import httpx2 as httpx
from fastapi import FastAPI

from forkant_shared.bus import Bus
from forkant_shared.clock import Clock
from forkant_shared.parts import Parts
from forkant_shared.service import assemble
from forkant_threat_watch import api, pages, timers
from forkant_threat_watch.clients import RegistryClient
from forkant_threat_watch.commands.policy_in_force import Going, Goings
from forkant_threat_watch.consumers import SUBSCRIPTIONS
from forkant_threat_watch.settings import Settings
from forkant_threat_watch.store.policies import current_policy, read_policy
from forkant_threat_watch.store.triage_books import current_triage_book, read_triage_book


def create_app(settings: Settings, *, bus: Bus, clock: Clock, peers: httpx.AsyncBaseTransport | None = None) -> FastAPI:
    """threat-watch as an app; nothing is opened before its lifespan. Raises Invalid for a policy that is wrong."""
    parts: Parts[Settings] = Parts.build(settings, bus=bus, clock=clock, peers=peers)
    policy = read_policy(settings.policy_file) if settings.policy_file is not None else current_policy()
    parts.state["goings"] = Goings(Going.by(policy))
    parts.state["triage"] = (
        read_triage_book(settings.triage_file) if settings.triage_file is not None else current_triage_book()
    )
    parts.state["registry"] = RegistryClient(parts)
    return assemble(
        name="threat-watch",
        title="Forkant threat-watch",
        parts=parts,
        routers=[*api.ROUTERS, *pages.ROUTERS],
        subscriptions=SUBSCRIPTIONS,
        workers=timers.workers(settings),
        pages=pages.PAGES,
    )
