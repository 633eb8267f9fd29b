"""Take over a call for help from the duty desk as an operational contact, and read such contacts."""

from __future__ import annotations

from forkant_meetings.commands.asking import Asked, MeetingsParts, Receipt, answered, finish
from forkant_meetings.commands.reading import consulted
from forkant_meetings.domain.call import CallContact, CallWish, open_contact
from forkant_meetings.store import calls as store
from forkant_shared.access import policy as access
from forkant_shared.clock import new_id
from forkant_shared.identity import Principal

RECEIVE = "meetings.call.receive"
READ = "meetings.call.read"


async def receive_call(parts: MeetingsParts, asked: Asked, wish: CallWish) -> Receipt:
    """Open the contact of a call, once for each call. Raises Forbidden, Invalid, Conflict."""
    access.require(asked.who, RECEIVE)
    async with parts.database.write() as session:
        repeated = await answered(session, asked)
        if repeated is not None:
            return repeated
        # A desk that lost our answer and its key with it still holds the call's id.
        there = await store.of_call(session, wish.call_id)
        if there is not None:
            receipt = Receipt(there.id, "OPEN", 1, repeated=True)
            return await finish(session, asked, RECEIVE, receipt, details={"again": True})
        contact = open_contact(new_id(), wish, parts.clock.now())
        await store.add(session, contact)
        details = {"urgency": wish.urgency.value, "violence": wish.violence}
        return await finish(session, asked, RECEIVE, Receipt(contact.id, "OPEN", 1), details=details)


async def read_call(parts: MeetingsParts, who: Principal, contact_id: str) -> CallContact:
    """One contact. Raises Forbidden, NotFound."""
    access.require(who, READ)
    async with parts.database.read() as session:
        found = await store.load(session, contact_id)
    await consulted(parts, who, READ, [contact_id])
    return found


async def list_calls(parts: MeetingsParts, who: Principal, *, before: str | None, limit: int) -> list[CallContact]:
    """Contacts that calls opened, the newest first. Raises Forbidden."""
    access.require(who, READ)
    async with parts.database.read() as session:
        found = await store.listed(session, before=before, limit=limit)
    await consulted(parts, who, READ, [one.id for one in found])
    return found
