"""Contacts that calls opened: rows to domain and back."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from forkant_meetings.domain.call import CallContact, Caller, CallWish, Urgency
from forkant_meetings.tables import CALL_CONTACTS
from forkant_shared.database import Session
from forkant_shared.errors import NotFound


async def load(session: Session, contact_id: str) -> CallContact:
    """The contact. Raises NotFound."""
    query = sa.select(CALL_CONTACTS).where(CALL_CONTACTS.c.id == contact_id)
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise NotFound("There is no such thing.")
    return _contact(row)


async def of_call(session: Session, call_id: str) -> CallContact | None:
    """The contact this call has opened already."""
    row = (await session.execute(sa.select(CALL_CONTACTS).where(CALL_CONTACTS.c.call_id == call_id))).one_or_none()
    return None if row is None else _contact(row)


async def listed(session: Session, *, before: str | None, limit: int) -> list[CallContact]:
    """The newest first, by when they came here; those older than the one named."""
    query = sa.select(CALL_CONTACTS)
    if before is not None:
        query = query.where(CALL_CONTACTS.c.id < before)
    return [_contact(row) for row in await session.execute(query.order_by(CALL_CONTACTS.c.id.desc()).limit(limit))]


async def add(session: Session, contact: CallContact) -> None:
    """A new contact."""
    wish = contact.wish
    await session.execute(
        CALL_CONTACTS.insert().values(
            id=contact.id,
            call_id=wish.call_id,
            caller_name=wish.caller.name,
            caller_actor_id=wish.caller.actor_id,
            what=wish.what.strip(),
            urgency=wish.urgency.value,
            violence=wish.violence,
            called_at=wish.called_at,
            entered_at=wish.entered_at,
            entered_by=wish.entered_by,
            received_at=contact.received_at,
        )
    )


def _contact(row: Any) -> CallContact:
    wish = CallWish(
        call_id=row.call_id,
        caller=Caller(row.caller_name, row.caller_actor_id),
        what=row.what,
        urgency=Urgency(row.urgency),
        violence=row.violence,
        called_at=row.called_at,
        entered_at=row.entered_at,
        entered_by=row.entered_by,
    )
    return CallContact(row.id, wish, row.received_at)
