"""Composes the four services: each answers under its own prefix, the notifier also at `/` and `/auth`."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx2 as httpx
from fastapi import FastAPI
from sqlalchemy import make_url
from starlette.types import Receive, Scope, Send

import forkant_meetings.app
import forkant_meetings.settings
import forkant_notifier.app
import forkant_notifier.settings
import forkant_registry.app
import forkant_registry.settings
import forkant_threat_watch.app
import forkant_threat_watch.settings
from forkant_embedded import demo
from forkant_embedded.demo_city import City
from forkant_embedded.demo_work import do_the_work
from forkant_shared import telemetry
from forkant_shared.bus.embedded import EmbeddedBus
from forkant_shared.clock import Clock, SystemClock
from forkant_shared.command_line import all_topics
from forkant_shared.database import sqlite_url
from forkant_shared.migrations import migrate
from forkant_shared.settings import ServiceSettings

SERVICES: Mapping[str, tuple[ModuleType, type[ServiceSettings], Callable[..., FastAPI]]] = {
    "notifier": (forkant_notifier, forkant_notifier.settings.Settings, forkant_notifier.app.create_app),
    "registry": (forkant_registry, forkant_registry.settings.Settings, forkant_registry.app.create_app),
    "meetings": (forkant_meetings, forkant_meetings.settings.Settings, forkant_meetings.app.create_app),
    "threat-watch": (forkant_threat_watch, forkant_threat_watch.settings.Settings, forkant_threat_watch.app.create_app),
}
ROOT = "notifier"


class Embedded:
    """One ASGI app that hands each request to the service whose prefix it has, and runs their lifespans."""

    def __init__(
        self,
        var: Path,
        *,
        port: int = 8000,
        clock: Clock | None = None,
        with_demo: bool = False,
    ) -> None:
        var.mkdir(parents=True, exist_ok=True)
        self._with_demo = with_demo
        self._demo: asyncio.Task[None] | None = None
        #: There once everything of the demo has been told.
        self._demo_told = var / "demo.told"
        self.clock = clock or SystemClock()
        self.bus = EmbeddedBus(str(var / "bus.sqlite3"))
        self.url = f"http://127.0.0.1:{port}"
        self.settings = {name: self._settings(name, kind, var, port) for name, (_, kind, _) in SERVICES.items()}
        for name, (package, _, _) in SERVICES.items():
            migrate(package, make_url(self.settings[name].database_url))
        transport = httpx.ASGITransport(app=self, raise_app_exceptions=False)
        self.apps = {
            name: create(self.settings[name], bus=self.bus, clock=self.clock, peers=transport)
            for name, (_, _, create) in SERVICES.items()
        }

    def _settings(self, name: str, kind: type[ServiceSettings], var: Path, port: int) -> ServiceSettings:
        given: dict[str, Any] = {
            "mode": "embedded",
            "database_url": sqlite_url(str(var / f"{name}.sqlite3")),
            "port": port,
            "public_url": self.url,
            **{
                field: self.url
                for field in ("auth_url", "registry_url", "meetings_url", "threat_watch_url", "notifier_url")
                if field in kind.model_fields
            },
        }
        if "var" in kind.model_fields:
            given["var"] = var
        settings = kind(**given)
        settings.refuse_unsafe()
        return settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        first = scope["path"].split("/", 2)[1] if scope["path"].startswith("/") else ""
        await self.apps.get(first, self.apps[ROOT])(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            async with self.running():
                await send({"type": "lifespan.startup.complete"})
                await receive()
        except Exception as error:
            await send({"type": "lifespan.startup.failed", "message": type(error).__name__})
            raise
        await send({"type": "lifespan.shutdown.complete"})

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Embedded]:
        """All four lifespans entered; a mounted app's does not run by itself."""
        await self.bus.start()
        await self.bus.create_topics(all_topics())
        try:
            async with contextlib.AsyncExitStack() as stack:
                for app in self.apps.values():
                    await stack.enter_async_context(app.router.lifespan_context(app))
                if self._with_demo:
                    stack.push_async_callback(self._stop_demo)
                    await self._load_demo()
                yield self
        finally:
            await self.bus.close()

    async def _load_demo(self) -> None:
        """The made-up unit before anybody is let in; what its people have done since, while they look around."""
        async with self.client() as client:
            city = await demo.load_if_empty(client, self.clock)
        if city is not None:
            self._demo = asyncio.create_task(self._work(city))

    async def _work(self, city: City) -> None:
        try:
            async with self.client() as client:
                await do_the_work(replace(city, client=client))
        except (RuntimeError, httpx.HTTPError) as error:
            telemetry.get_logger().warning("demo-incomplete", error=type(error).__name__)
        self._demo_told.touch()

    async def _stop_demo(self) -> None:
        if self._demo is not None:
            self._demo.cancel()
            await asyncio.gather(self._demo, return_exceptions=True)

    def client(self) -> httpx.AsyncClient:
        """Speaks to the services without a network."""
        transport = httpx.ASGITransport(app=self, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=self.url)
