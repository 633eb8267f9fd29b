"""Days that matter: recording and reading them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
from forkant_registry.domain.calendar import Entry, EntryKind
from forkant_registry.domain.calendar import record_entry as decide
from forkant_registry.domain.claims import UNMARKED, Marks
from forkant_registry.domain.grading import Grading
from forkant_registry.settings import Settings
from forkant_registry.store import actors, calendar
from forkant_shared import audit, outbox
from forkant_shared.clock import new_id
from forkant_shared.errors import NotFound
from forkant_shared.identity import Principal
from forkant_shared.parts import Parts

WRITE = "registry.calendar-entry.write"
READ = "registry.calendar-entry.read"


@dataclass(frozen=True, slots=True)
class EntryWish:
    """A day somebody wants recorded."""

    kind: EntryKind
    on: date
    parties: Sequence[str]
    grading: Grading
    origin: str
    note: str | None = None
    marks: Marks = UNMARKED


async def record_entry(parts: Parts[Settings], who: Principal, wish: EntryWish, once: Once | None = None) -> Done:
    """A day and whom it concerns; the answer has the entry's `id`. Raises Forbidden, Invalid, Conflict (the key)."""
    async with refusals_recorded(parts, who, WRITE):
        require(who, WRITE, wish.marks)
        async with parts.database.write() as session:
            if earlier := await done_before(session, who, once):
                return earlier
            known = await actors.kinds(session, who, wish.parties, WRITE)
            for position, party in enumerate(wish.parties):
                if party not in known:
                    raise NotFound(
                        "There is no such actor.",
                        field=f"parties.{position}",
                        remedy="Look the actor up and use its id.",
                    )
            entry, event = decide(
                wish.kind,
                wish.on,
                wish.parties,
                grading=wish.grading,
                origin=wish.origin,
                note=wish.note,
                marks=wish.marks,
                new_id=new_id,
                scales=reference_of(parts).scales,
                now=parts.clock.now(),
                by=who.subject,
            )
            await calendar.add(session, entry)
            objects = [entry.id, *entry.parties]
            await audit.record(session, who, WRITE, objects, kind="COLLECTION", details={"kind": entry.kind})
            await outbox.add(session, event, version=1)
            return await done(session, who, once, {"id": entry.id})


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
    """Entries `who` may know of, in the order of their days; and from where the next part goes on."""
    async with refusals_recorded(parts, who, READ, [actor_id] if actor_id else [], purpose):
        require(who, READ)
        async with parts.database.read() as session:
            found = await calendar.page(
                session, who, actor_id=actor_id, since=since, until=until, after=after, limit=limit + 1
            )
    await consulted(parts, who, READ, [entry.id for entry in found[:limit]], purpose)
    last = found[limit - 1] if len(found) > limit else None
    return found[:limit], (last.on, last.id) if last else None
