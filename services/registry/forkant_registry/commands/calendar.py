"""Days that matter: recording, correcting and reading them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from forkant_registry.commands.deed import (
    Done,
    Once,
    consulted,
    done,
    done_before,
    reference_of,
    refusals_recorded,
    require,
)
from forkant_registry.domain.calendar import Entry, EntryReason, EntryWish, supersede_entry
from forkant_registry.domain.calendar import record_entry as decide
from forkant_registry.settings import Settings
from forkant_registry.store import actors, calendar
from forkant_shared import audit, outbox
from forkant_shared.clock import new_id
from forkant_shared.database import Session
from forkant_shared.errors import Conflict, Invalid, NotFound
from forkant_shared.events.registry import CalendarEntryRecorded
from forkant_shared.identity import Principal
from forkant_shared.parts import Parts

WRITE = "registry.calendar-entry.write"
CORRECT = "registry.calendar-entry.correct"
READ = "registry.calendar-entry.read"


async def record_entry(parts: Parts[Settings], who: Principal, wish: EntryWish, once: Once | None = None) -> Done:
    """A day and whom it concerns; the answer has the entry's `id`. Raises Forbidden, Invalid, Conflict (the key)."""
    async with refusals_recorded(parts, who, WRITE):
        require(who, WRITE, wish.marks)
        async with parts.database.write() as session:
            if earlier := await done_before(session, who, once):
                return earlier
            entry, event = await _recorded(parts, session, who, wish, WRITE)
            await calendar.add(session, entry)
            objects = [entry.id, *entry.parties]
            await audit.record(session, who, WRITE, objects, kind="COLLECTION", details={"kind": entry.kind})
            await outbox.add(session, event, version=1)
            return await done(session, who, once, {"id": entry.id})


async def correct_entry(
    parts: Parts[Settings],
    who: Principal,
    entry_id: str,
    reason: EntryReason,
    replacement: EntryWish | None,
    once: Once | None = None,
) -> Done:
    """Mark a day and add what holds instead, if anything; the answer has the new entry's `id` or null.

    Parties that `who` may not know of stay parties of what replaces the day. Raises NotFound, Forbidden, Invalid,
    Conflict (corrected before, the key).
    """
    async with refusals_recorded(parts, who, CORRECT, [entry_id]):
        require(who, CORRECT, replacement.marks if replacement else None)
        async with parts.database.write() as session:
            if earlier := await done_before(session, who, once):
                return earlier
            old = await calendar.hold(session, who, entry_id, CORRECT)
            if old is None:
                raise no_such_entry()
            new, told = None, []
            if replacement is not None:
                new, event = await _replaced(parts, session, who, old, replacement)
                told.append(event)
            marked, superseded = supersede_entry(old, reason=reason, replacement=new, now=parts.clock.now())
            await calendar.mark_superseded(session, marked)
            if new is not None:
                await calendar.add(session, new)
            objects = [old.id, *([new.id] if new else [])]
            await audit.record(session, who, CORRECT, objects, details={"kind": old.kind, "reason": reason})
            for event in told:
                await outbox.add(session, event, version=1)
            await outbox.add(session, superseded, version=2)
            return await done(session, who, once, {"id": new.id if new else None})


async def list_entries(
    parts: Parts[Settings],
    who: Principal,
    *,
    actor_id: str | None,
    since: date | None,
    until: date | None,
    after: tuple[date, str] | None,
    limit: int,
    purpose: str | None,
) -> tuple[list[Entry], tuple[date, str] | None]:
    """Entries that stand and `who` may know of, in the order of their days; and from where the next part goes on."""
    async with refusals_recorded(parts, who, READ, [actor_id] if actor_id else [], purpose):
        require(who, READ)
        actor_ids = None if actor_id is None else [actor_id]
        async with parts.database.read() as session:
            found = await calendar.page(
                session, who, actor_ids=actor_ids, since=since, until=until, after=after, limit=limit + 1
            )
    await consulted(parts, who, READ, [entry.id for entry in found[:limit]], purpose)
    last = found[limit - 1] if len(found) > limit else None
    return found[:limit], (last.on, last.id) if last else None


async def read_entry(parts: Parts[Settings], who: Principal, entry_id: str, purpose: str | None) -> Entry:
    """One day, also one that was corrected. Raises NotFound, Forbidden."""
    async with refusals_recorded(parts, who, READ, [entry_id], purpose):
        require(who, READ)
        async with parts.database.read() as session:
            found = await calendar.load(session, who, entry_id)
        if found is None:
            raise no_such_entry()
    await consulted(parts, who, READ, [entry_id], purpose)
    return found


def no_such_entry() -> NotFound:
    """The one answer for an entry that is not there and one that nobody may tell you of."""
    return NotFound("There is no such entry.")


async def _recorded(
    parts: Parts[Settings],
    session: Session,
    who: Principal,
    wish: EntryWish,
    action: str,
    *,
    hidden: tuple[str, ...] = (),
    corrects: str | None = None,
) -> tuple[Entry, CalendarEntryRecorded]:
    known = await actors.kinds(session, who, wish.parties, action)
    for position, party in enumerate(wish.parties):
        if party not in known:
            raise NotFound(
                "There is no such actor.", field=f"parties.{position}", remedy="Look the actor up and use its id."
            )
    return decide(
        replace(wish, parties=(*wish.parties, *hidden)),
        entry_id=new_id(),
        scales=reference_of(parts).scales,
        now=parts.clock.now(),
        by=who.subject,
        corrects=corrects,
    )


async def _replaced(
    parts: Parts[Settings], session: Session, who: Principal, old: Entry, wish: EntryWish
) -> tuple[Entry, CalendarEntryRecorded]:
    seen = await actors.kinds(session, who, old.parties, CORRECT)
    hidden = tuple(party for party in old.parties if party not in seen)
    try:
        return await _recorded(parts, session, who, wish, CORRECT, hidden=hidden, corrects=old.id)
    except (Invalid, NotFound, Conflict) as error:
        field = f"replacement.{error.field}" if error.field else "replacement"
        raise type(error)(error.detail, field=field, remedy=error.remedy) from error
