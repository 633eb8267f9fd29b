"""Attempts and their leases."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from forkant_notifier.domain.attempts import Attempt, AttemptState, Lease
from forkant_notifier.domain.horizon import Horizon
from forkant_notifier.domain.lanes import Channel, Lane
from forkant_notifier.domain.messages import Hint
from forkant_notifier.store import looks
from forkant_notifier.tables import ATTEMPTS, RECEIPTS
from forkant_shared.database import Session


def _row(attempt: Attempt) -> dict[str, Any]:
    lease = attempt.lease
    return {
        "id": attempt.id,
        "page_id": attempt.page_id,
        "code": attempt.code,
        "lane": attempt.lane.value,
        "urgency": attempt.urgency,
        "channel": attempt.channel.value,
        "user": attempt.user,
        "address": attempt.address,
        "hint": attempt.hint.name if attempt.hint else None,
        "number": attempt.number,
        "tried": list(attempt.tried),
        "state": attempt.state.value,
        "due_at": attempt.due_at,
        "lease_id": lease.id if lease else None,
        "lease_holder": lease.holder if lease else None,
        "lease_until": lease.until if lease else None,
        "route": attempt.route,
        "provider_id": attempt.provider_id,
        "submitted_at": attempt.submitted_at,
        "receipt_at": attempt.receipt_at,
        "cause": attempt.cause,
        "drill": attempt.drill,
    }


def _attempt(row: Any) -> Attempt:
    return Attempt(
        id=row.id,
        page_id=row.page_id,
        code=row.code,
        lane=Lane(row.lane),
        channel=Channel(row.channel),
        user=row.user,
        address=row.address,
        due_at=row.due_at,
        hint=Hint[row.hint] if row.hint else None,
        number=row.number,
        tried=tuple(row.tried),
        state=AttemptState(row.state),
        lease=Lease(row.lease_id, row.lease_holder, row.lease_until) if row.lease_id else None,
        route=row.route,
        provider_id=row.provider_id,
        submitted_at=row.submitted_at,
        receipt_at=row.receipt_at,
        cause=row.cause,
        drill=row.drill,
    )


async def insert(session: Session, attempts: Sequence[Attempt]) -> None:
    session.later(ATTEMPTS, *(_row(attempt) for attempt in attempts))


async def any_due(session: Session, now: datetime) -> bool:
    """Whether anything waits for a sender: a look that takes no lock."""
    query = sa.select(ATTEMPTS.c.id).where(looks.DUE, ATTEMPTS.c.due_at <= now).limit(1)
    return (await session.execute(query)).first() is not None


async def lease_due(session: Session, lease: Lease, now: datetime, limit: int) -> list[Attempt]:
    """Take the most urgent attempts that are due, in one statement; other senders pass over what we take."""
    chosen = (
        sa.select(ATTEMPTS.c.id)
        .where(looks.DUE, ATTEMPTS.c.due_at <= now)
        .order_by(ATTEMPTS.c.urgency, ATTEMPTS.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = await session.execute(
        ATTEMPTS.update()
        .where(ATTEMPTS.c.id.in_(chosen.scalar_subquery()), ATTEMPTS.c.state == "DUE")
        .values(state="LEASED", lease_id=lease.id, lease_holder=lease.holder, lease_until=lease.until)
        .returning(ATTEMPTS)
    )
    taken = [_attempt(row) for row in found]
    return sorted(taken, key=lambda attempt: (attempt.urgency, attempt.due_at))


async def renew(session: Session, ids: Collection[str], holder: str, until: datetime) -> list[str]:
    """Hold these longer; those of them that this holder still had."""
    found = await session.execute(
        ATTEMPTS.update()
        .where(ATTEMPTS.c.id.in_(list(ids)), ATTEMPTS.c.state == "LEASED", ATTEMPTS.c.lease_holder == holder)
        .values(lease_until=until)
        .returning(ATTEMPTS.c.id)
    )
    return [str(attempt_id) for attempt_id in found.scalars()]


async def free_expired(session: Session, horizon: Horizon) -> int:
    """Leases that have run out, or run longer than a lease can: due again. How many."""
    return await _free(session, looks.held_no_more(horizon))


async def bring_forward(session: Session, horizon: Horizon) -> int:
    """What is due later than anything can be, because a clock was set back, is due now. How many."""
    found = await session.execute(ATTEMPTS.update().where(looks.too_far_ahead(horizon)).values(due_at=horizon.now))
    return found.rowcount


async def free_held_by(session: Session, holder: str) -> int:
    """What an earlier life of this instance held when it died: due again, without waiting for the lease. How many."""
    return await _free(session, ATTEMPTS.c.lease_holder == holder)


async def _free(session: Session, which: sa.ColumnElement[bool]) -> int:
    found = await session.execute(
        ATTEMPTS.update()
        .where(ATTEMPTS.c.state == "LEASED", which)
        .values(state="DUE", lease_id=None, lease_holder=None, lease_until=None)
    )
    return found.rowcount


async def still_held(session: Session, ids: Collection[str]) -> set[tuple[str, str]]:
    """Of these attempts the ones that are leased, each with its lease; held for a change."""
    query = sa.select(ATTEMPTS.c.id, ATTEMPTS.c.lease_id).where(
        ATTEMPTS.c.id.in_(list(ids)), ATTEMPTS.c.state == "LEASED"
    )
    return {(row.id, row.lease_id) for row in await session.execute(query.with_for_update())}


async def settle(session: Session, settled: Sequence[tuple[Attempt, str]]) -> None:
    """Store what routes have answered, each under the lease it was sent with; one lost meanwhile changes nothing."""
    if not settled:
        return
    rows = [
        {
            "of_id": attempt.id,
            "of_lease": lease_id,
            "state_": attempt.state.value,
            "route_": attempt.route,
            "provider_id_": attempt.provider_id,
            "submitted_at_": attempt.submitted_at,
            "receipt_at_": attempt.receipt_at,
            "cause_": attempt.cause,
        }
        for attempt, lease_id in settled
    ]
    session.run_later(_SETTLE, *rows)


_SETTLE = (
    ATTEMPTS.update()
    .where(ATTEMPTS.c.id == sa.bindparam("of_id"), ATTEMPTS.c.lease_id == sa.bindparam("of_lease"))
    .values(
        state=sa.bindparam("state_"),
        lease_id=None,
        lease_holder=None,
        lease_until=None,
        route=sa.bindparam("route_"),
        provider_id=sa.bindparam("provider_id_"),
        submitted_at=sa.bindparam("submitted_at_"),
        receipt_at=sa.bindparam("receipt_at_"),
        cause=sa.bindparam("cause_"),
    )
)


async def save_receipted(session: Session, attempt: Attempt) -> None:
    await session.execute(
        ATTEMPTS.update()
        .where(ATTEMPTS.c.id == attempt.id)
        .values(
            state=attempt.state.value,
            receipt_at=attempt.receipt_at,
            cause=attempt.cause,
            lease_id=None,
            lease_holder=None,
            lease_until=None,
        )
    )


async def by_provider_id(session: Session, route: str, provider_id: str) -> Attempt | None:
    """The attempt a carrier calls by this id (or by ours), held for a change."""
    query = (
        sa.select(ATTEMPTS)
        .where(ATTEMPTS.c.provider_id == provider_id, ATTEMPTS.c.route == route)
        .with_for_update()
        .limit(1)
    )
    row = (await session.execute(query)).first()
    return None if row is None else _attempt(row)


async def answered(session: Session, page_id: str) -> int:
    """A human has the page: tries that have not begun are not needed any more. How many."""
    found = await session.execute(
        ATTEMPTS.update()
        .where(ATTEMPTS.c.page_id == page_id, ATTEMPTS.c.state == "DUE")
        .values(state="FAILED", cause="ANSWERED")
    )
    return found.rowcount


async def of_pages(session: Session, page_ids: Collection[str]) -> dict[str, list[Attempt]]:
    """The attempts of these pages, oldest first."""
    found: dict[str, list[Attempt]] = {page_id: [] for page_id in page_ids}
    if page_ids:
        query = sa.select(ATTEMPTS).where(ATTEMPTS.c.page_id.in_(list(page_ids))).order_by(ATTEMPTS.c.id)
        for row in await session.execute(query):
            found[row.page_id].append(_attempt(row))
    return found


async def oldest_due(session: Session) -> datetime | None:
    """Since when the oldest attempt has waited; None where none waits."""
    found = await session.execute(sa.select(sa.func.min(ATTEMPTS.c.due_at)).where(ATTEMPTS.c.state == "DUE"))
    value: datetime | None = found.scalar_one()
    return value


async def any_of_no_page(session: Session, before: datetime) -> bool:
    """Whether a message that belongs to no page is older than that: a look that takes no lock."""
    query = sa.select(ATTEMPTS.c.id).where(ATTEMPTS.c.page_id.is_(None), ATTEMPTS.c.due_at < before).limit(1)
    return (await session.execute(query)).first() is not None


async def forget_of_no_page(session: Session, before: datetime, limit: int) -> int:
    """Take away messages that belong to no page and are older than that, with their receipts; how many. What is still
    on its way stays."""
    over = sa.select(ATTEMPTS.c.id, ATTEMPTS.c.route, ATTEMPTS.c.provider_id).where(
        ATTEMPTS.c.page_id.is_(None), ATTEMPTS.c.due_at < before, ATTEMPTS.c.state.not_in(["DUE", "LEASED"])
    )
    rows = (await session.execute(over.limit(limit))).all()
    told = [(row.route, row.provider_id) for row in rows if row.provider_id]
    if told:
        which = sa.tuple_(RECEIPTS.c.route, RECEIPTS.c.provider_id).in_(told)
        await session.execute(RECEIPTS.delete().where(which))
    if rows:
        await session.execute(ATTEMPTS.delete().where(ATTEMPTS.c.id.in_([row.id for row in rows])))
    return len(rows)


async def of_call(session: Session, attempt_id: str, route: str) -> Attempt | None:
    """The attempt this route was given under our own id; one that is still leased was given too."""
    query = sa.select(ATTEMPTS).where(
        ATTEMPTS.c.id == attempt_id, sa.or_(ATTEMPTS.c.route == route, ATTEMPTS.c.state == "LEASED")
    )
    row = (await session.execute(query)).one_or_none()
    return None if row is None else _attempt(row)


async def without_receipt(session: Session, route: str, since: datetime, limit: int) -> list[str]:
    """The carrier's ids of messages it took since then and has told nothing of, oldest first."""
    query = (
        sa.select(ATTEMPTS.c.provider_id)
        .where(ATTEMPTS.c.state == "SUBMITTED", ATTEMPTS.c.route == route, ATTEMPTS.c.submitted_at >= since)
        .order_by(ATTEMPTS.c.submitted_at)
        .limit(limit)
    )
    return [provider_id for (provider_id,) in await session.execute(query) if provider_id]
