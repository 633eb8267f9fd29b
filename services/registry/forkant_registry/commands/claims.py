"""Saying something about an actor, and correcting what was said."""

from __future__ import annotations

from forkant_registry.commands.deed import (
    Done,
    Once,
    done,
    done_before,
    no_such_actor,
    reference_of,
    refusals_recorded,
    require,
)
from forkant_registry.commands.registration import grounds_of_link
from forkant_registry.domain.actors import Actor, changed, check_ground
from forkant_registry.domain.claims import Claim, Reason, Wish, record, supersede
from forkant_registry.domain.predicates import GROUND
from forkant_registry.settings import Settings
from forkant_registry.store import actors, claims
from forkant_shared import audit, outbox
from forkant_shared.clock import new_id
from forkant_shared.database import Session
from forkant_shared.errors import Conflict, Invalid, NotFound
from forkant_shared.events.registry import ClaimRecorded
from forkant_shared.identity import Principal
from forkant_shared.parts import Parts

WRITE = "registry.claim.write"
CORRECT = "registry.claim.correct"


async def record_claim(
    parts: Parts[Settings], who: Principal, actor_id: str, wish: Wish, once: Once | None = None
) -> Done:
    """A new claim about the actor; the answer has its `id`. Raises NotFound, Forbidden, Invalid, Conflict (the key)."""
    async with refusals_recorded(parts, who, WRITE, [actor_id]):
        require(who, WRITE, wish.marks)
        async with parts.database.write() as session:
            if earlier := await done_before(session, who, once):
                return earlier
            actor = await actors.hold(session, who, actor_id, WRITE)
            if actor is None:
                raise no_such_actor()
            claim, events = await _recorded(parts, session, who, actor, wish, WRITE)
            after = changed(actor)
            await actors.save(session, after, expected=actor.version)
            await claims.add(session, [claim], reference_of(parts))
            details = {"predicate": claim.predicate}
            await audit.record(session, who, WRITE, [actor.id, claim.id], kind="COLLECTION", details=details)
            for event in events:
                await outbox.add(session, event, version=after.version)
            return await done(session, who, once, {"id": claim.id})


async def correct_claim(
    parts: Parts[Settings],
    who: Principal,
    claim_id: str,
    reason: Reason,
    replacement: Wish | None,
    once: Once | None = None,
) -> Done:
    """Mark a claim and add what is right, if anything; the answer has the new claim's `id` or null.

    Raises NotFound, Forbidden, Invalid, Conflict (corrected before, the last of its kind, the key).
    """
    async with refusals_recorded(parts, who, CORRECT, [claim_id]):
        require(who, CORRECT, replacement.marks if replacement else None)
        async with parts.database.write() as session:
            if earlier := await done_before(session, who, once):
                return earlier
            actor, old = await _held(session, who, claim_id)
            new, events = None, list[ClaimRecorded]()
            if replacement is not None:
                new, events = await _recorded(parts, session, who, actor, replacement, CORRECT, corrects=old.id)
            others = [c for c in await claims.standing_of(session, actor.id, old.predicate) if c.id != old.id]
            marked, superseded = supersede(
                old,
                reason=reason,
                replacement=new,
                others=others,
                predicate=reference_of(parts).catalogue.predicate(old.predicate),
                now=parts.clock.now(),
            )
            after = changed(actor)
            await actors.save(session, after, expected=actor.version)
            await claims.mark_superseded(session, marked)
            if new is not None:
                await claims.add(session, [new], reference_of(parts))
            objects = [actor.id, old.id, *([new.id] if new else [])]
            await audit.record(session, who, CORRECT, objects, details={"predicate": old.predicate, "reason": reason})
            for event in (*events, *superseded):
                await outbox.add(session, event, version=after.version)
            return await done(session, who, once, {"id": new.id if new else None})


async def _held(session: Session, who: Principal, claim_id: str) -> tuple[Actor, Claim]:
    """The claim and its actor, held until the commit; the claim is read again once nobody else can change it."""
    first = await claims.load(session, who, claim_id, CORRECT)
    actor = await actors.hold(session, who, first.actor_id, CORRECT) if first else None
    again = await claims.load(session, who, claim_id, CORRECT) if actor else None
    if actor is None or again is None:
        raise NotFound("There is no such claim.")
    return actor, again


async def _recorded(
    parts: Parts[Settings],
    session: Session,
    who: Principal,
    actor: Actor,
    wish: Wish,
    action: str,
    corrects: str | None = None,
) -> tuple[Claim, list[ClaimRecorded]]:
    prefix = "replacement." if corrects else ""
    reference = reference_of(parts)
    try:
        claim, events = record(
            wish,
            claim_id=new_id(),
            actor_id=actor.id,
            actor_kind=actor.kind,
            catalogue=reference.catalogue,
            scales=reference.scales,
            now=parts.clock.now(),
            by=who.subject,
            corrects=corrects,
        )
        await _check_object(session, who, wish, action)
        if wish.predicate == GROUND:
            link = wish.object.id if wish.object else None
            link_grounds = await grounds_of_link(session, who, link, action, "object.id")
            check_ground(wish.value, link, link_grounds, reference.catalogue, "value", "object")
    except (Invalid, NotFound, Conflict) as error:
        raise type(error)(error.detail, field=f"{prefix}{error.field}", remedy=error.remedy) from error
    return claim, events


async def _check_object(session: Session, who: Principal, wish: Wish, action: str) -> None:
    """The object is an actor of the kind named, and one that `who` may know of."""
    if wish.object is None:
        return
    found = await actors.kinds(session, who, [wish.object.id], action)
    if wish.object.id not in found:
        raise NotFound("There is no such actor.", field="object.id", remedy="Look the actor up and use its id.")
    if found[wish.object.id] != wish.object.kind:
        raise Invalid("This actor is of another kind.", field="object.kind", remedy="Look it up and use its kind.")
