"""Calendar entries and whom they concern."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from forkant_registry.domain.calendar import Entry
from forkant_registry.store.rows import graded, grading_of, marks_of, visible
from forkant_registry.tables import ACTORS, ENTRIES, ENTRY_PARTIES
from forkant_shared.database import Session
from forkant_shared.identity import Principal


async def add(session: Session, entry: Entry) -> None:
    """A new entry with its parties."""
    await session.execute(
        ENTRIES.insert().values(
            id=entry.id,
            kind=entry.kind,
            on=entry.on,
            **graded(entry.grading, entry.origin, entry.marks),
            note=entry.note,
            recorded_at=entry.recorded_at,
            recorded_by=entry.recorded_by,
            corrects=entry.corrects,
        )
    )
    await session.execute(
        ENTRY_PARTIES.insert(),
        [
            {"entry_id": entry.id, "actor_id": actor_id, "position": position}
            for position, actor_id in enumerate(entry.parties)
        ],
    )


async def mark_superseded(session: Session, entry: Entry) -> None:
    """The marks of a correction on an entry."""
    await session.execute(
        ENTRIES.update()
        .where(ENTRIES.c.id == entry.id)
        .values(
            superseded_at=entry.superseded_at,
            superseded_by=entry.superseded_by,
            superseded_reason=entry.superseded_reason,
        )
    )


async def load(session: Session, who: Principal, entry_id: str) -> Entry | None:
    """The entry with the parties that `who` may know of; None where that is nobody, or there is no such entry."""
    statement = sa.select(ENTRIES).where(ENTRIES.c.id == entry_id, visible(who, ENTRIES), _has_party(who, None))
    rows = (await session.execute(statement)).all()
    found = await _entries(session, who, rows)
    return found[0] if found else None


async def hold(session: Session, who: Principal, entry_id: str, action: str) -> Entry | None:
    """The entry with all its parties, to be changed by `action`, its row held until the commit; None as for `load`."""
    statement = sa.select(ENTRIES).where(
        ENTRIES.c.id == entry_id, visible(who, ENTRIES, action=action), _has_party(who, None)
    )
    rows = (await session.execute(statement.with_for_update())).all()
    found = await _entries(session, None, rows)
    return found[0] if found else None


async def page(
    session: Session,
    who: Principal,
    *,
    actor_ids: Collection[str] | None = None,
    since: date | None = None,
    until: date | None = None,
    known_at: datetime | None = None,
    after: tuple[date, str] | None = None,
    limit: int = 100,
) -> list[Entry]:
    """Entries that stand, in the order of their days, from `since` to `until`, both included, above `after` (day, id).

    An entry is seen by those who may know of at least one party; the others are left out of it. With `known_at` those
    that stood at that moment.
    """
    stands: sa.ColumnElement[bool] = ENTRIES.c.superseded_at.is_(None)
    if known_at is not None:
        stands = sa.and_(ENTRIES.c.recorded_at <= known_at, sa.or_(stands, ENTRIES.c.superseded_at > known_at))
    statement = sa.select(ENTRIES).where(stands, visible(who, ENTRIES), _has_party(who, actor_ids))
    if since is not None:
        statement = statement.where(ENTRIES.c.on >= since)
    if until is not None:
        statement = statement.where(ENTRIES.c.on <= until)
    if after is not None:
        day, entry_id = after
        later_that_day = sa.and_(ENTRIES.c.on == day, ENTRIES.c.id > entry_id)
        statement = statement.where(sa.or_(ENTRIES.c.on > day, later_that_day))
    rows = (await session.execute(statement.order_by(ENTRIES.c.on, ENTRIES.c.id).limit(limit))).all()
    return await _entries(session, who, rows)


async def _entries(session: Session, who: Principal | None, rows: Sequence[Any]) -> list[Entry]:
    """The rows with the parties that `who` may know of; with all of them where nobody in particular asks."""
    parties = await _parties(session, who, [row.id for row in rows])
    return [
        Entry(
            id=row.id,
            kind=row.kind,
            on=row.on,
            parties=tuple(parties.get(row.id, ())),
            grading=grading_of(row),
            origin=row.origin,
            recorded_at=row.recorded_at,
            recorded_by=row.recorded_by,
            note=row.note,
            marks=marks_of(row),
            corrects=row.corrects,
            superseded_at=row.superseded_at,
            superseded_by=row.superseded_by,
            superseded_reason=row.superseded_reason,
        )
        for row in rows
    ]


def _has_party(who: Principal, actor_ids: Collection[str] | None) -> sa.ColumnElement[bool]:
    concerned = sa.and_(
        ENTRY_PARTIES.c.entry_id == ENTRIES.c.id, ACTORS.c.id == ENTRY_PARTIES.c.actor_id, visible(who, ACTORS)
    )
    if actor_ids is not None:
        concerned = sa.and_(concerned, ACTORS.c.id.in_(list(actor_ids)))
    return sa.exists().where(concerned)


async def _parties(session: Session, who: Principal | None, entry_ids: list[str]) -> dict[str, list[str]]:
    readable = sa.true() if who is None else visible(who, ACTORS)
    found = await session.execute(
        sa.select(ENTRY_PARTIES.c.entry_id, ENTRY_PARTIES.c.actor_id)
        .join(ACTORS, ACTORS.c.id == ENTRY_PARTIES.c.actor_id)
        .where(ENTRY_PARTIES.c.entry_id.in_(entry_ids), readable)
        .order_by(ENTRY_PARTIES.c.entry_id, ENTRY_PARTIES.c.position)
    )
    parties: dict[str, list[str]] = {}
    for row in found:
        parties.setdefault(row.entry_id, []).append(row.actor_id)
    return parties
