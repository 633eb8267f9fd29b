"""Puts a service together: its routes, what it listens to, its workers, and what every service answers.

`assemble` makes the app; its lifespan opens the bus, starts relay, consumer and workers, and stops them in reverse.
Every worker is supervised: one that falls is started again after a pause, and readiness is red meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from forkant_shared import outbox, problems, telemetry
from forkant_shared.clock import new_id
from forkant_shared.consumer import Consumer, Handler
from forkant_shared.envelope import Event
from forkant_shared.errors import Unavailable
from forkant_shared.events import topic_of
from forkant_shared.events.notifier import SessionEnded
from forkant_shared.parts import Parts
from forkant_shared.relay import Relay
from forkant_shared.sessions import on_session_ended
from forkant_shared.web import Pages, install

LARGEST_BODY = 2 * 1024 * 1024
RESTART_SECONDS = 0.5

log = telemetry.get_logger()


@dataclass(frozen=True, slots=True)
class Worker:
    """Something a service does for as long as it runs, under a name."""

    name: str
    run: Callable[[Any], Awaitable[None]]


def every(
    seconds: float, act: Callable[[Any], Awaitable[object]], *, name: str, wake: asyncio.Event | None = None
) -> Worker:
    """A worker that calls `act(parts)` each `seconds`, and at once when `wake` is set."""

    async def run(parts: Any) -> None:
        signal = wake or asyncio.Event()
        while True:
            signal.clear()
            try:
                await act(parts)
            except Unavailable:
                log.warning("worker-waits", worker=name)
            # Not `wait_for`: on Python 3.11 it swallows a cancellation that comes together with the signal.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await signal.wait()

    return Worker(name, run)


@dataclass
class Running:
    """What the lifespan keeps hold of, for health."""

    relay: Relay
    consumer: Consumer
    fallen: set[str] = field(default_factory=set)


async def parts_of(request: Request) -> Parts[Any]:
    """FastAPI dependency: the service's parts. Not a plain function: for these FastAPI asks another thread."""
    found: Parts[Any] = request.app.state.parts
    return found


PartsOf = Annotated[Parts[Any], Depends(parts_of)]


def assemble(
    *,
    name: str,
    title: str,
    parts: Parts[Any],
    routers: Sequence[APIRouter],
    subscriptions: Mapping[type[Event], Handler] | None = None,
    workers: Sequence[Worker] = (),
    pages: Pages | None = None,
    lifespan: Callable[[Parts[Any]], contextlib.AbstractAsyncContextManager[None]] | None = None,
    gather_seconds: float = 0.0,
    tell_after_seconds: float = 0.0,
) -> FastAPI:
    """The app of one service. Topics are read off the events it subscribes to; `lifespan` wraps the service's own.

    What it hears waits `gather_seconds` for company (see `Consumer`), what it tells `tell_after_seconds` (see `Relay`).
    """
    heard: dict[type[Event], Handler] = {SessionEnded: on_session_ended, **(subscriptions or {})}
    topics = sorted({topic_of(kind.OWNER) for kind in heard})
    member = parts.settings.instance
    consumer = Consumer(name, parts, parts.database, parts.bus, topics, heard, member, gather_seconds)
    running = Running(Relay(name, parts.database, parts.bus, tell_after_seconds), consumer)

    @contextlib.asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            await parts.bus.start()
            if lifespan is not None:
                await stack.enter_async_context(lifespan(parts))
            stack.push_async_callback(parts.database.close)
            jobs = [Worker("relay", lambda _: running.relay.run()), *workers, *_house_keeping(running)]
            jobs.append(Worker("consumer", lambda _: consumer.run()))
            tasks = [asyncio.create_task(_supervise(name, job, parts, running), name=job.name) for job in jobs]
            stack.push_async_callback(_stop, tasks)
            yield

    app = FastAPI(
        title=title,
        version="1",
        openapi_url=f"/{name}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=life,
        redirect_slashes=False,
        responses=problems.RESPONSES,
    )
    app.state.parts = parts
    app.state.running = running
    app.state.trial = parts.settings.trial
    problems.install(app)
    for router in routers:
        app.include_router(router)
    app.include_router(_health(name))
    if pages is not None:
        install(app, pages)
    app.add_middleware(_BodyLimit)
    app.add_middleware(_Trails, service=name)
    _describe_problems(app)
    return app


async def _supervise(service: str, job: Worker, parts: Parts[Any], running: Running) -> None:
    while True:
        try:
            await job.run(parts)
            return
        except Exception as error:
            running.fallen.add(job.name)
            telemetry.WORKER_RESTARTS.labels(service, job.name).inc()
            log.error("worker-fell", exc_info=error, service=service, worker=job.name)
            await asyncio.sleep(RESTART_SECONDS)
            running.fallen.discard(job.name)


async def _stop(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=3)


def _house_keeping(running: Running) -> list[Worker]:
    """What keeps the kit's own tables small."""

    async def trim(parts: Parts[Any]) -> None:
        from forkant_shared import idempotency, inbox
        from forkant_shared.relay import KEEP_PUBLISHED

        await running.relay.trim()
        async with parts.database.write() as session:
            # Longer than topics keep (30 days) and than any replay goes back.
            await inbox.trim(session, KEEP_PUBLISHED * 2)
            await idempotency.trim(session)

    return [every(3600, trim, name="trim")]


def _health(name: str) -> APIRouter:
    router = APIRouter(prefix=f"/{name}/health", tags=["health"])

    @router.get("/live")
    async def live() -> dict[str, str]:
        """The process answers."""
        return {"status": "live"}

    @router.get("/ready")
    async def ready(request: Request) -> JSONResponse:
        """Everything it needs answers; 503 names what does not."""
        parts, running = await parts_of(request), request.app.state.running
        state = {
            "database": await parts.database.answers(),
            "room": time.monotonic() > parts.database.full_until,
            "bus": parts.bus.healthy,
            "consumer": running.consumer.healthy,
            "workers": not running.fallen,
        }
        if state["database"]:
            async with parts.database.read() as session:
                state["outbox"] = await outbox.refused_count(session) == 0
        good = all(state.values())
        answer = {"status": "ready" if good else "waiting", "parts": state}
        return JSONResponse(answer, 200 if good else 503)

    return router


class _BodyLimit:
    """Refuses what is larger than one request may carry, before it is in memory, with a problem like any other."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope.get("headers", ()))
        declared = headers.get(b"content-length", b"0")
        size = int(declared) if declared.isdigit() else 0
        read = 0

        async def limited() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if max(size, read) > LARGEST_BODY:
                raise HTTPException(413)
            return message

        await self._app(scope, limited if scope["type"] == "http" else receive, send)


class _Trails:
    """Gives each request its trail and counts its time; pure ASGI, so that streams pass untouched."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        trail = telemetry.Trail(new_id(), None, telemetry.given_traceparent(headers.get(b"traceparent", b"")))
        scope["forkant.correlation"] = trail.correlation_id
        started, status = time.perf_counter(), 500

        async def told(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-correlation-id", trail.correlation_id.encode())]
            await send(message)

        with telemetry.following(trail):
            try:
                await self._app(scope, receive, told)
            finally:
                route = getattr(scope.get("route"), "path", "unmatched")
                telemetry.HTTP_SECONDS.labels(self._service, route, scope["method"], str(status)).observe(
                    time.perf_counter() - started
                )


def _describe_problems(app: FastAPI) -> None:
    """Put the Problem schema into the OpenAPI document, and take away the one FastAPI makes for 422."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        document = plain()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        for model in (problems.Problem, problems.FieldProblem):
            schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
            schema.pop("$defs", None)
            schemas[model.__name__] = schema
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        return document

    app.openapi = described  # type: ignore[method-assign]  # as FastAPI documents it
