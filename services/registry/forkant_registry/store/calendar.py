"""Calendar entries and whom they concern."""

from __future__ import annotations

from datetime import date

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
        )
    )
    await session.execute(
        ENTRY_PARTIES.insert(),
        [
            {"entry_id": entry.id, "actor_id": actor_id, "position": position}
            for position, actor_id in enumerate(entry.parties)
        ],
    )


async def page(
    session: Session,
    who: Principal,
    *,
    actor_id: str | None = None,
    since: date | None = None,
    until: date | None = None,
    after: tuple[date, str] | None = None,
    limit: int = 100,
) -> list[Entry]:
    """Entries in the order of their days, from `since` to `until`, both included, above `after` (day, id).

    An entry is seen by those who may know of at least one party; the others are left out of it.
    """
    statement = sa.select(ENTRIES).where(visible(who, ENTRIES), _has_party(who, actor_id))
    if since is not None:
        statement = statement.where(ENTRIES.c.on >= since)
    if until is not None:
        statement = statement.where(ENTRIES.c.on <= until)
    if after is not None:
        day, entry_id = after
        later_that_day = sa.and_(ENTRIES.c.on == day, ENTRIES.c.id > entry_id)
        statement = statement.where(sa.or_(ENTRIES.c.on > day, later_that_day))
    rows = (await session.execute(statement.order_by(ENTRIES.c.on, ENTRIES.c.id).limit(limit))).all()
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
        )
        for row in rows
    ]


def _has_party(who: Principal, actor_id: str | None) -> sa.ColumnElement[bool]:
    concerned = sa.and_(
        ENTRY_PARTIES.c.entry_id == ENTRIES.c.id, ACTORS.c.id == ENTRY_PARTIES.c.actor_id, visible(who, ACTORS)
    )
    if actor_id is not None:
        concerned = sa.and_(concerned, ACTORS.c.id == actor_id)
    return sa.exists().where(concerned)


async def _parties(session: Session, who: Principal, entry_ids: list[str]) -> dict[str, list[str]]:
    found = await session.execute(
        sa.select(ENTRY_PARTIES.c.entry_id, ENTRY_PARTIES.c.actor_id)
        .join(ACTORS, ACTORS.c.id == ENTRY_PARTIES.c.actor_id)
        .where(ENTRY_PARTIES.c.entry_id.in_(entry_ids), visible(who, ACTORS))
        .order_by(ENTRY_PARTIES.c.entry_id, ENTRY_PARTIES.c.position)
    )
    parties: dict[str, list[str]] = {}
    for row in found:
        parties.setdefault(row.entry_id, []).append(row.actor_id)
    return parties
