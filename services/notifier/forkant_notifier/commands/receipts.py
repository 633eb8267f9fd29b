"""What carriers report later: by calling us, or when we ask. In any order, as often as they like, or never."""

from __future__ import annotations

import asyncio
import time
from functools import partial

from prometheus_client import Counter

from forkant_notifier.clients.gateway import HttpGateway, Receipt
from forkant_notifier.commands.desk import NotifierParts, desk_of
from forkant_notifier.commands.figures import count_receipt
from forkant_notifier.domain.attempts import follow_up, receipted
from forkant_notifier.store import attempts, feed, receipts
from forkant_shared.clock import new_id
from forkant_shared.database import Session
from forkant_shared.errors import Unavailable

RECEIPTS_TAKEN = Counter("forkant_notifier_receipts", "What carriers reported", ["route", "kind"])
ASK_AT_ONCE = 20


async def take_receipt(parts: NotifierParts, route: str, receipt: Receipt) -> None:
    """A carrier reports. One that comes before its answer is stored is kept until then, within bounds."""
    desk = desk_of(parts)
    async with parts.database.write() as session:
        known = await apply_receipt(session, parts, route, receipt)
        if known is None:
            if desk.unknown_receipts(route).take(time.monotonic()):
                await receipts.keep_early(session, route, receipt.provider_id, receipt.delivered, receipt.cause)
                RECEIPTS_TAKEN.labels(route, "UNKNOWN").inc()
            else:
                RECEIPTS_TAKEN.labels(route, "UNKNOWN_DROPPED").inc()
        elif known:
            await receipts.add(session, route, receipt.provider_id, receipt.delivered, receipt.cause)
            RECEIPTS_TAKEN.labels(route, "NEW").inc()
            await feed.look_again(session)
            session.after_commit(desk.feed)
        else:
            RECEIPTS_TAKEN.labels(route, "REPEATED").inc()


async def apply_receipt(session: Session, parts: NotifierParts, route: str, receipt: Receipt) -> bool | None:
    """Whether it told anything new of a message of ours; None where we know no such message."""
    attempt = await attempts.by_provider_id(session, route, receipt.provider_id)
    if attempt is None:
        return None
    desk, now = desk_of(parts), parts.clock.now()
    after = receipted(attempt, delivered=receipt.delivered, cause=receipt.cause, now=now)
    if after is None:
        return False
    await attempts.save_receipted(session, after)
    if receipt.delivered:
        desk.routes.delivered(route, now)
        session.after_commit(partial(count_receipt, after))
    again = follow_up(after, attempt_id=new_id(), policy=desk.policy, now=now)
    if again is not None:
        await attempts.insert(session, [again])
        session.after_commit(desk.mailbox.ring)
    return True


async def apply_late_receipts(parts: NotifierParts) -> int:
    """Receipts that crossed with the answer they belong to; how many were taken."""
    async with parts.database.read() as session:
        crossed = await receipts.crossed(session)
    if not crossed:
        return 0
    async with parts.database.write() as session:
        for route, provider_id in crossed:
            for found_id, delivered, cause in await receipts.early(session, route, [provider_id]):
                await apply_receipt(session, parts, route, Receipt(found_id, delivered, cause))
        session.after_commit(desk_of(parts).feed)
    return len(crossed)


async def forget_unknown(parts: NotifierParts) -> int:
    """Receipts whose message never came; how many went."""
    before = parts.clock.now() - desk_of(parts).callbacks.keep_unknown
    async with parts.database.read() as session:
        if not await receipts.any_early_before(session, before):
            return 0
    async with parts.database.write() as session:
        return await receipts.forget_early(session, before)


async def ask_carriers(parts: NotifierParts) -> int:
    """Ask the carriers that do not call us what became of their messages; how many had news."""
    desk, now = desk_of(parts), parts.clock.now()
    asked = [route for route in desk.routes.routes.values() if isinstance(route, HttpGateway) and route.template.poll]
    if not asked:
        return 0
    since, news = now - desk.callbacks.poll_for, 0
    for route in asked:
        async with parts.database.read() as session:
            waiting = await attempts.without_receipt(session, route.name, since, limit=500)
        for begin in range(0, len(waiting), ASK_AT_ONCE):
            some = waiting[begin : begin + ASK_AT_ONCE]
            told = await asyncio.gather(*(route.ask(one, timeout=desk.policy.timeout) for one in some))
            for receipt in (found for found in told if found is not None):
                try:
                    await take_receipt(parts, route.name, receipt)
                except Unavailable:
                    return news
                news += 1
    return news
