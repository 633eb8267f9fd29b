"""Twice delivered, once applied: the mark and the effect share one transaction.

Also where events that no retry can help wait for a person: dead letters, each by itself, and parked keys, where the
event that failed has every later event of the same key behind it, in order.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from forkant_shared.bus import Record
from forkant_shared.database import Json, Serial, Session, UtcDateTime, new_metadata
from forkant_shared.errors import NotFound

METADATA = new_metadata()
INBOX = sa.Table(
    "inbox",
    METADATA,
    sa.Column("consumer", sa.String(60), primary_key=True),
    sa.Column("event_id", sa.String(64), primary_key=True),
    sa.Column("received_at", UtcDateTime, nullable=False, index=True),
)
PARKED = sa.Table(
    "parked_events",
    METADATA,
    sa.Column("seq", Serial, primary_key=True, autoincrement=True),
    sa.Column("consumer", sa.String(60), nullable=False),
    sa.Column("key", sa.String(200), nullable=False),
    sa.Column("event_id", sa.String(64), nullable=False),
    sa.Column("event_type", sa.String(200), nullable=False),
    sa.Column("topic", sa.String(100), nullable=False),
    sa.Column("partition", sa.Integer, nullable=False),
    sa.Column("offset", sa.BigInteger, nullable=False),
    sa.Column("headers", Json, nullable=False),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("error", sa.String(100)),
    sa.Column("holds_key", sa.Boolean, nullable=False),
    sa.Column("parked_at", UtcDateTime, nullable=False),
    sa.Column("released_at", UtcDateTime),
    sa.UniqueConstraint("consumer", "event_id"),
)
sa.Index("ix_parked_events_key", PARKED.c.consumer, PARKED.c.key, PARKED.c.seq)


async def claim(session: Session, consumer: str, event_id: str) -> bool:
    """Take this event for this consumer; False where it was applied before."""
    row = {"consumer": consumer, "event_id": event_id, "received_at": session.clock.now()}
    return await session.insert_ignore(INBOX, [row]) == 1


async def unseen(session: Session, consumer: str, event_ids: Sequence[str]) -> set[str]:
    """Which of these were not applied before."""
    found = await session.execute(
        sa.select(INBOX.c.event_id).where(INBOX.c.consumer == consumer, INBOX.c.event_id.in_(event_ids))
    )
    return set(event_ids) - set(found.scalars())


async def claim_all(session: Session, consumer: str, event_ids: Sequence[str]) -> bool:
    """Take all of these at once; False where another instance took one of them meanwhile."""
    now = session.clock.now()
    rows = [{"consumer": consumer, "event_id": event_id, "received_at": now} for event_id in event_ids]
    return await session.insert_ignore(INBOX, rows) == len(rows)


async def trim(session: Session, older_than: timedelta) -> int:
    """Forget what was applied longer ago than any topic keeps; the number forgotten."""
    return (
        await session.execute(INBOX.delete().where(INBOX.c.received_at < session.clock.now() - older_than))
    ).rowcount


async def parked_keys(session: Session, consumer: str, keys: Collection[str]) -> set[str]:
    """Which of these keys wait for a person."""
    if not keys:
        return set()
    found = await session.execute(
        sa.select(PARKED.c.key)
        .where(PARKED.c.consumer == consumer, PARKED.c.key.in_(keys), PARKED.c.holds_key)
        .distinct()
    )
    return set(found.scalars())


async def park(
    session: Session,
    consumer: str,
    record: Record,
    *,
    event_id: str,
    event_type: str,
    error: str | None,
    holds_key: bool = True,
) -> None:
    """Put this event behind whatever of its key is parked already, or aside as a dead letter (`holds_key=False`).

    `error` is a kind, never a message.
    """
    row = {
        "consumer": consumer,
        "key": record.key,
        "event_id": event_id,
        "event_type": event_type,
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "headers": [[name, value.decode("latin-1")] for name, value in record.headers],
        "value": record.value.decode("latin-1"),
        "error": error,
        "holds_key": holds_key,
        "parked_at": session.clock.now(),
    }
    await session.insert_ignore(PARKED, [row])


async def parked(session: Session, consumer: str, *, limit: int = 100, after: int = 0) -> list[dict[str, Any]]:
    """What waits for a person, oldest first, without values."""
    shown = [column for column in PARKED.c if column.name not in ("headers", "value")]
    found = await session.execute(
        sa.select(*shown).where(PARKED.c.consumer == consumer, PARKED.c.seq > after).order_by(PARKED.c.seq).limit(limit)
    )
    return [dict(row._mapping) for row in found]


async def parked_count(session: Session, consumer: str) -> int:
    """How many keys wait for a person."""
    found = await session.execute(
        sa.select(sa.func.count(sa.distinct(PARKED.c.key))).where(PARKED.c.consumer == consumer, PARKED.c.holds_key)
    )
    return int(found.scalar_one())


async def released(session: Session, consumer: str, limit: int = 50) -> list[tuple[int, Record]]:
    """Parked events a person has released, in order; only those with nothing unreleased before them in their key."""
    earlier = PARKED.alias("earlier")
    blocked = sa.exists().where(
        earlier.c.consumer == PARKED.c.consumer,
        earlier.c.key == PARKED.c.key,
        earlier.c.seq < PARKED.c.seq,
        earlier.c.holds_key,
        earlier.c.released_at.is_(None),
    )
    found = await session.execute(
        sa.select(PARKED)
        .where(PARKED.c.consumer == consumer, PARKED.c.released_at.is_not(None), ~sa.and_(PARKED.c.holds_key, blocked))
        .order_by(PARKED.c.seq)
        .limit(limit)
    )
    return [(row.seq, _record(row)) for row in found]


def _record(row: Any) -> Record:
    return Record(
        topic=row.topic,
        partition=row.partition,
        offset=row.offset,
        key=row.key,
        value=row.value.encode("latin-1"),
        headers=tuple((name, value.encode("latin-1")) for name, value in row.headers),
        timestamp=row.parked_at,
    )


async def release(session: Session, consumer: str, seq: int) -> int:
    """A person says: try this event again, with all that waits behind it in its key. How many; raises NotFound."""
    row = await _row(session, seq)
    same = PARKED.c.seq == seq
    if row.holds_key:
        same = sa.and_(PARKED.c.key == row.key, PARKED.c.holds_key)
    found = await session.execute(
        PARKED.update().where(PARKED.c.consumer == consumer, same).values(released_at=session.clock.now())
    )
    return found.rowcount


async def _row(session: Session, seq: int) -> Any:
    row = (await session.execute(sa.select(PARKED).where(PARKED.c.seq == seq))).one_or_none()
    if row is None:
        raise NotFound("No event that waits has this number.", field="seq")
    return row


async def hold(session: Session, seq: int, error: str) -> None:
    """A released event failed again: it and what is behind it wait once more."""
    row = await _row(session, seq)
    same = PARKED.c.seq == seq
    if row.holds_key:
        same = sa.and_(PARKED.c.key == row.key, PARKED.c.holds_key)
    await session.execute(PARKED.update().where(PARKED.c.consumer == row.consumer, same).values(released_at=None))
    await session.execute(PARKED.update().where(PARKED.c.seq == seq).values(error=error))


async def edit(session: Session, seq: int, value: str) -> None:
    """A person replaces the data of one parked event. Raises NotFound."""
    found = await session.execute(
        PARKED.update().where(PARKED.c.seq == seq).values(value=value.encode().decode("latin-1"))
    )
    if not found.rowcount:
        raise NotFound("No event that waits has this number.", field="seq")


async def drop(session: Session, seq: int) -> None:
    """Take one event out of the queue: it was applied, or a person decided it never will be. Raises NotFound."""
    if not (await session.execute(PARKED.delete().where(PARKED.c.seq == seq))).rowcount:
        raise NotFound("No event that waits has this number.", field="seq")


async def parked_value(session: Session, seq: int) -> str:
    """The data of one event that waits, for the person who edits it. Raises NotFound."""
    return str((await _row(session, seq)).value).encode("latin-1").decode()
