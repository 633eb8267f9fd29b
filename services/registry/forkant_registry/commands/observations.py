"""Observations and controls: recording, correcting, reading and counting them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

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
from forkant_registry.domain.card import grounds_of, may_be_member, standing
from forkant_registry.domain.observations import (
    Observation,
    ObservationReason,
    ObservationWish,
    supersede_observation,
)
from forkant_registry.domain.observations import record_observation as decide
from forkant_registry.domain.predicates import MEMBER_OF
from forkant_registry.settings import Settings
from forkant_registry.store import actors, claims, judgements, observations
from forkant_shared import audit, outbox
from forkant_shared.clock import new_id
from forkant_shared.database import Session
from forkant_shared.errors import Conflict, Invalid, NotFound
from forkant_shared.events.registry import ObservationRecorded
from forkant_shared.identity import Principal
from forkant_shared.parts import Parts

WRITE = "registry.observation.write"
CORRECT = "registry.observation.correct"
READ = "registry.observation.read"
COUNT = "registry.control.read"
HOLDS_ROLE = "holds_role"


@dataclass(frozen=True, slots=True)
class Pressure:
    """How often somebody was controlled in a number of days, and how often with family present."""

    actor_id: str
    controls: int
    with_family: int


async def record_observation(
    parts: Parts[Settings], who: Principal, wish: ObservationWish, once: Once | None = None
) -> Done:
    """Who was seen, where and when; the answer has its `id`. Raises NotFound, Forbidden, Invalid, Conflict."""
    async with refusals_recorded(parts, who, WRITE):
        require(who, WRITE, wish.marks)
        async with parts.database.write() as session:
            if earlier := await done_before(session, who, once):
                return earlier
            observation, event = await _recorded(parts, session, who, wish, WRITE)
            await observations.add(session, observation)
            objects = [observation.id, *observation.actors]
            await audit.record(session, who, WRITE, objects, kind="COLLECTION", details=_told(observation))
            await outbox.add(session, event, version=1)
            return await done(session, who, once, {"id": observation.id})


async def correct_observation(
    parts: Parts[Settings],
    who: Principal,
    observation_id: str,
    reason: ObservationReason,
    replacement: ObservationWish | None,
    once: Once | None = None,
) -> Done:
    """Mark an observation and add what holds instead, if anything; the answer has the new one's `id` or null.

    Actors that `who` may not know of stay named in what replaces it. Raises NotFound, Forbidden, Invalid, Conflict.
    """
    async with refusals_recorded(parts, who, CORRECT, [observation_id]):
        require(who, CORRECT, replacement.marks if replacement else None)
        async with parts.database.write() as session:
            if earlier := await done_before(session, who, once):
                return earlier
            old = await observations.hold(session, who, observation_id, CORRECT)
            if old is None:
                raise no_such_observation()
            new, told = None, list[ObservationRecorded]()
            if replacement is not None:
                new, event = await _replaced(parts, session, who, old, replacement)
                told.append(event)
            marked, superseded = supersede_observation(old, reason=reason, replacement=new, now=parts.clock.now())
            await observations.mark_superseded(session, marked)
            if new is not None:
                await observations.add(session, new)
            objects = [old.id, *([new.id] if new else [])]
            await audit.record(session, who, CORRECT, objects, details={"reason": reason})
            for event in told:
                await outbox.add(session, event, version=1)
            await outbox.add(session, superseded, version=2)
            return await done(session, who, once, {"id": new.id if new else None})


async def list_observations(
    parts: Parts[Settings],
    who: Principal,
    *,
    actor_id: str | None,
    controls: bool,
    after: tuple[datetime, str] | None,
    limit: int,
    purpose: str | None,
) -> tuple[list[Observation], tuple[datetime, str] | None]:
    """Observations that stand and `who` may know of, the newest first; and from where the next part goes on.

    Those of an actor are those of everybody who is judged to be one with it.
    """
    async with refusals_recorded(parts, who, READ, [actor_id] if actor_id else [], purpose):
        require(who, READ)
        async with parts.database.read() as session:
            actor_ids = None
            if actor_id is not None:
                actor_ids = (await judgements.identities(session, who, [actor_id])).members(actor_id)
            found = await observations.page(
                session, who, actor_ids=actor_ids, controls=controls, after=after, limit=limit + 1
            )
    await consulted(parts, who, READ, [one.id for one in found[:limit]], purpose)
    last = found[limit - 1] if len(found) > limit else None
    return found[:limit], (last.observed_at, last.id) if last else None


async def read_observation(
    parts: Parts[Settings], who: Principal, observation_id: str, purpose: str | None
) -> Observation:
    """One observation, also one that was corrected. Raises NotFound, Forbidden."""
    async with refusals_recorded(parts, who, READ, [observation_id], purpose):
        require(who, READ)
        async with parts.database.read() as session:
            found = await observations.load(session, who, observation_id)
        if found is None:
            raise no_such_observation()
    await consulted(parts, who, READ, [observation_id, *found.actors], purpose)
    return found


async def count_controls(
    parts: Parts[Settings], who: Principal, actor_ids: Sequence[str], days: int, purpose: str | None
) -> list[Pressure]:
    """How often these actors were controlled in the last `days` days, in the order asked for.

    A person counts under every id; a group counts what names it and what names those who count as its members, each
    control once. Actors that `who` may not know of are left out.
    """
    async with refusals_recorded(parts, who, COUNT, list(actor_ids), purpose):
        require(who, COUNT)
        async with parts.database.read() as session:
            found = await pressure_on(parts, session, who, actor_ids, days, parts.clock.now())
    await consulted(parts, who, COUNT, [one.actor_id for one in found], purpose, {"days": days})
    return found


async def pressure_on(
    parts: Parts[Settings],
    session: Session,
    who: Principal,
    actor_ids: Sequence[str],
    days: int,
    until: datetime,
    known_at: datetime | None = None,
) -> list[Pressure]:
    """As `count_controls`, in a session that is open, up to a moment, as known then."""
    known = await actors.kinds(session, who, actor_ids)
    seen = await judgements.identities(session, who, known, at=known_at)
    ours = {id: set(seen.members(id)) for id in known}
    for id, members in (await _members(parts, session, who, known, ours, until, known_at or until)).items():
        ours[id] |= members
    everybody = sorted({one for ids in ours.values() for one in ids})
    told: dict[str, dict[str, bool]] = {}
    for start in range(0, len(everybody), judgements.AT_ONCE):
        part = everybody[start : start + judgements.AT_ONCE]
        since = until - timedelta(days=days)
        for actor_id, control, family in await observations.controls(
            session, who, part, since=since, until=until, known_at=known_at
        ):
            told.setdefault(actor_id, {})[control] = family
    counted = []
    for id in dict.fromkeys(id for id in actor_ids if id in known):
        controls = {control: family for one in ours[id] for control, family in told.get(one, {}).items()}
        counted.append(Pressure(id, len(controls), sum(controls.values())))
    return counted


async def _members(
    parts: Parts[Settings],
    session: Session,
    who: Principal,
    known: dict[str, str],
    ours: dict[str, set[str]],
    as_of: datetime,
    known_at: datetime,
) -> dict[str, set[str]]:
    """For each group the ids of those who count as its members: no victim and nobody who has left."""
    catalogue = reference_of(parts).catalogue
    groups = {one: id for id, kind in known.items() if kind == "GROUP" for one in ours[id]}
    if not groups:
        return {}
    pointing = standing(await claims.pointing(session, who, groups), catalogue, as_of, known_at)
    theirs = [c for c in pointing if c.predicate == MEMBER_OF and c.qualifiers.get("status") != ("FORMER",)]
    persons = await judgements.identities(session, who, {c.actor_id for c in theirs}, at=known_at)
    ids = {id for c in theirs for id in persons.members(c.actor_id)}
    grounds = {
        id: grounds_of(standing(found, catalogue, as_of, known_at))
        for id, found in (await claims.grounds(session, who, ids)).items()
    }
    members: dict[str, set[str]] = {}
    for claim in theirs:
        same = persons.members(claim.actor_id)
        if claim.object and may_be_member(frozenset().union(*(grounds.get(id, frozenset()) for id in same)), catalogue):
            members.setdefault(groups[claim.object.id], set()).update(same)
    return members


def no_such_observation() -> NotFound:
    """The one answer for an observation that is not there and one that nobody may tell you of."""
    return NotFound("There is no such observation.")


def _told(observation: Observation) -> dict[str, str]:
    """What the audit row says of it: codes."""
    return {"kind": observation.control.kind if observation.control else "SEEN"}


async def _recorded(
    parts: Parts[Settings],
    session: Session,
    who: Principal,
    wish: ObservationWish,
    action: str,
    *,
    hidden: tuple[str, ...] = (),
    corrects: str | None = None,
) -> tuple[Observation, ObservationRecorded]:
    known = await actors.kinds(session, who, wish.actors, action)
    for position, actor in enumerate(wish.actors):
        if actor not in known:
            raise _no_such_actor(f"actors.{position}")
    if wish.near is not None and wish.near.kind != "ROLE":
        kinds = await actors.kinds(session, who, [wish.near.ref], action)
        if kinds.get(wish.near.ref) != wish.near.kind:
            raise _no_such_actor("near.ref")
    reference = reference_of(parts)
    return decide(
        replace(wish, actors=(*wish.actors, *hidden)),
        observation_id=new_id(),
        origin_id=await observations.origin_id(session, wish.origin),
        scales=reference.scales,
        controls=reference.controls,
        roles=reference.catalogue.predicate(HOLDS_ROLE).codes,
        now=parts.clock.now(),
        by=who.subject,
        corrects=corrects,
    )


def _no_such_actor(field: str) -> NotFound:
    return NotFound("There is no such actor.", field=field, remedy="Look the actor up and use its id and kind.")


async def _replaced(
    parts: Parts[Settings], session: Session, who: Principal, old: Observation, wish: ObservationWish
) -> tuple[Observation, ObservationRecorded]:
    seen = await actors.kinds(session, who, old.actors, CORRECT)
    hidden = tuple(actor for actor in old.actors if actor not in seen)
    try:
        return await _recorded(parts, session, who, wish, CORRECT, hidden=hidden, corrects=old.id)
    except (Invalid, NotFound, Conflict) as error:
        field = f"replacement.{error.field}" if error.field else "replacement"
        raise type(error)(error.detail, field=field, remedy=error.remedy) from error
