"""The projection of the registry: who is linked to whom, as far as its events have told."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from forkant_shared.database import Session
from forkant_threat_watch.domain.links import FAMILY, MEMBERSHIP, ROLE, Edge, Links
from forkant_threat_watch.domain.words import Party, PartyKind, folded
from forkant_threat_watch.tables import ACTORS, EDGES, NAMES, REJOIN

ACTOR_KINDS = (PartyKind.PERSON, PartyKind.GROUP)
NAMED_ONLY = f"{PartyKind.NAME}:"


_KEYS: sa.BindParameter[Any] = sa.bindparam("keys", expanding=True)
_AROUND = sa.select(EDGES).where(
    sa.or_(EDGES.c.left.in_(_KEYS), EDGES.c.right.in_(_KEYS)),
    sa.or_(EDGES.c.valid_to.is_(None), EDGES.c.valid_to > sa.bindparam("now")),
)
_NAMED = (
    sa.select(NAMES.c.folded, ACTORS.c.id, ACTORS.c.kind, ACTORS.c.canonical_id)
    .join(ACTORS, ACTORS.c.id == NAMES.c.actor_id)
    .where(NAMES.c.folded.in_(sa.bindparam("names", expanding=True)))
)
_ONE = ACTORS.alias()
_SAME = sa.select(ACTORS.c.id, ACTORS.c.canonical_id).where(
    ACTORS.c.canonical_id.in_(
        sa.select(sa.func.coalesce(_ONE.c.canonical_id, _ONE.c.id)).where(
            _ONE.c.id.in_(sa.bindparam("ids", expanding=True))
        )
    )
)


class Neighbourhood:
    """The links around some parties, read a step at a time within one transaction."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now
        self._seen: set[str] = set()
        self._edges: dict[str, Edge] = {}
        self._canonical: dict[str, str] = {}
        self._names: dict[str, Party] = {}
        self._shared: set[str] = set()
        self._identified: set[str] = set()

    @property
    def links(self) -> Links:
        return Links(self._edges.values(), self._canonical, self._names, self._shared)

    @property
    def keys(self) -> set[str]:
        """Every party key that has been met."""
        met = {side for edge in self._edges.values() for side in (edge.left, edge.right)}
        return met | self._seen

    async def meet(self, parties: Iterable[Party]) -> list[Party]:
        """Know who these are: names that the registry knows as one actor, actors by the one they stand for."""
        parties = [party for party in parties if party.known]
        await self._resolve_names({folded(p.ref) for p in parties if p.kind is PartyKind.NAME} - set(self._names))
        named = [self._names.get(folded(p.ref), p) if p.kind is PartyKind.NAME else p for p in parties]
        await self._identify({p.key for p in named if p.kind in ACTOR_KINDS})
        return [self.links.resolve(party) for party in parties]

    async def expand(self, keys: Collection[str]) -> None:
        """Read the edges around these keys, and the members of the groups and holders of the roles they lead to.

        Whoever is known under several ids is looked up under all of them.
        """
        await self._read_with_joints(self._also(set(keys)))
        ends = {key for edge in self._edges.values() for key in (edge.left, edge.right)}
        await self._identify({*keys, *ends})
        also = self._also(self._seen)
        if not also <= self._seen:
            await self._read_with_joints(also)

    async def _read_with_joints(self, keys: set[str]) -> None:
        await self._read(keys)
        joints = {e.right for e in self._edges.values() if e.kind == MEMBERSHIP and (e.left in keys or e.right in keys)}
        joints |= {e.right for e in self._edges.values() if e.kind == ROLE and e.right in keys}
        await self._read(joints)

    def _also(self, keys: set[str]) -> set[str]:
        """These keys, and those of everybody who is one with them, as far as that has been read."""
        if not self._canonical:
            return keys
        alike: dict[str, set[str]] = {}
        for alias, canonical in self._canonical.items():
            alike.setdefault(canonical, {canonical}).add(alias)
        found = set(keys)
        for key in keys:
            kind, _, ref = key.partition(":")
            found |= {f"{kind}:{other}" for other in alike.get(self._canonical.get(ref, ref), ())}
        return found

    async def families_of_holders(self, keys: Collection[str]) -> None:
        """Read the edges around those who hold one of these roles: their families are passed over too."""
        await self._read({e.left for e in self._edges.values() if e.kind == ROLE and e.right in keys})

    async def known_as(self) -> None:
        """Read under which other ids the persons are known who are linked by family or by a role."""
        linked = [edge for edge in self._edges.values() if edge.kind in (FAMILY, ROLE)]
        await self._identify({key for edge in linked for key in (edge.left, edge.right)} | self._seen)

    async def _read(self, keys: set[str]) -> None:
        fresh = keys - self._seen
        self._seen |= fresh
        # Whoever is only a name has no links: the registry links those it knows.
        known = sorted(key for key in fresh if not key.startswith(NAMED_ONLY))
        if not known:
            return
        found = await self._session.execute(_AROUND, {"keys": known, "now": self._now})
        for row in found:
            self._edges[row.claim_id] = Edge(row.kind, row.left, row.right)

    async def _resolve_names(self, names: set[str]) -> None:
        if not names:
            return
        found = await self._session.execute(_NAMED, {"names": sorted(names)})
        by_name: dict[str, list[Any]] = {}
        for row in found:
            by_name.setdefault(row.folded, []).append(row)
        for name, rows in by_name.items():
            whole = {row.canonical_id or row.id for row in rows}
            if len(whole) != 1:
                continue
            self._names[name] = Party(PartyKind(rows[0].kind), rows[0].id if len(rows) == 1 else whole.pop())
            if len(rows) > 1:
                self._shared.add(name)

    async def _identify(self, keys: Collection[str]) -> None:
        """Read who stands for these persons and groups, and under which other ids they are known."""
        kinds = tuple(f"{kind}:" for kind in ACTOR_KINDS)
        ids = {key.partition(":")[2] for key in keys if key.startswith(kinds)} - self._identified
        if not ids:
            return
        self._identified |= ids
        found = await self._session.execute(_SAME, {"ids": sorted(ids)})
        self._canonical |= {row.id: row.canonical_id for row in found if row.canonical_id != row.id}
        self._identified |= set(self._canonical) | set(self._canonical.values())


async def know_actor(session: Session, actor_id: str, kind: PartyKind, now: datetime) -> None:
    """An actor exists; what it is called is asked for later."""
    row = {"id": actor_id, "kind": kind.value, "canonical_id": None, "label": None, "names_wanted_at": now}
    await session.insert_ignore(ACTORS, [row])


async def want_names(session: Session, actor_id: str, now: datetime) -> None:
    """What this actor is called may have changed."""
    await session.execute(ACTORS.update().where(ACTORS.c.id == actor_id).values(names_wanted_at=now))


async def names_wanted(session: Session, limit: int) -> list[str]:
    """The actors whose names are to be asked for, the longest waiting first."""
    found = await session.execute(
        sa.select(ACTORS.c.id)
        .where(ACTORS.c.names_wanted_at.is_not(None))
        .order_by(ACTORS.c.names_wanted_at)
        .limit(limit)
    )
    return list(found.scalars())


async def set_names(session: Session, actor_id: str, label: str | None, names: Sequence[str], asked: datetime) -> None:
    """What an actor is called, as told when asked at `asked`; asked again where it has changed since."""
    await session.execute(NAMES.delete().where(NAMES.c.actor_id == actor_id))
    wanted = sorted({folded(name) for name in names} - {""})
    await session.insert_ignore(NAMES, [{"folded": name[:200], "actor_id": actor_id} for name in wanted])
    await session.execute(ACTORS.update().where(ACTORS.c.id == actor_id).values(label=label))
    await session.execute(
        ACTORS.update().where(ACTORS.c.id == actor_id, ACTORS.c.names_wanted_at <= asked).values(names_wanted_at=None)
    )
    await rejoin(session, [f"NAME:{name}" for name in wanted], asked)


async def labels(session: Session, actor_ids: Collection[str]) -> dict[str, str]:
    """What these actors are called, where it is known."""
    if not actor_ids:
        return {}
    found = await session.execute(
        sa.select(ACTORS.c.id, ACTORS.c.label).where(ACTORS.c.id.in_(sorted(actor_ids)), ACTORS.c.label.is_not(None))
    )
    return {row.id: row.label for row in found}


async def add_edge(session: Session, claim_id: str, edge: Edge, valid_to: datetime | None, now: datetime) -> None:
    """A claim links two parties, until `valid_to` if that is known."""
    row = {"claim_id": claim_id, "kind": edge.kind, "left": edge.left, "right": edge.right, "valid_to": valid_to}
    await session.insert_ignore(EDGES, [row])
    await rejoin(session, [edge.left, edge.right], now)


async def drop_edge(session: Session, claim_id: str) -> None:
    """A claim no longer stands."""
    await session.execute(EDGES.delete().where(EDGES.c.claim_id == claim_id))


async def stands_for(session: Session, actor_id: str, canonical_id: str, now: datetime) -> set[str]:
    """A person decided who this actor is; its canonical self stands for it. The keys this is about, before and after.

    What waits around them, or around a name of theirs, is placed anew soon.
    """
    actor = (await session.execute(sa.select(ACTORS).where(ACTORS.c.id == actor_id).with_for_update())).one_or_none()
    if actor is None:
        return set()
    canonical = None if canonical_id == actor_id else canonical_id
    await session.execute(ACTORS.update().where(ACTORS.c.id == actor_id).values(canonical_id=canonical))
    ids = {actor_id, canonical_id, actor.canonical_id or actor_id}
    named = await session.execute(sa.select(NAMES.c.folded).where(NAMES.c.actor_id.in_(sorted(ids))))
    keys = {f"{actor.kind}:{id}" for id in ids}
    await rejoin(session, [*keys, *(f"NAME:{name}" for name in named.scalars())], now)
    return keys


async def rejoin(session: Session, keys: Iterable[str], now: datetime) -> None:
    """Look again, soon, at what waits around these parties."""
    await session.insert_ignore(REJOIN, [{"key": key, "since": now} for key in sorted(set(keys))])


async def take_rejoin(session: Session, limit: int) -> list[str]:
    """The parties to look at again, taken off the list."""
    found = await session.execute(sa.select(REJOIN.c.key).order_by(REJOIN.c.since).limit(limit))
    keys = list(found.scalars())
    if keys:
        await session.execute(REJOIN.delete().where(REJOIN.c.key.in_(keys)))
    return keys


async def rejoin_waits(session: Session) -> bool:
    """Whether there is anybody to look at again."""
    return (await session.execute(sa.select(REJOIN.c.key).limit(1))).first() is not None


async def parties(session: Session, actor_ids: Sequence[str]) -> list[Party]:
    """These actors as parties, in the order given; one that is not known yet is taken for a person."""
    found = await session.execute(sa.select(ACTORS.c.id, ACTORS.c.kind).where(ACTORS.c.id.in_(sorted(set(actor_ids)))))
    kinds = {row.id: PartyKind(row.kind) for row in found}
    return [Party(kinds.get(actor_id, PartyKind.PERSON), actor_id) for actor_id in actor_ids]
