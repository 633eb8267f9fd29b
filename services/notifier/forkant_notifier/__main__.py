"""`python -m forkant_notifier serve | migrate | audit | dead-letters | demo-rota | watch URL`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Any

import forkant_notifier
from forkant_notifier.app import create_app
from forkant_notifier.clients import outside
from forkant_notifier.commands.duty import load_demo
from forkant_notifier.commands.importing import Imported, import_duty, read_duty_file
from forkant_notifier.settings import Settings
from forkant_shared.bus.embedded import EmbeddedBus
from forkant_shared.clock import SystemClock
from forkant_shared.command_line import command_line
from forkant_shared.errors import Invalid
from forkant_shared.parts import Parts


def main() -> int:
    """Run one command; the exit code."""
    return command_line("notifier", forkant_notifier, Settings, create_app, _own_commands)


def _own_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    text = "write the made-up users, phones and rota (embedded mode and trial)"
    commands.add_parser("demo-rota", help=text, description=text).set_defaults(run=_demo_rota)
    text = "people, phones and rotas"
    duty = commands.add_parser("duty", help=text, description=text).add_subparsers(dest="act", required=True)
    text = "write people, phones and rotas from a file: all of it, or nothing and what is wrong"
    bring = duty.add_parser("import", help=text, description=text)
    bring.add_argument("file", type=Path, help="YAML with people, leave and rotas, or CSV with people")
    bring.add_argument("--by", required=True, help="your user: who answers for this in the audit log")
    bring.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    bring.set_defaults(run=_import)
    text = "look at a notifier from outside, again and again, and raise the alarm over a route of our own"
    watch = commands.add_parser("watch", help=text, description=text)
    watch.add_argument("url", help="where the notifier answers, as https://desk.example")
    watch.add_argument("--each", type=float, default=15.0, help="seconds between two looks")
    watch.add_argument("--patience", type=int, default=2, help="bad looks in a row before the alarm")
    watch.add_argument("--once", action="store_true", help="one look; the exit code says how it was")
    watch.add_argument(
        "--token-file", type=Path, help="a token with forkant:health.read, to see heartbeats too; read anew each time"
    )
    watch.add_argument("--route", type=Path, help="a routes file of our own, for the alarm")
    watch.add_argument("--to", help="the number the alarm goes to")
    watch.set_defaults(run=_watch)


def _demo_rota(_: argparse.Namespace) -> int:
    settings = Settings.from_environment()

    async def write() -> int:
        parts: Parts[Any] = Parts.build(settings, bus=EmbeddedBus(":memory:"), clock=SystemClock())
        try:
            return await load_demo(parts)
        finally:
            await parts.database.close()

    print(f"{asyncio.run(write())} made-up users are in the rota.")
    return 0


def _import(given: argparse.Namespace) -> int:
    settings = Settings.from_environment()

    async def write() -> Imported:
        parts: Parts[Any] = Parts.build(settings, bus=EmbeddedBus(":memory:"), clock=SystemClock())
        try:
            return await import_duty(parts, given.by, read_duty_file(given.file), dry_run=given.dry_run)
        finally:
            await parts.database.close()

    try:
        told = asyncio.run(write())
    except Invalid as error:
        print(f"{error.detail} {error.remedy or ''}", file=sys.stderr)
        return 1
    for wrong in told.wrong:
        print(wrong, file=sys.stderr)
    for line in told.done:
        print(line)
    if told.wrong:
        print("Nothing was written.", file=sys.stderr)
    elif given.dry_run:
        print("Nothing was written: this was a dry run.")
    return 1 if told.wrong else 0


def _watch(given: argparse.Namespace) -> int:
    return asyncio.run(
        outside.watch(
            given.url,
            each=given.each,
            patience=given.patience,
            once=given.once,
            token_file=given.token_file,
            route=given.route,
            to=given.to,
        )
    )


if __name__ == "__main__":
    sys.exit(main())
