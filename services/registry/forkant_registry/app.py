"""Puts the registry together; the only place that knows all its rooms."""

from __future__ import annotations

import httpx2 as httpx
from fastapi import FastAPI

from forkant_registry import pages
from forkant_registry.api import ROUTERS
from forkant_registry.commands.deed import REFERENCE
from forkant_registry.domain.reference import Reference
from forkant_registry.settings import Settings, reference_documents
from forkant_registry.timers import WORKERS
from forkant_shared.bus import Bus
from forkant_shared.clock import Clock
from forkant_shared.parts import Parts
from forkant_shared.service import assemble

NAME = "registry"


def create_app(settings: Settings, *, bus: Bus, clock: Clock, peers: httpx.AsyncBaseTransport | None = None) -> FastAPI:
    """The registry as an app. Nothing is opened before its lifespan is entered."""
    parts = Parts.build(settings, bus=bus, clock=clock, peers=peers)
    parts.state[REFERENCE] = Reference.read(reference_documents())
    return assemble(
        name=NAME,
        title="Forkant registry",
        parts=parts,
        routers=(*ROUTERS, *pages.ROUTERS),
        workers=WORKERS,
        pages=pages.PAGES,
    )
