"""The outside watcher: elsewhere, on its own route, it looks at a notifier and rings when something is wrong.

It needs nothing of the notifier's: no database, no bus, no settings.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2 as httpx

from forkant_notifier.clients import routes_file
from forkant_notifier.clients.route import Outgoing
from forkant_notifier.domain.attempts import Outcome
from forkant_notifier.domain.lanes import Channel, Lane
from forkant_notifier.domain.messages import Hint
from forkant_notifier.settings import routes_document
from forkant_shared.clock import new_id

SECONDS = 5.0
OLDEST_DUE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Look:
    """What one look has found: nothing wrong, or a code that says what."""

    wrong: str | None = None


async def look(client: httpx.AsyncClient, token: str | None) -> Look:
    """Is it ready, are heartbeats coming, does nothing wait unsent? The last two need a token."""
    try:
        ready = await client.get("/notifier/health/ready")
        if ready.status_code != 200:
            return Look("NOT_READY")
        if token is None:
            return Look()
        answer = await client.get("/notifier/v1/status", headers={"Authorization": f"Bearer {token}"})
        if answer.status_code != 200:
            return Look(f"STATUS_{answer.status_code}")
        told = answer.json()
        if told["silent"]:
            return Look("WATCH_SILENT")
        oldest = told["oldest_due"]
        if oldest is not None and datetime.now(UTC) - datetime.fromisoformat(oldest) > OLDEST_DUE:
            return Look("PAGES_WAIT")
    except (httpx.HTTPError, ValueError, KeyError):
        return Look("NO_ANSWER")
    return Look()


async def _looked(client: httpx.AsyncClient, token_file: Path | None) -> Look:
    try:
        token = (await asyncio.to_thread(token_file.read_text)).strip() if token_file else None
    except OSError:
        return Look("NO_TOKEN")
    return await look(client, token)


async def raise_alarm(file: Path, to: str) -> bool:
    """Send the alarm over the first SMS route that takes it."""
    routes = routes_file.read(routes_document(file), file.parent).routes
    outgoing = Outgoing(new_id(), Channel.SMS, to, Lane.LIFE, Hint.NOTIFIER_DOWN)
    try:
        for route in routes:
            if Channel.SMS not in route.channels:
                continue
            async for answer in route.submit([outgoing], timeout=timedelta(seconds=SECONDS)):
                if answer.outcome is Outcome.SUBMITTED:
                    return True
    finally:
        for route in routes:
            await route.close()
    return False


async def watch(
    url: str,
    *,
    each: float,
    patience: int,
    once: bool,
    token_file: Path | None = None,
    route: Path | None = None,
    to: str | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> int:
    """Look each `each` seconds; after `patience` bad looks in a row raise the alarm and end with 1.

    `token_file` is read for each look, since tokens end after minutes: whatever fetches them writes it anew. Whatever
    starts processes on that machine starts it again. With `once` a single look decides: 0 good, 1 bad.
    """
    bad = 0
    async with httpx.AsyncClient(base_url=url.rstrip("/"), timeout=SECONDS, transport=transport) as client:
        while True:
            seen = await _looked(client, token_file)
            bad = bad + 1 if seen.wrong else 0
            if seen.wrong:
                print(f"{datetime.now(UTC).isoformat()} {seen.wrong}", file=sys.stderr, flush=True)
            if once or bad >= patience:
                break
            await asyncio.sleep(each)
    if bad and route is not None and to is not None:
        sent = await raise_alarm(route, to)
        print("ALARM_SENT" if sent else "ALARM_NOT_SENT", file=sys.stderr, flush=True)
    return 1 if bad else 0
