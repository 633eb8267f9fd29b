"""Twice delivered, once applied: the mark and the effect share one transaction.

Also where events that no retry can help wait for a person: dead letters, each by itself, and parked keys, where the
event that failed has every later event of the same key behind it, in order.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from forkant_shared.bus import Headers, Record
from forkant_shared.database import Serial, Session, UtcDateTime, new_metadata
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
    # As bytes, because text in PostgreSQL takes no NUL and a record that is wrong may hold anything.
    sa.Column("headers", sa.LargeBinary, nullable=False),
    sa.Column("value", sa.LargeBinary, nullable=False),
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


@dataclass(frozen=True, slots=True)
class Known:
    """What an inbox knows of some records: the ids of those applied before, the keys that wait for a person."""

    applied: frozenset[str]
    parked: frozenset[str]


async def known(session: Session, consumer: str, event_ids: Collection[str], keys: Collection[str]) -> Known:
    """What is known of these events and of the keys they came under."""
    found = await session.execute(_KNOWN, {"of": consumer, "ids": list(event_ids), "keys": sorted(set(keys))})
    rows = found.all()
    return Known(frozenset(r.name for r in rows if not r.parked), frozenset(r.name for r in rows if r.parked))


_OF: sa.BindParameter[str] = sa.bindparam("of")
_KNOWN = sa.union_all(
    sa.select(INBOX.c.event_id.label("name"), sa.false().label("parked")).where(
        INBOX.c.consumer == _OF, INBOX.c.event_id.in_(sa.bindparam("ids", expanding=True))
    ),
    sa.select(PARKED.c.key, sa.true())
    .where(PARKED.c.consumer == _OF, PARKED.c.key.in_(sa.bindparam("keys", expanding=True)), PARKED.c.holds_key)
    .distinct(),
)


def claim_later(session: Session, consumer: str, event_ids: Iterable[str]) -> None:
    """Take these events in the moment before the commit, which fails where another instance took one meanwhile."""
    now = session.clock.now()
    session.later(INBOX, *({"consumer": consumer, "event_id": id, "received_at": now} for id in event_ids))


async def trim(session: Session, older_than: timedelta) -> int:
    """Forget what was applied longer ago than any topic keeps; the number forgotten."""
    return (
        await session.execute(INBOX.delete().where(INBOX.c.received_at < session.clock.now() - older_than))
    ).rowcount


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
        "key": _plain(record.key, 200),
        "event_id": _plain(event_id, 64),
        "event_type": event_type,
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "headers": _pack(record.headers),
        "value": record.value,
        "error": error,
        "holds_key": holds_key,
        "parked_at": session.clock.now(),
    }
    await session.insert_ignore(PARKED, [row])


def _plain(text: str, longest: int) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text[:longest])


def _pack(headers: Headers) -> bytes:
    # latin-1 gives every byte one character and takes it back unchanged.
    return json.dumps([[name, value.decode("latin-1")] for name, value in headers]).encode()


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
    """What may be tried now, in order: events a person released, and those that only waited behind such a one."""
    earlier = PARKED.alias("earlier")
    blocked = sa.exists().where(
        earlier.c.consumer == PARKED.c.consumer,
        earlier.c.key == PARKED.c.key,
        earlier.c.seq < PARKED.c.seq,
        earlier.c.holds_key,
        earlier.c.error.is_not(None),
        earlier.c.released_at.is_(None),
    )
    queued = sa.and_(PARKED.c.holds_key, PARKED.c.error.is_(None))
    found = await session.execute(
        sa.select(PARKED)
        .where(
            PARKED.c.consumer == consumer,
            sa.or_(PARKED.c.released_at.is_not(None), queued),
            ~sa.and_(PARKED.c.holds_key, blocked),
        )
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
        value=row.value,
        headers=tuple((name, value.encode("latin-1")) for name, value in json.loads(row.headers)),
        timestamp=row.parked_at,
    )


async def release(session: Session, consumer: str, seq: int) -> int:
    """A person says: try this event again, with all that waits behind it in its key. How many; raises NotFound."""
    row = await _row(session, seq)
    await session.execute(PARKED.update().where(PARKED.c.seq == seq).values(released_at=session.clock.now()))
    if not row.holds_key:
        return 1
    behind = sa.select(sa.func.count()).where(
        PARKED.c.consumer == consumer, PARKED.c.key == row.key, PARKED.c.seq >= seq, PARKED.c.holds_key
    )
    return int((await session.execute(behind)).scalar_one())


async def _row(session: Session, seq: int) -> Any:
    row = (await session.execute(sa.select(PARKED).where(PARKED.c.seq == seq))).one_or_none()
    if row is None:
        raise NotFound("No event that waits has this number.", field="seq")
    return row


async def hold(session: Session, seq: int, error: str) -> None:
    """A released event failed again: it and what is behind it wait once more."""
    await session.execute(PARKED.update().where(PARKED.c.seq == seq).values(released_at=None, error=error))


async def edit(session: Session, seq: int, value: str) -> None:
    """A person replaces the data of one parked event. Raises NotFound."""
    found = await session.execute(PARKED.update().where(PARKED.c.seq == seq).values(value=value.encode()))
    if not found.rowcount:
        raise NotFound("No event that waits has this number.", field="seq")


async def take(session: Session, seq: int) -> bool:
    """Take one event out of the queue; False where another instance did so first."""
    return (await session.execute(PARKED.delete().where(PARKED.c.seq == seq))).rowcount == 1


async def drop(session: Session, seq: int) -> None:
    """A person decided that this event never will be applied; what waited behind it goes on. Raises NotFound."""
    if not await take(session, seq):
        raise NotFound("No event that waits has this number.", field="seq")


async def parked_value(session: Session, seq: int) -> str:
    """The data of one event that waits, for the person who edits it. Raises NotFound."""
    value: bytes = (await _row(session, seq)).value
    return value.decode(errors="replace")
