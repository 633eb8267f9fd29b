"""Saying how two groups stand to each other, and reading it."""

from __future__ import annotations

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
from forkant_registry.domain.conflicts import Conflict, StandingWish, change, pair
from forkant_registry.settings import Settings
from forkant_registry.store import actors, conflicts
from forkant_shared import audit, outbox
from forkant_shared.clock import new_id
from forkant_shared.errors import Invalid, NotFound
from forkant_shared.identity import Principal
from forkant_shared.parts import Parts

WRITE = "registry.conflict.write"
READ = "registry.conflict.read"


async def change_conflict(
    parts: Parts[Settings],
    who: Principal,
    groups: tuple[str, str],
    wish: StandingWish,
    once: Once | None = None,
) -> Done:
    """How it stands from a day on; the answer has the `id`. Raises Forbidden, Invalid, Conflict (the key)."""
    async with refusals_recorded(parts, who, WRITE, groups):
        require(who, WRITE, wish.marks)
        group_a, group_b = pair(*groups)
        async with parts.database.write() as session:
            if earlier := await done_before(session, who, once):
                return earlier
            found = await actors.kinds(session, who, groups, WRITE)
            for field, group_id in zip(("group_a", "group_b"), groups, strict=True):
                if group_id not in found:
                    raise NotFound("There is no such group.", field=field, remedy="Look it up and use its id.")
                if found[group_id] != "GROUP":
                    raise Invalid("This is not a group.", field=field, remedy="Give the ids of two groups.")
            before = await conflicts.open_pair(session, new_id(), group_a, group_b)
            after, standing, event = change(
                before,
                wish,
                standing_id=new_id(),
                scales=reference_of(parts).scales,
                now=parts.clock.now(),
                by=who.subject,
            )
            await conflicts.add_standing(session, after, standing)
            objects = [after.id, standing.id, group_a, group_b]
            await audit.record(session, who, WRITE, objects, kind="COLLECTION", details={"status": standing.status})
            await outbox.add(session, event, version=after.version)
            return await done(session, who, once, {"id": after.id})


async def list_conflicts(
    parts: Parts[Settings], who: Principal, *, group_id: str | None, after: str | None, limit: int, purpose: str | None
) -> tuple[list[Conflict], str | None]:
    """Conflicts `who` may know of, with their history; and from where the next part goes on."""
    async with refusals_recorded(parts, who, READ, [group_id] if group_id else [], purpose):
        require(who, READ)
        async with parts.database.read() as session:
            group_ids = None if group_id is None else [group_id]
            found = await conflicts.page(session, who, group_ids=group_ids, after=after, limit=limit + 1)
    await consulted(parts, who, READ, [conflict.id for conflict in found[:limit]], purpose)
    return found[:limit], found[limit - 1].id if len(found) > limit else None


async def read_conflict(parts: Parts[Settings], who: Principal, conflict_id: str, purpose: str | None) -> Conflict:
    """One conflict with its history. Raises NotFound, Forbidden."""
    async with refusals_recorded(parts, who, READ, [conflict_id], purpose):
        require(who, READ)
        async with parts.database.read() as session:
            found = await conflicts.load(session, who, conflict_id)
        if found is None:
            raise NotFound("There is no such conflict.")
    await consulted(parts, who, READ, [conflict_id], purpose)
    return found
