"""The sender of webhooks: each endpoint for itself, one delivery at a time, in the order they fell due.

It shares nothing with the sender of pages but the database, where its transactions are of one delivery each. An
endpoint that hangs holds up its own queue for as long as one try lasts and nobody else's.
"""

from __future__ import annotations

import asyncio

from forkant_notifier.commands import telling
from forkant_notifier.commands.desk import NotifierParts, desk_of
from forkant_notifier.domain.webhooks import Delivery
from forkant_shared import telemetry
from forkant_shared.crash import crash_point
from forkant_shared.errors import Unavailable

POLL_SECONDS = 1.0

log = telemetry.get_logger()


class WebhookSender:
    """The sender of one process."""

    def __init__(self, parts: NotifierParts) -> None:
        self._parts = parts
        self._webhooks = desk_of(parts).webhooks
        self._busy: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Work until cancelled. What is being tried then is due again when its lease has run out."""
        try:
            while True:
                await self._sleep(began=await self._look())
        finally:
            for task in self._busy.values():
                task.cancel()
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def drain(self) -> None:
        """Try all that is due now, and wait until what came of it is stored."""
        await telling.free_leases(self._parts)
        while await self.step() or self._busy:
            await asyncio.gather(*self._busy.values())

    async def _look(self) -> int:
        try:
            await telling.free_leases(self._parts)
            return await self.step()
        except Unavailable:
            log.warning("webhooks-wait")
            return 0

    async def step(self) -> int:
        """Begin with the oldest delivery of each endpoint that is free; how many."""
        room = self._webhooks.rules.at_once - len(self._busy)
        if room <= 0:
            return 0
        leased = await telling.lease_due(self._parts, self._busy, room)
        crash_point("webhook-leased")
        for delivery in leased:
            self._busy[delivery.subscription_id] = asyncio.create_task(self._try(delivery))
        return len(leased)

    async def _try(self, delivery: Delivery) -> None:
        try:
            told = await telling.attempt(self._parts, delivery)
            crash_point("webhook-posted")
            await telling.settle(self._parts, delivery, told)
        except Unavailable:
            log.warning("webhooks-wait", key=delivery.id)
        except Exception as error:
            # A bug in one delivery stops no other; its lease runs out and it is tried again.
            log.error("webhook-fell", exc_info=error, key=delivery.id)
        finally:
            del self._busy[delivery.subscription_id]
            self._webhooks.bell.set()

    async def _sleep(self, *, began: int) -> None:
        if not began:
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await self._webhooks.bell.wait()
            except TimeoutError:
                pass
        self._webhooks.bell.clear()
