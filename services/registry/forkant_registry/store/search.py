"""Finds actors by name: words alike in the vocabulary first, then the names made of them, then a fair comparison.

The cost grows with the vocabulary and with the answer, not with the register: at most `MOST_WORDS` spellings are
followed for each word asked for and at most `MOST_ACTORS` actors are compared.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from forkant_registry.domain.matching import Asked, Hit, match
from forkant_registry.domain.spelling import Spelling, trigrams
from forkant_registry.store import actors
from forkant_registry.store.actors import Labelled
from forkant_registry.store.rows import visible
from forkant_registry.tables import ACTORS, CLAIMS, NAME_WORDS, WORD_TRIGRAMS, WORDS
from forkant_shared.database import Session
from forkant_shared.identity import Principal

MOST_WORDS = 40
MOST_ACTORS = 120
# Beside those who have every word of the query, this many who have one: a word may be wrong altogether.
MOST_PARTIAL = 40
# Words fetched to be compared with the one asked for; trigrams in common decide which.
NEAR_WORDS = 80
# Words are followed in tiers of merit, the best first, so that a full house is full of the best.
TIERS = (0.0, 0.75, 0.92, 1.01)
# Beyond this many, one word of the query is as common as another.
COUNTED = 5000


@dataclass(frozen=True, slots=True)
class Found:
    """An actor and how it fits."""

    actor: Labelled
    hit: Hit


@dataclass(frozen=True, slots=True)
class _Slot:
    """One word asked for: the words of the vocabulary like it in tiers, the likest first."""

    tiers: tuple[tuple[int, ...], ...]
    uses: int

    @property
    def ids(self) -> list[int]:
        return [id for tier in self.tiers for id in tier]


async def find(session: Session, who: Principal, text: str, spelling: Spelling, *, kind: str | None) -> list[Found]:
    """The actors that fit, the best first; a tie by name and id. Only what `who` may know of takes part."""
    asked = Asked.read(text, spelling)
    words = [await _slot(session, word, spelling) for word in dict.fromkeys(asked.folded)]
    ids = await _every_word(session, who, words, kind)
    if not ids and len(words) > 1:
        # Nobody has them all; they may be one word written apart.
        words.append(await _slot(session, asked.joined, spelling))
    await _some_word(session, who, words, kind, ids)
    found = []
    for actor in (await actors.labelled(session, who, ids)).values():
        hit = match(asked, actor.names, spelling)
        if hit is not None:
            found.append(Found(actor, hit))
    found.sort(key=lambda one: (-one.hit.score, spelling.fold(one.actor.label), one.actor.id))
    return found


async def _slot(session: Session, word: str, spelling: Spelling) -> _Slot:
    parts = sorted(trigrams(word))
    same = sa.select(WORDS.c.id, WORDS.c.word).where(
        sa.or_(
            WORDS.c.word == word,
            WORDS.c.variant == spelling.variant(word),
            WORDS.c.sound == spelling.sound(word),
        )
    )
    shared = sa.func.count()
    near = (
        sa.select(WORD_TRIGRAMS.c.word_id)
        .where(WORD_TRIGRAMS.c.trigram.in_(parts))
        .group_by(WORD_TRIGRAMS.c.word_id)
        .having(shared >= _least_shared(len(parts), spelling.edits_allowed(len(word))))
        .order_by(shared.desc(), WORD_TRIGRAMS.c.word_id)
        .limit(NEAR_WORDS)
        .subquery()
    )
    alike = sa.select(WORDS.c.id, WORDS.c.word).join(near, near.c.word_id == WORDS.c.id)
    merits: dict[int, float] = {}
    for row in await session.execute(sa.union(same, alike)):
        likeness = spelling.likeness(word, row.word)
        if likeness is not None:
            merits[row.id] = likeness.score
    best = sorted(merits, key=lambda id: (-merits[id], id))[:MOST_WORDS]
    tiers = [[id for id in best if least <= merits[id] < below] for least, below in itertools.pairwise(TIERS)]
    return _Slot(tuple(tuple(tier) for tier in reversed(tiers) if tier), await _uses(session, best))


def _least_shared(parts: int, edits: int) -> int:
    """How many trigrams a word with this many typing errors must still have in common: each error spoils three."""
    return max(1, parts - 3 * max(edits, 1))


async def _uses(session: Session, ids: Sequence[int]) -> int:
    if not ids:
        return 0
    some = sa.select(NAME_WORDS.c.word_id).where(NAME_WORDS.c.word_id.in_(ids)).limit(COUNTED).subquery()
    return int((await session.execute(sa.select(sa.func.count()).select_from(some))).scalar_one())


async def _every_word(session: Session, who: Principal, words: Sequence[_Slot], kind: str | None) -> dict[str, None]:
    """Actors that have every word asked for, in one name or in several."""
    found: dict[str, None] = {}
    rarest, *others = sorted(words, key=lambda slot: slot.uses) or [_Slot((), 0)]
    if others and all(slot.tiers for slot in words):
        await _collect(session, who, rarest, others, kind, found, MOST_ACTORS)
    return found


async def _some_word(
    session: Session, who: Principal, words: Sequence[_Slot], kind: str | None, found: dict[str, None]
) -> None:
    """Add actors that have one of the words, the rarest word first."""
    most = min(MOST_ACTORS, len(found) + MOST_PARTIAL) if found else MOST_ACTORS
    for slot in sorted(words, key=lambda slot: slot.uses):
        await _collect(session, who, slot, (), kind, found, most)


async def _collect(
    session: Session,
    who: Principal,
    slot: _Slot,
    others: Sequence[_Slot],
    kind: str | None,
    found: dict[str, None],
    most: int,
) -> None:
    """Add actors that have the slot's words, the likest words first, until there are `most` to compare."""
    for tier in slot.tiers:
        if len(found) >= most:
            return
        statement = (
            sa.select(NAME_WORDS.c.actor_id)
            .join(CLAIMS, CLAIMS.c.id == NAME_WORDS.c.claim_id)
            .join(ACTORS, ACTORS.c.id == NAME_WORDS.c.actor_id)
            .where(NAME_WORDS.c.word_id.in_(tier), visible(who, CLAIMS, ACTORS))
            .distinct()
            .limit(MOST_ACTORS)
        )
        if kind is not None:
            statement = statement.where(ACTORS.c.kind == kind)
        for other in others:
            also = NAME_WORDS.alias()
            statement = statement.where(
                sa.exists().where(also.c.actor_id == NAME_WORDS.c.actor_id, also.c.word_id.in_(other.ids))
            )
        for row in await session.execute(statement):
            if len(found) < most:
                found[row.actor_id] = None
