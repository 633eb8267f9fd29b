"""The commands every service has: `python -m forkant_<service> serve | migrate | audit | dead-letters | openapi`."""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import socket
import sys
from collections.abc import Callable, Coroutine
from types import ModuleType
from typing import Any

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from forkant_shared import audit, inbox, telemetry
from forkant_shared.bus import Bus
from forkant_shared.bus.kafka import KafkaBus
from forkant_shared.clock import SystemClock
from forkant_shared.database import Database
from forkant_shared.errors import ForkantError, Invalid
from forkant_shared.events import OWNERS, topic_of
from forkant_shared.identity import Principal
from forkant_shared.migrations import migrate
from forkant_shared.settings import ServiceSettings

Extra = Callable[["argparse._SubParsersAction[argparse.ArgumentParser]"], None]
GRACEFUL_SECONDS = 3


def command_line(
    name: str,
    package: ModuleType,
    settings_type: type[ServiceSettings],
    create_app: Callable[..., FastAPI],
    extra: Extra | None = None,
) -> int:
    """Run the command in `sys.argv`; the exit code. `extra` adds a service's own commands, each with `run=function`."""
    parser = argparse.ArgumentParser(prog=f"python -m {package.__name__}", description=package.__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add(commands, "serve", "answer HTTP until told to stop", lambda _: _serve(name, settings_type, create_app))
    _add(commands, "migrate", "bring the database to the newest shape", lambda _: _migrate(package, settings_type))
    _add(commands, "openapi", "print the OpenAPI document", lambda _: _openapi(settings_type, create_app))
    topics = _add(commands, "topics", "make this service's topics", lambda given: _topics(name, settings_type, given))
    topics.add_argument("--partitions", type=int, default=12, help="partitions of a topic that is made now")
    topics.add_argument("--replication", type=int, default=1, help="brokers that keep a copy; 3 where a broker may die")
    checked = _add(commands, "audit", "check the audit chain", lambda _: _audit(settings_type))
    checked.add_argument("act", choices=["verify"], help="walk the chain and name the first broken link")
    _dead_letters(name, settings_type, commands)
    if extra is not None:
        extra(commands)
    given = parser.parse_args()
    try:
        return int(given.run(given) or 0)
    except ForkantError as error:
        print(f"{error.detail} {error.remedy or ''}".strip(), file=sys.stderr)
        return 2


def _add(commands: Any, name: str, text: str, run: Callable[[argparse.Namespace], int | None]) -> Any:
    parser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(run=run)
    return parser


def kafka_bus(settings: ServiceSettings, *, replication: int = 1) -> Bus:
    """The bus that these settings name; topics made by it are kept in `replication` copies."""
    password = settings.kafka_password_file.read_text().strip() if settings.kafka_password_file else None
    return KafkaBus(
        settings.kafka,
        security_protocol=settings.kafka_security_protocol,
        sasl_mechanism=settings.kafka_sasl_mechanism,
        username=settings.kafka_username or None,
        password=password,
        cafile=str(settings.kafka_ca_file) if settings.kafka_ca_file else None,
        replication=replication,
    )


class _Server(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            # What stands now stands until the end: the collector need never walk it again, and pauses stay short.
            gc.freeze()
            gc.enable()
            self._ready()


def serve_app(
    app: ASGIApp,
    settings: ServiceSettings,
    close: Callable[[], Coroutine[Any, Any, None]],
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Serve until SIGTERM or Ctrl-C, then stop within five seconds, open streams included.

    `ready` is called once the port is open.
    """
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http="httptools",
        access_log=False,
        log_config=None,
        lifespan="on",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
        timeout_keep_alive=30,
    )

    async def run() -> None:
        try:
            await _Server(config, ready).serve()
        finally:
            await close()

    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(run())


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop.new_event_loop


def _serve(name: str, settings_type: type[ServiceSettings], create_app: Callable[..., FastAPI]) -> int:
    settings = settings_type.from_environment()
    telemetry.configure(service=name, level=settings.log_level, otlp_endpoint=settings.otlp_endpoint)
    if settings.trial:
        telemetry.get_logger().warning("trial-mode-do-not-use-for-real-work", service=name)
    if settings.metrics_port is not None:
        telemetry.serve_metrics(settings.host, settings.metrics_port)
    bus = kafka_bus(settings)
    serve_app(create_app(settings, bus=bus, clock=SystemClock()), settings, bus.close)
    return 0


def _migrate(package: ModuleType, settings_type: type[ServiceSettings]) -> int:
    settings = settings_type.from_environment()
    migrate(package, Database(settings.database_url, clock=SystemClock()).url)
    return 0


def _openapi(settings_type: type[ServiceSettings], create_app: Callable[..., FastAPI]) -> int:
    from forkant_shared.bus.embedded import EmbeddedBus

    # Nothing is opened: the document is read off the routes.
    settings = settings_type(mode="embedded", database_url="sqlite:///:memory:")
    app = create_app(settings, bus=EmbeddedBus(":memory:"), clock=SystemClock())
    print(json.dumps(app.openapi(), indent=1, sort_keys=True, ensure_ascii=False))
    return 0


def _topics(name: str, settings_type: type[ServiceSettings], given: argparse.Namespace) -> int:
    settings = settings_type.from_environment()

    async def make() -> None:
        bus = kafka_bus(settings, replication=given.replication)
        try:
            await bus.create_topics([topic_of(name), f"forkant.{name}.dead-letters"], partitions=given.partitions)
        finally:
            await bus.close()

    asyncio.run(make())
    return 0


def all_topics() -> list[str]:
    """Every topic there is: one per owner, and one for each listener's dead letters."""
    return [topic for owner in OWNERS for topic in (topic_of(owner), f"forkant.{owner}.dead-letters")]


def _audit(settings_type: type[ServiceSettings]) -> int:
    async def walk(database: Database) -> int:
        async with database.read() as session:
            broken = await audit.verify(session)
            if broken is None:
                print(f"The chain holds: {await audit.length(session)} rows.")
                return 0
            print(f"The chain is broken at row {broken.seq}: {broken.cause}.", file=sys.stderr)
            return 1

    return _with_database(settings_type, walk)


def _with_database(settings_type: type[ServiceSettings], act: Callable[[Database], Coroutine[Any, Any, int]]) -> int:
    async def run() -> int:
        database = Database(settings_type.from_environment().database_url, clock=SystemClock())
        try:
            return await act(database)
        finally:
            await database.close()

    return asyncio.run(run())


def _json_from_standard_input() -> str:
    try:
        return json.dumps(json.loads(sys.stdin.read()))
    except ValueError as error:
        raise Invalid("What came on standard input is not JSON.", remedy="Send one JSON object.") from error


def _dead_letters(name: str, settings_type: type[ServiceSettings], commands: Any) -> None:
    parser = commands.add_parser("dead-letters", help="events that wait for a person: list, show, release, edit, drop")
    acts = parser.add_subparsers(required=True, metavar="ACT")
    group = f"forkant.{name}"

    async def listed(database: Database, given: argparse.Namespace) -> int:
        async with database.read() as session:
            for row in await inbox.parked(session, group, limit=given.limit, after=given.after):
                print(json.dumps(row, default=str))
        return 0

    async def shown(database: Database, given: argparse.Namespace) -> int:
        async with database.read() as session:
            print(await inbox.parked_value(session, given.seq))
        return 0

    async def changed(database: Database, given: argparse.Namespace) -> int:
        who = Principal(subject=given.by, name=given.by, kind="PERSON")
        async with database.write() as session:
            if given.act == "release":
                print(f"{await inbox.release(session, group, given.seq)} released.")
            elif given.act == "edit":
                await inbox.edit(session, given.seq, _json_from_standard_input())
            else:
                await inbox.drop(session, given.seq)
            details = {"sequence": given.seq}
            await audit.record(session, who, f"{name}.dead-letter.{given.act}", [], purpose=given.why, details=details)
        return 0

    def add(act: str, text: str, run: Callable[[Database, argparse.Namespace], Coroutine[Any, Any, int]]) -> Any:
        made = acts.add_parser(act, help=text, description=text)
        made.set_defaults(act=act, run=lambda given: _with_database(settings_type, lambda base: run(base, given)))
        return made

    listing = add("list", "what waits, oldest first, one JSON object a line", listed)
    listing.add_argument("--limit", type=int, default=100)
    listing.add_argument("--after", type=int, default=0, help="the last number seen")
    add("show", "the data of one event", shown).add_argument("seq", type=int)
    for act, text in (
        ("release", "try it again, with all that waits behind it"),
        ("edit", "replace its data with JSON from standard input"),
        ("drop", "take it away for good"),
    ):
        made = add(act, text, changed)
        made.add_argument("seq", type=int)
        made.add_argument("--by", default=os.environ.get("USER"), required="USER" not in os.environ, help="who does it")
        made.add_argument("--why", required=True, help="the reason, for the audit log")
