"""The search index: names that stand, the words they are made of, and the trigrams of the words."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from forkant_registry.domain.predicates import NameKind
from forkant_registry.domain.spelling import Spelling, trigrams
from forkant_registry.tables import NAME_WORDS, NAMES, WORD_TRIGRAMS, WORDS
from forkant_shared.database import Session


async def add(session: Session, claim_id: str, actor_id: str, kind: NameKind, value: str, spelling: Spelling) -> None:
    """Let a name be found."""
    await session.execute(
        NAMES.insert().values(
            claim_id=claim_id,
            actor_id=actor_id,
            kind=kind.kind,
            rank=kind.rank,
            weak=kind.weak,
            value=value,
            spelling=spelling.version,
        )
    )
    await _add_words(session, claim_id, actor_id, value, spelling)


async def remove(session: Session, claim_id: str) -> None:
    """Let a name no longer be found. Its words stay: they may be part of other names and say nothing alone."""
    await session.execute(NAME_WORDS.delete().where(NAME_WORDS.c.claim_id == claim_id))
    await session.execute(NAMES.delete().where(NAMES.c.claim_id == claim_id))


async def is_current(session: Session, spelling: Spelling) -> bool:
    """Whether every name and word was folded by the present rules."""
    old = [sa.exists().where(table.c.spelling != spelling.version) for table in (NAMES, WORDS)]
    return not (await session.execute(sa.select(sa.or_(*old)))).scalar_one()


async def fold_anew(session: Session, spelling: Spelling, *, after: str | None, limit: int) -> tuple[str | None, int]:
    """Fold up to `limit` names that were folded by other rules, above `after`: the last (None when done), how many."""
    statement = sa.select(NAMES).where(NAMES.c.spelling != spelling.version)
    if after is not None:
        statement = statement.where(NAMES.c.claim_id > after)
    rows = (await session.execute(statement.order_by(NAMES.c.claim_id).limit(limit))).all()
    for row in rows:
        await session.execute(NAME_WORDS.delete().where(NAME_WORDS.c.claim_id == row.claim_id))
        await _add_words(session, row.claim_id, row.actor_id, row.value, spelling)
    done = [row.claim_id for row in rows]
    await session.execute(NAMES.update().where(NAMES.c.claim_id.in_(done)).values(spelling=spelling.version))
    return (done[-1] if done else None), len(done)


async def hear_anew(session: Session, spelling: Spelling, *, limit: int) -> int:
    """Note how up to `limit` words sound by the present rules; how many there were."""
    found = await session.execute(
        sa.select(WORDS.c.id, WORDS.c.word).where(WORDS.c.spelling != spelling.version).limit(limit)
    )
    changes = [{"word_id": row.id, **_heard(row.word, spelling)} for row in found]
    if changes:
        await session.execute(
            WORDS.update()
            .where(WORDS.c.id == sa.bindparam("word_id"))
            .values({name: sa.bindparam(name) for name in ("sound", "variant", "spelling")}),
            changes,
        )
    return len(changes)


async def _add_words(session: Session, claim_id: str, actor_id: str, value: str, spelling: Spelling) -> None:
    words = sorted(set(spelling.tokens(value)))
    known = await _ids(session, words)
    fresh = [word for word in words if word not in known]
    if fresh:
        # Two at once may bring the same new word; one of them writes it, both find it.
        rows = [{"word": word, **_heard(word, spelling)} for word in fresh]
        await session.insert_ignore(WORDS, rows)
        found = await _ids(session, fresh)
        pairs = [{"trigram": part, "word_id": id} for word, id in found.items() for part in sorted(trigrams(word))]
        await session.insert_ignore(WORD_TRIGRAMS, pairs)
        known |= found
    links = [{"word_id": id, "actor_id": actor_id, "claim_id": claim_id} for id in known.values()]
    await session.insert_ignore(NAME_WORDS, links)


async def _ids(session: Session, words: Collection[str]) -> dict[str, int]:
    found = await session.execute(sa.select(WORDS.c.word, WORDS.c.id).where(WORDS.c.word.in_(list(words))))
    return {row.word: row.id for row in found}


def _heard(word: str, spelling: Spelling) -> dict[str, str]:
    return {"sound": spelling.sound(word), "variant": spelling.variant(word), "spelling": spelling.version}
