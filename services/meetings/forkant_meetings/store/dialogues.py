"""Dialogues: rows to domain and back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from forkant_meetings.domain.dialogue import Contact, Counterpart, Dialogue, EntryForm, Standing
from forkant_meetings.domain.policy import Phase
from forkant_meetings.tables import CONTACTS, COUNTERPARTS, DIALOGUES, MEETINGS
from forkant_shared.access import Resource, policy
from forkant_shared.database import Session
from forkant_shared.errors import NotFound, Stale
from forkant_shared.identity import Principal


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which dialogues of a list; None: any."""

    group_id: str | None = None
    phase: str | None = None


async def load(session: Session, dialogue_id: str, *, lock: bool = False) -> Dialogue:
    """The dialogue. Raises NotFound. `lock` keeps others from changing it until the transaction ends."""
    query = sa.select(DIALOGUES).where(DIALOGUES.c.id == dialogue_id)
    row = (await session.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        raise NotFound("There is no such thing.")
    return (await _whole(session, [row]))[0]


async def resource(session: Session, dialogue_id: str) -> Resource:
    """What decides who may know of the dialogue and all that belongs to it. Raises NotFound."""
    query = sa.select(DIALOGUES.c.handling, DIALOGUES.c.compartment).where(DIALOGUES.c.id == dialogue_id)
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise NotFound("There is no such thing.")
    return Resource(row.handling, row.compartment)


async def listed(
    session: Session, who: Principal, action: str, wanted: Wanted, *, after: str | None, limit: int
) -> list[Dialogue]:
    """Dialogues that `who` may know of, by id, after the one named."""
    query = sa.select(DIALOGUES).where(policy.visible(who, action, DIALOGUES.c))
    if wanted.group_id is not None:
        query = query.where(DIALOGUES.c.group_id == wanted.group_id)
    if wanted.phase is not None:
        query = query.where(DIALOGUES.c.phase == wanted.phase)
    if after is not None:
        query = query.where(DIALOGUES.c.id > after)
    rows = (await session.execute(query.order_by(DIALOGUES.c.id).limit(limit))).all()
    return await _whole(session, rows)


async def group_ids(session: Session, dialogue_ids: Sequence[str]) -> dict[str, str]:
    """Dialogue → its group."""
    query = sa.select(DIALOGUES.c.id, DIALOGUES.c.group_id).where(DIALOGUES.c.id.in_(dialogue_ids))
    return {row.id: row.group_id for row in await session.execute(query)}


async def add(session: Session, dialogue: Dialogue) -> None:
    """A new dialogue."""
    await session.execute(DIALOGUES.insert().values(**_row(dialogue)))
    await _save_people(session, dialogue)


async def save(session: Session, before: Dialogue, after: Dialogue) -> None:
    """The changed dialogue. Raises Stale where somebody changed it since `before` was read."""
    saved = await session.execute(
        DIALOGUES.update()
        .where(DIALOGUES.c.id == before.id, DIALOGUES.c.version == before.version)
        .values(**_row(after))
    )
    if saved.rowcount != 1:
        raise Stale("The dialogue has been changed.", field="If-Match", remedy="Read it again and repeat the change.")
    await session.execute(CONTACTS.delete().where(CONTACTS.c.dialogue_id == after.id))
    await session.execute(COUNTERPARTS.delete().where(COUNTERPARTS.c.dialogue_id == after.id))
    await _save_people(session, after)


async def _save_people(session: Session, dialogue: Dialogue) -> None:
    contacts = [
        {
            "dialogue_id": dialogue.id,
            "position": position,
            "subject": contact.subject,
            "name": contact.name,
            "since": contact.since,
            "until": contact.until,
        }
        for position, contact in enumerate(dialogue.contacts)
    ]
    people = [
        {"dialogue_id": dialogue.id, "person_id": person.person_id, "standing": person.standing.value}
        for person in dialogue.counterparts
    ]
    if contacts:
        await session.execute(CONTACTS.insert(), contacts)
    if people:
        await session.execute(COUNTERPARTS.insert(), people)


def _row(dialogue: Dialogue) -> dict[str, Any]:
    return {
        "id": dialogue.id,
        "group_id": dialogue.group_id,
        "phase": dialogue.phase.value,
        "entry_form": dialogue.entry_form.value if dialogue.entry_form else None,
        "cadence_days": dialogue.cadence.days,
        "handling": dialogue.handling,
        "compartment": dialogue.compartment,
        "opened_at": dialogue.opened_at,
        "opened_by": dialogue.opened_by,
        "version": dialogue.version,
    }


async def _whole(session: Session, rows: Sequence[sa.Row[Any]]) -> list[Dialogue]:
    ids = [row.id for row in rows]
    contacts: dict[str, list[Contact]] = defaultdict(list)
    found = await session.execute(
        sa.select(CONTACTS).where(CONTACTS.c.dialogue_id.in_(ids)).order_by(CONTACTS.c.position)
    )
    for row in found:
        contacts[row.dialogue_id].append(Contact(row.subject, row.name, row.since, row.until))
    people: dict[str, list[Counterpart]] = defaultdict(list)
    found = await session.execute(
        sa.select(COUNTERPARTS)
        .where(COUNTERPARTS.c.dialogue_id.in_(ids))
        .order_by(COUNTERPARTS.c.standing, COUNTERPARTS.c.person_id)
    )
    for row in found:
        people[row.dialogue_id].append(Counterpart(row.person_id, Standing(row.standing)))
    last = await _last_contacts(session, ids)
    return [
        Dialogue(
            id=row.id,
            group_id=row.group_id,
            phase=Phase(row.phase),
            entry_form=EntryForm(row.entry_form) if row.entry_form else None,
            cadence=timedelta(days=row.cadence_days),
            contacts=tuple(contacts[row.id]),
            counterparts=tuple(people[row.id]),
            opened_at=row.opened_at,
            opened_by=row.opened_by,
            handling=row.handling,
            compartment=row.compartment,
            last_contact_at=last.get(row.id),
            version=row.version,
        )
        for row in rows
    ]


async def _last_contacts(session: Session, dialogue_ids: Sequence[str]) -> dict[str, datetime]:
    latest = sa.func.max(MEETINGS.c.held_at, type_=MEETINGS.c.held_at.type)
    query = (
        sa.select(MEETINGS.c.dialogue_id, latest.label("last"))
        .where(MEETINGS.c.dialogue_id.in_(dialogue_ids), MEETINGS.c.held_at.is_not(None))
        .group_by(MEETINGS.c.dialogue_id)
    )
    return {row.dialogue_id: row.last for row in await session.execute(query)}
