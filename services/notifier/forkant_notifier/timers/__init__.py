"""What runs by itself: the sender, the sweep over steps and leases, the watch, and reports on their way."""

from __future__ import annotations

from forkant_notifier.commands.calling import send_reports
from forkant_notifier.commands.desk import NotifierParts
from forkant_notifier.commands.paging import free_leases, step_pages
from forkant_notifier.commands.sending import apply_late_receipts
from forkant_notifier.commands.watching import check_silence
from forkant_notifier.timers.sender import Sender
from forkant_shared.service import Worker, every

SWEEP_SECONDS = 1.0


async def sweep(parts: NotifierParts) -> None:
    """What is due by the clock: leases that ran out, the next steps of pages, receipts that crossed."""
    await free_leases(parts)
    await step_pages(parts)
    await apply_late_receipts(parts)


async def _send(parts: NotifierParts) -> None:
    await Sender(parts).run()


WORKERS = [
    Worker("sender", _send),
    every(SWEEP_SECONDS, sweep, name="sweep"),
    every(SWEEP_SECONDS, check_silence, name="watch-silent"),
    every(SWEEP_SECONDS, send_reports, name="reports"),
]
