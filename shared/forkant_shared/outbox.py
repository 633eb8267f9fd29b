"""An event leaves only through the outbox: written in the transaction that made it true, sent by the relay.

`published_at IS NULL` says what is left to send; a cursor over the sequence would pass over rows that commit late.
Events of one thing keep their order because every command holds that thing's row; `(subject, aggregateversion,
position)` is unique as the proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from forkant_shared.clock import Clock, new_id
from forkant_shared.database import Id, Json, Serial, Session, UtcDateTime, new_metadata
from forkant_shared.envelope import Envelope, Event
from forkant_shared.telemetry import trail

METADATA = new_metadata()
OUTBOX = sa.Table(
    "outbox",
    METADATA,
    sa.Column("seq", Serial, primary_key=True, autoincrement=True),
    sa.Column("id", Id, nullable=False, unique=True),
    sa.Column("subject", sa.String(100), nullable=False),
    sa.Column("aggregateversion", sa.BigInteger, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("envelope", Json, nullable=False),
    sa.Column("added_at", UtcDateTime, nullable=False),
    sa.Column("published_at", UtcDateTime),
    sa.Column("refused", sa.String(200)),
    sa.UniqueConstraint("subject", "aggregateversion", "position"),
)
sa.Index(
    "ix_outbox_unpublished",
    OUTBOX.c.seq,
    postgresql_where=sa.and_(OUTBOX.c.published_at.is_(None), OUTBOX.c.refused.is_(None)),
    sqlite_where=sa.and_(OUTBOX.c.published_at.is_(None), OUTBOX.c.refused.is_(None)),
)
sa.Index("ix_outbox_published_at", OUTBOX.c.published_at)
_UNPUBLISHED = (
    sa.select(OUTBOX.c.seq, OUTBOX.c.envelope, OUTBOX.c.added_at)
    .where(OUTBOX.c.published_at.is_(None), OUTBOX.c.refused.is_(None))
    .order_by(OUTBOX.c.seq)
    .limit(sa.bindparam("limit"))
)
_FIRST_UNPUBLISHED = sa.select(OUTBOX.c.seq).where(OUTBOX.c.published_at.is_(None), OUTBOX.c.refused.is_(None)).limit(1)
_MARK = OUTBOX.update().where(OUTBOX.c.seq.in_(sa.bindparam("sequences", expanding=True)))


async def add(session: Session, event: Event, *, version: int) -> Envelope:
    """Say that `event` happened, as version `version` of its subject; sent at least once after this commits."""
    sealed = envelope_of(event, version=version, clock=session.clock)
    position = session.positions.get(sealed.subject, 0)
    session.positions[sealed.subject] = position + 1
    session.later(
        OUTBOX,
        {
            "id": sealed.id,
            "subject": sealed.subject,
            "aggregateversion": version,
            "position": position,
            "envelope": sealed.model_dump(mode="json"),
            "added_at": sealed.time,
        },
    )
    session.after_commit(session.wake_relay)
    return sealed


def envelope_of(event: Event, *, version: int, clock: Clock) -> Envelope:
    """The envelope of an event that happens now, on the trail of the present task."""
    found = trail()
    return Envelope(
        id=new_id(),
        source=f"/forkant/{event.OWNER}",
        type=event.TYPE,
        subject=event.subject,
        time=clock.now(),
        dataschema=event.schema_urn(),
        partitionkey=event.key,
        correlationid=found.correlation_id,
        causationid=found.causation_id,
        traceparent=found.traceparent,
        aggregateversion=version,
        classification=event.CLASSIFICATION,
        data=event.model_dump(mode="json"),
    )


async def anything_unpublished(session: Session) -> bool:
    """Whether any event is not on the bus yet."""
    return (await session.execute(_FIRST_UNPUBLISHED)).first() is not None


async def unpublished(session: Session, limit: int) -> list[tuple[int, Envelope, datetime]]:
    """The oldest events not yet on the bus: sequence, envelope, when they were added."""
    found = await session.execute(_UNPUBLISHED, {"limit": limit})
    return [(row.seq, Envelope.model_validate(row.envelope), row.added_at) for row in found]


async def mark_published(session: Session, sequences: Sequence[int]) -> None:
    """These are on the bus."""
    await session.execute(_MARK, {"sequences": list(sequences), "published_at": session.clock.now()})


async def mark_refused(session: Session, sequence: int, reason: str) -> None:
    """No broker will ever take this one (too large): it is set aside so that others pass, and readiness turns red."""
    await session.execute(OUTBOX.update().where(OUTBOX.c.seq == sequence).values(refused=reason[:200]))


async def refused_count(session: Session) -> int:
    """How many events were set aside and wait for a person."""
    found = await session.execute(sa.select(sa.func.count()).select_from(OUTBOX).where(OUTBOX.c.refused.is_not(None)))
    return int(found.scalar_one())


async def trim(session: Session, older_than: timedelta, limit: int = 1000) -> int:
    """Delete published rows of that age, at most `limit` at a time; the number deleted."""
    old = (
        sa.select(OUTBOX.c.seq)
        .where(OUTBOX.c.published_at < session.clock.now() - older_than)
        .order_by(OUTBOX.c.published_at)
        .limit(limit)
    )
    return (await session.execute(OUTBOX.delete().where(OUTBOX.c.seq.in_(old)))).rowcount
