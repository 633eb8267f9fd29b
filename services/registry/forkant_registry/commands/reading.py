"""Looking: each search and each card is written down before it is shown."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from forkant_registry.commands import observations as seeing
from forkant_registry.commands.deed import consulted, no_such_actor, reference_of, refusals_recorded, require
from forkant_registry.domain.actors import Actor
from forkant_registry.domain.calendar import Entry
from forkant_registry.domain.card import Card, grounds_of, standing
from forkant_registry.domain.card import card as draw
from forkant_registry.domain.claims import Claim
from forkant_registry.domain.conflicts import Conflict
from forkant_registry.domain.identity import Identities
from forkant_registry.domain.matching import Hit
from forkant_registry.domain.observations import Observation
from forkant_registry.domain.predicates import MEMBER_OF
from forkant_registry.settings import Settings
from forkant_registry.store import actors, calendar, claims, conflicts, judgements, observations, search
from forkant_registry.store.actors import Labelled
from forkant_shared.database import Session
from forkant_shared.errors import NotFound
from forkant_shared.identity import Principal
from forkant_shared.parts import Parts

READ = "registry.actor.read"
SEARCH = "registry.actor.search"
COMING_DAYS = 20
LAST_SEEN = 10


@dataclass(frozen=True, slots=True)
class Listed:
    """An actor in a list; `hit` says how it fits what was asked for, None where nothing was.

    Actors judged to be the same share a line: `actor` stands for all, `also` are the others that the reader may know
    of.
    """

    actor: Labelled
    hit: Hit | None
    also: tuple[Labelled, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """A part of a list, and from where the next part goes on."""

    items: tuple[Listed, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class CardView:
    """A card with everything a page shows beside it; `labels` names every actor on it that the reader may know of.

    `same` are those judged to be one with `actor`, itself included, the one that stands for them first: what is said of
    any of them is on the card. `pressure` is how often it was controlled in the days before. `waiting` is how many
    judgements about it wait for a second person.
    """

    actor: Actor
    card: Card
    as_of: datetime
    known_at: datetime
    labels: Mapping[str, Labelled]
    conflicts: tuple[Conflict, ...]
    entries: tuple[Entry, ...]
    observations: tuple[Observation, ...]
    pressure: seeing.Pressure
    same: tuple[str, ...]
    waiting: int


async def search_actors(
    parts: Parts[Settings],
    who: Principal,
    *,
    text: str,
    kind: str | None,
    after: str | None,
    limit: int,
    purpose: str | None,
) -> Listing:
    """Actors whose names fit `text`, the best first; without a text all, the newest first."""
    async with refusals_recorded(parts, who, SEARCH, purpose=purpose):
        require(who, SEARCH)
        async with parts.database.read() as session:
            if text.strip():
                found = await _matching(parts, session, who, text, kind, after, limit)
            else:
                found = await _all(session, who, kind, after, limit)
    ids = [one.actor.id for one in found.items]
    await consulted(parts, who, SEARCH, ids, purpose, {"hits": len(ids), "by_name": bool(text.strip())})
    return found


async def _matching(
    parts: Parts[Settings],
    session: Session,
    who: Principal,
    text: str,
    kind: str | None,
    after: str | None,
    limit: int,
) -> Listing:
    found = await search.find(session, who, text, reference_of(parts).spelling, kind=kind)
    seen = await judgements.identities(session, who, [one.actor.id for one in found])
    best: dict[str, Hit] = {}
    for one in found:
        best.setdefault(seen.of(one.actor.id), one.hit)
    start = int(_cursor(after, r"\d{1,6}") or 0)
    shown = list(best)[start : start + limit]
    known = {one.actor.id: one.actor for one in found}
    items = await _lines(session, who, shown, seen, known, best)
    return Listing(items, str(start + limit) if start + limit < len(best) else None)


async def _all(session: Session, who: Principal, kind: str | None, after: str | None, limit: int) -> Listing:
    below = _cursor(after, r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
    shown: list[str] = []
    seen = Identities()
    while len(shown) <= limit:
        rows = await actors.page(session, who, kind=kind, after=below, limit=limit + 1)
        part = await judgements.identities(session, who, [id for id, _ in rows])
        seen = Identities({**seen.stands_for, **part.stands_for})
        # Whoever another one stands for is on that one's line, further down.
        shown += [id for id, _ in rows if part.of(id) == id]
        if len(rows) <= limit:
            break
        below = rows[-1][0]
    items = await _lines(session, who, shown[:limit], seen, {}, {})
    return Listing(items, shown[limit - 1] if len(shown) > limit else None)


async def _lines(
    session: Session,
    who: Principal,
    ids: Sequence[str],
    seen: Identities,
    known: Mapping[str, Labelled],
    hits: Mapping[str, Hit],
) -> tuple[Listed, ...]:
    """A line for each of these, with those it stands for; `known` are already named."""
    wanted = {member for id in ids for member in seen.members(id)} - set(known)
    named = {**known, **await actors.labelled(session, who, wanted)}
    return tuple(
        Listed(named[id], hits.get(id), tuple(named[member] for member in seen.members(id) if member != id))
        for id in ids
    )


def _cursor(after: str | None, shape: str) -> str | None:
    if after is not None and re.fullmatch(shape, after, re.ASCII) is None:
        raise NotFound("No part of this list ended there.", field="after", remedy="Send `next` as it came.")
    return after


async def name_actors(
    parts: Parts[Settings], who: Principal, ids: Collection[str], purpose: str | None
) -> list[Labelled]:
    """What these actors are called, in the order asked for; those `who` may not know of are left out."""
    async with refusals_recorded(parts, who, READ, list(ids), purpose):
        require(who, READ)
        async with parts.database.read() as session:
            found = await actors.labelled(session, who, ids)
    await consulted(parts, who, READ, list(found), purpose, {"names": len(found)})
    return [found[id] for id in dict.fromkeys(ids) if id in found]


async def read_card(
    parts: Parts[Settings],
    who: Principal,
    actor_id: str,
    *,
    as_of: datetime | None,
    known_at: datetime | None,
    purpose: str | None,
) -> CardView:
    """The card as of a day, as known on a day (now, where none is given). Raises NotFound, Forbidden."""
    now = parts.clock.now()
    async with refusals_recorded(parts, who, READ, [actor_id], purpose):
        require(who, READ)
        async with parts.database.read() as session:
            actor = await actors.load(session, who, actor_id)
            if actor is None:
                raise no_such_actor()
            view = await _view(parts, session, who, actor, as_of or now, known_at or now)
    await consulted(parts, who, READ, [actor_id], purpose, {"past": as_of is not None or known_at is not None})
    return view


async def _view(
    parts: Parts[Settings], session: Session, who: Principal, actor: Actor, as_of: datetime, known_at: datetime
) -> CardView:
    reference = reference_of(parts)
    around = await judgements.around(session, who, [actor.id])
    ours = (await judgements.identities(session, who, [actor.id], at=known_at)).members(actor.id)
    own = await claims.about(session, who, ours)
    toward = await claims.pointing(session, who, ours)
    far = {claim.actor_id for claim in toward} | {claim.object.id for claim in own if claim.object}
    seen = await judgements.identities(session, who, {*ours, *far}, at=known_at)
    persons = {id for claim in toward if claim.predicate == MEMBER_OF for id in seen.members(claim.actor_id)}
    ground_claims = await claims.grounds(session, who, persons)
    grounds = {
        person: grounds_of(standing(found, reference.catalogue, as_of, known_at))
        for person, found in ground_claims.items()
    }
    shown = draw(
        own,
        toward,
        grounds,
        catalogue=reference.catalogue,
        scales=reference.scales,
        as_of=as_of,
        known_at=known_at,
        identities=seen,
    )
    fights = await conflicts.page(session, who, group_ids=ours, after=None, limit=100)
    days = await calendar.page(session, who, actor_ids=ours, since=as_of.date(), known_at=known_at, limit=COMING_DAYS)
    mentioned = {line.object_id for line in (*shown.lines, *shown.pointing) if line.object_id}
    mentioned |= {member.person_id for member in shown.members} | {id for claim in own for id in _ends(claim)}
    mentioned |= {group for fight in fights for group in (fight.group_a, fight.group_b)}
    mentioned |= {party for day in days for party in day.parties}
    seen_lately = await observations.page(session, who, actor_ids=ours, until=as_of, known_at=known_at, limit=LAST_SEEN)
    mentioned |= {one for observation in seen_lately for one in observation.actors}
    days_back = reference.controls.window_days
    (pressure,) = await seeing.pressure_on(parts, session, who, [actor.id], days_back, as_of, known_at)
    labels = await actors.labelled(session, who, {*ours, *mentioned})
    waiting = sum(judgement.state == "WAITS" and actor.id in judgement.pair for judgement in around)
    return CardView(
        actor, shown, as_of, known_at, labels, tuple(fights), tuple(days), tuple(seen_lately), pressure, ours, waiting
    )


def _ends(claim: Claim) -> tuple[str, ...]:
    return (claim.actor_id, claim.object.id) if claim.object else (claim.actor_id,)


async def read_claim(parts: Parts[Settings], who: Principal, claim_id: str, purpose: str | None) -> Claim:
    """One claim, also one that was corrected. Raises NotFound, Forbidden."""
    async with refusals_recorded(parts, who, READ, [claim_id], purpose):
        require(who, READ)
        async with parts.database.read() as session:
            found = await claims.load(session, who, claim_id, READ)
        if found is None:
            raise NotFound("There is no such claim.")
    await consulted(parts, who, READ, [found.actor_id, claim_id], purpose)
    return found


async def list_claims(
    parts: Parts[Settings], who: Principal, actor_id: str, *, after: str | None, limit: int, purpose: str | None
) -> tuple[list[Claim], str | None]:
    """Every claim about the actor, corrected ones too, in the order recorded; and from where the next part goes on."""
    async with refusals_recorded(parts, who, READ, [actor_id], purpose):
        require(who, READ)
        async with parts.database.read() as session:
            if await actors.load(session, who, actor_id) is None:
                raise no_such_actor()
            found = await claims.about(session, who, [actor_id], after=after, limit=limit + 1)
    await consulted(parts, who, READ, [actor_id], purpose, {"claims": min(len(found), limit)})
    return found[:limit], found[limit - 1].id if len(found) > limit else None
