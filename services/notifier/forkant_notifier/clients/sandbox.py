"""The carrier nobody carries: messages land on fake phones. For embedded mode and trial, and nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta

from forkant_notifier.clients.route import Answer, Outgoing
from forkant_notifier.domain.attempts import Outcome
from forkant_notifier.domain.lanes import Channel
from forkant_notifier.domain.messages import FakeMessage
from forkant_shared.clock import Clock, new_id
from forkant_shared.errors import Unavailable
from forkant_shared.settings import Unsafe

Keep = Callable[[Sequence[FakeMessage]], Awaitable[None]]


class SandboxRoute:
    """Puts messages on fake phones. Raises Unsafe where no fake phone may be used."""

    name = "sandbox"
    channels = frozenset(Channel)
    gives_receipts = False

    def __init__(self, keep: Keep, clock: Clock, *, allowed: bool) -> None:
        if not allowed:
            raise Unsafe(
                "The sandbox carrier reaches nobody: set FORKANT_NOTIFIER_ROUTES_FILE to a file with a real gateway.",
                field="routes_file",
            )
        self._keep = keep
        self._clock = clock
        # One batch at a time, so that the order of the ids is the order in which they can be read.
        self._turn = asyncio.Lock()

    async def submit(self, batch: Sequence[Outgoing], *, timeout: timedelta) -> AsyncIterator[Answer]:
        """A fake phone has a message as soon as it is stored, so submitted and delivered are one.

        There is no carrier that could fail to answer, only our own database: waiting for it is right where trying
        another road would add to what it has to do.
        """
        try:
            async with self._turn:
                now = self._clock.now()
                kept = [FakeMessage(new_id(), o.address, o.channel.value, o.body, now) for o in batch]
                await self._keep(kept)
        except Unavailable:
            for outgoing in batch:
                yield Answer(outgoing.reference, Outcome.SILENT, cause="NO_DATABASE")
            return
        for outgoing, message in zip(batch, kept, strict=True):
            yield Answer(outgoing.reference, Outcome.DELIVERED, provider_id=message.id)

    async def close(self) -> None:
        return
