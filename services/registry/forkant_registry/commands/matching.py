"""Looking for cards of somebody that is known from elsewhere, or has a card already. It suggests; a person judges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from forkant_registry.commands.deed import consulted, no_such_actor, reference_of, refusals_recorded, require
from forkant_registry.domain.identity import Identities
from forkant_registry.domain.matching import KnownName
from forkant_registry.domain.predicates import ActorKind
from forkant_registry.domain.resemblance import Likeness, Resemblance, best_first, resemblance
from forkant_registry.domain.values import checked_name
from forkant_registry.settings import Settings
from forkant_registry.store import actors, claims, judgements, search
from forkant_registry.store.actors import Labelled
from forkant_shared.database import Session
from forkant_shared.errors import Invalid
from forkant_shared.identity import Principal
from forkant_shared.parts import Parts

SEARCH = "registry.actor.search"
# Which sort of claim says which feature.
BORN_ON, MEMBER_OF, DISTRICT = "born_on", "member_of", "district"


@dataclass(frozen=True, slots=True)
class Query:
    """Whom somebody looks for. `exclude` are cards they know already: neither those nor who is one with them come back.

    `least` is the lowest score worth showing, 0 to 1; the working value of the weights where None.
    """

    kind: ActorKind
    likeness: Likeness
    exclude: frozenset[str] = frozenset()
    least: float | None = None
    limit: int = 5


@dataclass(frozen=True, slots=True)
class Suggested:
    """A card that looks like it, with everybody it stands for, and how the score came about."""

    actor: Labelled
    also: tuple[Labelled, ...]
    resemblance: Resemblance


@dataclass(frozen=True, slots=True)
class Compared:
    """Two cards side by side; no `resemblance` where not even a name is like. `labels` names them and their groups."""

    actor: Labelled
    other: Labelled
    one: Likeness
    two: Likeness
    resemblance: Resemblance | None
    labels: Mapping[str, Labelled]


async def match_actors(
    parts: Parts[Settings], who: Principal, queries: Mapping[str, Query], purpose: str | None
) -> dict[str, list[Suggested]]:
    """The cards that look like each query, the most alike first. Raises Forbidden."""
    async with refusals_recorded(parts, who, SEARCH, purpose=purpose):
        require(who, SEARCH)
        found: dict[str, list[Suggested]] = {}
        for name, query in queries.items():
            # A transaction each, so that a hundred of them keep nobody else waiting for a connection.
            async with parts.database.read() as session:
                found[name] = await _suggested(parts, session, who, query)
    ids = sorted({one.actor.id for each in found.values() for one in each})
    await consulted(parts, who, SEARCH, ids, purpose, {"queries": len(queries), "hits": len(ids)})
    return found


async def match_card(parts: Parts[Settings], who: Principal, actor_id: str, purpose: str | None) -> list[Suggested]:
    """The cards that look like this one, less those it is judged against. Raises NotFound, Forbidden."""
    async with refusals_recorded(parts, who, SEARCH, [actor_id], purpose):
        require(who, SEARCH)
        async with parts.database.read() as session:
            actor = await actors.load(session, who, actor_id)
            if actor is None:
                raise no_such_actor()
            around = await judgements.around(session, who, [actor_id])
            seen = await judgements.identities(session, who, [actor_id])
            ours = seen.members(actor_id)
            judged = {id for one in around if set(one.pair) & set(ours) for id in one.pair}
            own = (await _likenesses(session, who, {actor_id: ours}))[actor_id]
            query = Query(actor.kind, own, exclude=frozenset(judged | set(ours)))
            found = await _suggested(parts, session, who, query)
    await consulted(parts, who, SEARCH, [actor_id, *(one.actor.id for one in found)], purpose, {"hits": len(found)})
    return found


async def compare_cards(
    parts: Parts[Settings], who: Principal, actor_id: str, other_id: str, purpose: str | None
) -> Compared:
    """How much two cards look like each other. Raises NotFound, Forbidden, Invalid where one is a group alone."""
    reference = reference_of(parts)
    async with refusals_recorded(parts, who, SEARCH, [actor_id, other_id], purpose):
        require(who, SEARCH)
        async with parts.database.read() as session:
            kinds = await actors.kinds(session, who, [actor_id, other_id])
            if len(kinds) != 2:
                raise no_such_actor()
            if kinds[actor_id] != kinds[other_id]:
                raise Invalid("A person is never a group.", field="other", remedy="Give an actor of the same kind.")
            seen = await judgements.identities(session, who, [actor_id, other_id])
            lines = {id: seen.members(id) for id in (actor_id, other_id)}
            known = await _likenesses(session, who, lines)
            groups = {id for one in known.values() for id in one.groups}
            labels = await actors.labelled(session, who, {actor_id, other_id, *groups})
    await consulted(parts, who, SEARCH, [actor_id, other_id], purpose)
    one, other = known[actor_id], known[other_id]
    alike = resemblance(one, other, reference.weights, reference.spelling)
    return Compared(labels[actor_id], labels[other_id], one, other, alike, labels)


async def _suggested(parts: Parts[Settings], session: Session, who: Principal, query: Query) -> list[Suggested]:
    reference = reference_of(parts)
    weights, spelling = reference.weights, reference.spelling
    names = sorted(query.likeness.names, key=lambda name: name.weak)[: weights.most_names]
    asked = Likeness(tuple(names), query.likeness.born_on, query.likeness.groups, query.likeness.districts)
    hits: dict[str, None] = {}
    for name in names:
        found = await search.find(session, who, name.value, spelling, kind=query.kind)
        hits |= {one.actor.id: None for one in found}
    seen = await judgements.identities(session, who, {*hits, *query.exclude})
    known = {seen.of(id) for id in query.exclude}
    lines = {id: seen.members(id) for id in dict.fromkeys(seen.of(hit) for hit in hits) if id not in known}
    likenesses = await _likenesses(session, who, lines)
    asked_groups = await _as_one_knows(session, who, asked.groups)
    asked = Likeness(asked.names, asked.born_on, asked_groups, asked.districts)
    least = weights.listed / 1000 if query.least is None else query.least
    scored = [
        (id, alike)
        for id, likeness in likenesses.items()
        if (alike := resemblance(asked, likeness, weights, spelling)) is not None and alike.score >= least
    ]
    best = best_first(scored)[: query.limit]
    named = await actors.labelled(session, who, {member for id, _ in best for member in lines[id]})
    return [
        Suggested(named[id], tuple(named[member] for member in lines[id] if member != id), alike) for id, alike in best
    ]


async def _likenesses(session: Session, who: Principal, lines: Mapping[str, Sequence[str]]) -> dict[str, Likeness]:
    """What is known of each line, by any of its cards, as far as `who` may know."""
    members = {member for line in lines.values() for member in line}
    named = await actors.labelled(session, who, members)
    facts = await claims.facts(session, who, members, (BORN_ON, MEMBER_OF, DISTRICT))
    groups = await judgements.identities(session, who, {one.object.id for one in facts if one.object})
    said: dict[tuple[str, str], set[str]] = {}
    for claim in facts:
        value = groups.of(claim.object.id) if claim.object else claim.value
        if value is not None:
            said.setdefault((claim.actor_id, claim.predicate), set()).add(value)

    def of(line: Iterable[str], predicate: str) -> frozenset[str]:
        return frozenset(value for member in line for value in said.get((member, predicate), ()))

    return {
        id: Likeness(
            names=tuple(name for member in line if member in named for name in named[member].names),
            born_on=of(line, BORN_ON),
            groups=of(line, MEMBER_OF),
            districts=of(line, DISTRICT),
        )
        for id, line in lines.items()
    }


async def _as_one_knows(session: Session, who: Principal, ids: frozenset[str]) -> frozenset[str]:
    seen = await judgements.identities(session, who, ids) if ids else Identities()
    return frozenset(seen.of(id) for id in ids)


def known_names(values: Sequence[str], field: str) -> tuple[KnownName, ...]:
    """Names from elsewhere, of no kind we know. Raises Invalid that names the first that nobody is called by."""
    return tuple(
        KnownName("asked", checked_name(value, f"{field}.{position}")) for position, value in enumerate(values)
    )
