"""Judging who is who, letting a judgement of another stand, and taking one back. Nothing is merged by any of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import cast

from forkant_registry.commands.deed import (
    Done,
    Once,
    consulted,
    done,
    done_before,
    no_such_actor,
    refusals_recorded,
    require,
)
from forkant_registry.domain import identity
from forkant_registry.domain.actors import changed
from forkant_registry.domain.identity import Judgement, Wish
from forkant_registry.domain.predicates import ActorKind
from forkant_registry.settings import Settings
from forkant_registry.store import actors, claims, judgements
from forkant_shared import audit, outbox
from forkant_shared.clock import new_id
from forkant_shared.database import Session
from forkant_shared.errors import NotFound
from forkant_shared.identity import Principal
from forkant_shared.parts import Parts

JUDGE = "registry.identity.judge"
APPROVE = "registry.identity.approve"
REVOKE = "registry.identity.revoke"
READ = "registry.identity.read"
# The registry itself sees every judgement when it says who stands for whom to the other services.
ITSELF = Principal.system("registry")


@dataclass(frozen=True, slots=True)
class _Around:
    """What is judged around two actors: all of it, what one reader may know, and whether that reader sees all."""

    everything: Sequence[Judgement]
    known: Sequence[Judgement]
    sees_all: bool


async def judge(parts: Parts[Settings], who: Principal, wish: Wish, once: Once | None = None) -> Done:
    """A person's word on whether `wish.one` and `wish.other` are the same.

    The answer has the judgement's `id`, its `state` and the `canonical_id` of `wish.one` as `who` sees it now. Raises
    NotFound, Forbidden, Invalid, Conflict (said before, the opposite stands, the key).
    """
    async with refusals_recorded(parts, who, JUDGE, [wish.one, wish.other]):
        require(who, JUDGE, wish.marks)
        async with parts.database.write() as session:
            if earlier := await done_before(session, who, once):
                return earlier
            await _one_at_a_time(session)
            kinds = await _kinds(session, who, wish)
            around = await _around(session, who, (wish.one, wish.other))
            made = identity.judge(
                wish,
                judgement_id=new_id(),
                kinds=kinds,
                known=around.known,
                sees_all=around.sees_all,
                now=parts.clock.now(),
                by=who.subject,
            )
            await judgements.add(session, made)
            await _tell(session, around.everything, made)
            return await _answered(session, who, once, JUDGE, made, wish.one)


async def approve(parts: Parts[Settings], who: Principal, judgement_id: str, once: Once | None = None) -> Done:
    """Let a judgement stand that waits for a second person; the answer is as for `judge`.

    Raises NotFound, Forbidden (one's own, or `who` does not see all of both either), Conflict (it does not wait, or the
    opposite stands by now).
    """
    async with refusals_recorded(parts, who, APPROVE, [judgement_id]):
        require(who, APPROVE)
        async with parts.database.write() as session:
            if earlier := await done_before(session, who, once):
                return earlier
            waiting = await _held(session, who, judgement_id, APPROVE)
            around = await _around(session, who, waiting.pair)
            standing = identity.approve(
                waiting, known=around.known, sees_all=around.sees_all, now=parts.clock.now(), by=who.subject
            )
            await judgements.mark(session, waiting, standing)
            await _tell(session, around.everything, standing)
            return await _answered(session, who, once, APPROVE, standing, standing.one)


async def revoke(
    parts: Parts[Settings], who: Principal, judgement_id: str, reason: str, once: Once | None = None
) -> Done:
    """Take a judgement back, or turn down one that waits; the answer is as for `judge`.

    Raises NotFound, Forbidden, Invalid, Conflict (revoked before, the key).
    """
    async with refusals_recorded(parts, who, REVOKE, [judgement_id]):
        require(who, REVOKE)
        async with parts.database.write() as session:
            if earlier := await done_before(session, who, once):
                return earlier
            standing = await _held(session, who, judgement_id, REVOKE)
            revoked = identity.revoke(standing, reason=reason, now=parts.clock.now(), by=who.subject)
            everything = await judgements.around(session, ITSELF, standing.pair)
            await judgements.mark(session, standing, revoked)
            await _tell(session, everything, revoked)
            return await _answered(session, who, once, REVOKE, revoked, revoked.one)


async def list_judgements(
    parts: Parts[Settings],
    who: Principal,
    *,
    actor_id: str | None,
    waiting: bool,
    after: str | None,
    limit: int,
    purpose: str | None,
) -> tuple[list[Judgement], str | None]:
    """Judgements about one actor or about all, or those that wait; and from where the next part goes on.

    Raises NotFound where `who` may not know of the actor.
    """
    async with refusals_recorded(parts, who, READ, [actor_id] if actor_id else [], purpose):
        require(who, READ)
        async with parts.database.read() as session:
            if actor_id is not None and await actors.load(session, who, actor_id) is None:
                raise no_such_actor()
            about = None if actor_id is None else [actor_id]
            found = await judgements.page(session, who, actor_ids=about, waiting=waiting, after=after, limit=limit + 1)
    await consulted(parts, who, READ, [one.id for one in found[:limit]], purpose)
    return found[:limit], found[limit - 1].id if len(found) > limit else None


async def read_judgement(parts: Parts[Settings], who: Principal, judgement_id: str, purpose: str | None) -> Judgement:
    """One judgement. Raises NotFound, Forbidden."""
    async with refusals_recorded(parts, who, READ, [judgement_id], purpose):
        require(who, READ)
        async with parts.database.read() as session:
            found = await judgements.load(session, who, judgement_id, READ)
        if found is None:
            raise _no_such_judgement()
    await consulted(parts, who, READ, [judgement_id], purpose)
    return found


async def _one_at_a_time(session: Session) -> None:
    """Who is one with whom may hang on any judgement near by, so two people never judge at the same moment."""
    await session.lock(["registry/identity"])


async def _kinds(session: Session, who: Principal, wish: Wish) -> dict[str, ActorKind]:
    found = await actors.kinds(session, who, [wish.one, wish.other], JUDGE)
    if wish.one not in found:
        raise no_such_actor()
    if wish.other not in found:
        raise NotFound("There is no such actor.", field="other", remedy="Look the actor up and use its id.")
    return cast(dict[str, ActorKind], found)


async def _around(session: Session, who: Principal, pair: Collection[str]) -> _Around:
    everything = await judgements.around(session, ITSELF, pair)
    known = await judgements.around(session, who, pair)
    stand = identity.Identities(identity.canonical(_standing(everything)))
    both = {member for actor in pair for member in stand.members(actor)}
    sees_all = len(known) == len(everything) and await claims.all_readable(session, who, both)
    return _Around(everything, known, sees_all)


async def _held(session: Session, who: Principal, judgement_id: str, action: str) -> Judgement:
    await _one_at_a_time(session)
    found = await judgements.load(session, who, judgement_id, action)
    if found is None:
        raise _no_such_judgement()
    return found


async def _tell(session: Session, before: Sequence[Judgement], judgement: Judgement) -> None:
    """Tell of every actor that another one stands for now: an event each, and the actor one version on."""
    after = [one for one in before if one.id != judgement.id]
    told = identity.changes(identity.canonical(_standing(before)), identity.canonical(_standing([*after, judgement])))
    for event in told:
        actor = await actors.hold(session, ITSELF, event.actor_id, JUDGE)
        if actor is None:
            raise no_such_actor()
        later = changed(actor)
        await actors.save(session, later, expected=actor.version)
        await outbox.add(session, event, version=later.version)


async def _answered(
    session: Session, who: Principal, once: Once | None, action: str, judgement: Judgement, actor_id: str
) -> Done:
    details = {"verdict": judgement.verdict, "state": judgement.state}
    objects = [judgement.id, judgement.one, judgement.other]
    await audit.record(session, who, action, objects, kind="COMBINATION", details=details)
    seen = await judgements.identities(session, who, [actor_id])
    answer = {"id": judgement.id, "state": judgement.state, "canonical_id": seen.of(actor_id)}
    return await done(session, who, once, answer)


def _standing(found: Sequence[Judgement]) -> list[Judgement]:
    return [one for one in found if one.state == "STANDS"]


def _no_such_judgement() -> NotFound:
    return NotFound("There is no such judgement.")
