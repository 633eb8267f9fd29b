"""What routes answer, stored many at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from forkant_notifier.clients.gateway import Receipt
from forkant_notifier.clients.route import Answer
from forkant_notifier.commands.desk import NotifierParts, desk_of
from forkant_notifier.commands.figures import count_tries
from forkant_notifier.commands.receipts import apply_receipt
from forkant_notifier.domain.attempts import Attempt, follow_up, settled
from forkant_notifier.domain.messages import FakeMessage
from forkant_notifier.domain.policy import PagingPolicy
from forkant_notifier.store import attempts, feed, receipts, sandbox
from forkant_shared.clock import new_id
from forkant_shared.database import Session


@dataclass(frozen=True, slots=True)
class Result:
    """An attempt as it was sent, by which route (None: there is none for this channel), and what it answered when."""

    attempt: Attempt
    route: str | None
    answer: Answer
    at: datetime


async def settle(parts: NotifierParts, results: Sequence[Result]) -> None:
    """Store many results in one transaction, and the further tries that follow from them."""
    desk, now = desk_of(parts), parts.clock.now()
    done: list[tuple[Attempt, str]] = []
    for result in results:
        answer, lease = result.answer, result.attempt.lease
        assert lease is not None
        after = settled(
            result.attempt,
            answer.outcome,
            route=result.route,
            provider_id=answer.provider_id,
            cause=answer.cause,
            now=result.at,
        )
        done.append((after, lease.id))
    async with parts.database.write() as session:
        again = await _further_tries(session, desk.policy, done, now)
        await attempts.settle(session, done)
        await attempts.insert(session, again)
        await _apply_early_receipts(session, parts, [after for after, _ in done])
        await feed.look_again(session)
        session.after_commit(partial(count_tries, [after for after, _ in done]))
        if again:
            session.after_commit(desk.mailbox.ring)
        session.after_commit(desk.feed)


async def _further_tries(
    session: Session, policy: PagingPolicy, done: Sequence[tuple[Attempt, str]], now: datetime
) -> list[Attempt]:
    """The tries that follow from those that failed.

    One whose lease was lost meanwhile is somebody else's: it is sent again anyway, and a further try beside that would
    make two of each one, as often as answers come too late.
    """
    tries = {
        (after.id, lease_id): follow_up(after, attempt_id=new_id(), policy=policy, now=now) for after, lease_id in done
    }
    wanted = {key: attempt for key, attempt in tries.items() if attempt is not None}
    held = await attempts.still_held(session, [attempt_id for attempt_id, _ in wanted]) if wanted else set()
    return [attempt for key, attempt in wanted.items() if key in held]


async def _apply_early_receipts(session: Session, parts: NotifierParts, done: Sequence[Attempt]) -> None:
    routes = desk_of(parts).routes.routes
    for name in {attempt.route for attempt in done if attempt.route}:
        if not routes[name].gives_receipts:
            continue
        ids = [attempt.provider_id for attempt in done if attempt.route == name and attempt.provider_id]
        for provider_id, delivered, cause in await receipts.early(session, name, ids):
            await apply_receipt(session, parts, name, Receipt(provider_id, delivered, cause))


async def keep_fake_messages(parts: NotifierParts, messages: Sequence[FakeMessage]) -> None:
    """Put messages on the fake phones."""
    async with parts.database.write() as session:
        await sandbox.insert(session, messages)
