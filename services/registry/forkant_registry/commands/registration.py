"""Registering groups and persons."""

from __future__ import annotations

from forkant_registry.commands.deed import Done, Once, done, done_before, reference_of, refusals_recorded, require
from forkant_registry.domain import actors as domain
from forkant_registry.domain.actors import GroupWish, PersonWish, Registration
from forkant_registry.domain.card import grounds_of
from forkant_registry.domain.predicates import GROUND
from forkant_registry.settings import Settings
from forkant_registry.store import actors, claims
from forkant_shared import audit, outbox
from forkant_shared.clock import new_id
from forkant_shared.database import Session
from forkant_shared.errors import NotFound
from forkant_shared.identity import Principal
from forkant_shared.parts import Parts

WRITE = "registry.actor.write"


async def register_group(parts: Parts[Settings], who: Principal, wish: GroupWish, once: Once | None = None) -> Done:
    """A new group; the answer has its `id`. Raises Forbidden, Invalid, Conflict (the key)."""
    reference = reference_of(parts)
    async with refusals_recorded(parts, who, WRITE):
        require(who, WRITE, wish.marks)
        async with parts.database.write() as session:
            if earlier := await done_before(session, who, once):
                return earlier
            made = domain.register_group(
                wish,
                new_id=new_id,
                catalogue=reference.catalogue,
                scales=reference.scales,
                now=parts.clock.now(),
                by=who.subject,
            )
            await _keep(parts, session, who, made)
            return await done(session, who, once, {"id": made.actor.id})


async def register_person(parts: Parts[Settings], who: Principal, wish: PersonWish, once: Once | None = None) -> Done:
    """A new person on a ground; the answer has its `id`. Raises Forbidden, Invalid, Conflict (the key)."""
    reference = reference_of(parts)
    async with refusals_recorded(parts, who, WRITE):
        require(who, WRITE, wish.marks)
        async with parts.database.write() as session:
            if earlier := await done_before(session, who, once):
                return earlier
            made = domain.register_person(
                wish,
                new_id=new_id,
                link_grounds=await grounds_of_link(session, who, wish.connected_to, WRITE, "connected_to"),
                catalogue=reference.catalogue,
                scales=reference.scales,
                now=parts.clock.now(),
                by=who.subject,
            )
            await _keep(parts, session, who, made)
            return await done(session, who, once, {"id": made.actor.id})


async def grounds_of_link(
    session: Session, who: Principal, person_id: str | None, action: str, field: str
) -> frozenset[str]:
    """The grounds a person stands registered on. Raises NotFound where `who` may not know of the person."""
    if person_id is None:
        return frozenset()
    if not await actors.kinds(session, who, [person_id], action):
        raise NotFound("There is no such person.", field=field, remedy="Look the person up and use the id.")
    return grounds_of(await claims.standing_of(session, person_id, GROUND))


async def _keep(parts: Parts[Settings], session: Session, who: Principal, made: Registration) -> None:
    await actors.add(session, made.actor)
    await claims.add(session, made.claims, reference_of(parts))
    objects = [made.actor.id, *(claim.id for claim in made.claims)]
    await audit.record(session, who, WRITE, objects, kind="COLLECTION", details={"kind": made.actor.kind})
    for event in made.events:
        await outbox.add(session, event, version=made.actor.version)
