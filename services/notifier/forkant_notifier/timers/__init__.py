"""What runs by itself: sender, sweep over steps and leases, watch, routes, reports on their way, webhooks."""

from __future__ import annotations

import asyncio

from forkant_notifier.commands.calling import send_reports
from forkant_notifier.commands.contacting import send_contacts
from forkant_notifier.commands.desk import NotifierParts, desk_of
from forkant_notifier.commands.drilling import end_what_is_over
from forkant_notifier.commands.noticing import warn_ahead
from forkant_notifier.commands.paging import free_leases, look, step_pages
from forkant_notifier.commands.reaching import read_browsers
from forkant_notifier.commands.receipts import apply_late_receipts, ask_carriers, forget_unknown
from forkant_notifier.commands.routing import forget_tests, learn_standings, watch_routes
from forkant_notifier.commands.telling import clear_away
from forkant_notifier.commands.watching import check_silence
from forkant_notifier.timers.sender import Sender
from forkant_notifier.timers.webhooks import WebhookSender
from forkant_shared import telemetry
from forkant_shared.errors import Unavailable
from forkant_shared.service import Worker, every

SWEEP_SECONDS = 1.0
FORGET_SECONDS = 60.0
CLEAR_SECONDS = 600.0
#: What is wrong with a shift to come is looked for this often.
AHEAD_SECONDS = 60.0
#: What another instance knows (a browser that subscribed, a route that fails) is known here after this.
LEARN_SECONDS = 5.0

log = telemetry.get_logger()


async def sweep(parts: NotifierParts) -> None:
    """What is due by the clock: leases that ran out, the next steps of pages, receipts that crossed."""
    found = await look(parts)
    if found.leases or found.ahead:
        await free_leases(parts)
    if found.drill:
        await end_what_is_over(parts)
    if found.steps:
        await step_pages(parts)
    if found.receipts:
        await apply_late_receipts(parts)


async def _send(parts: NotifierParts) -> None:
    await Sender(parts).run()


async def _deliver(parts: NotifierParts) -> None:
    await WebhookSender(parts).run()


async def _ask(parts: NotifierParts) -> None:
    each = desk_of(parts).callbacks.poll_each.total_seconds()
    while True:
        try:
            await ask_carriers(parts)
        except Unavailable:
            log.warning("carriers-not-asked")
        await asyncio.sleep(each)


WORKERS = [
    Worker("sender", _send),
    every(SWEEP_SECONDS, sweep, name="sweep"),
    every(SWEEP_SECONDS, check_silence, name="watch-silent"),
    every(SWEEP_SECONDS, watch_routes, name="routes"),
    every(LEARN_SECONDS, read_browsers, name="browsers"),
    every(LEARN_SECONDS, learn_standings, name="standings"),
    Worker("ask-carriers", _ask),
    every(FORGET_SECONDS, forget_unknown, name="forget-receipts"),
    every(SWEEP_SECONDS, send_reports, name="reports"),
    every(SWEEP_SECONDS, send_contacts, name="contacts"),
    every(AHEAD_SECONDS, warn_ahead, name="warn-ahead"),
    Worker("webhooks", _deliver),
    every(CLEAR_SECONDS, clear_away, name="webhooks-old"),
    every(CLEAR_SECONDS, forget_tests, name="tests-old"),
]
