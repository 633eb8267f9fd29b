"""Drafts of a policy: every text they have had, who wrote it, what its examples showed, and who signed it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from forkant_shared.database import Session
from forkant_threat_watch.domain.workbench import Signature
from forkant_threat_watch.tables import (
    POLICY_DRAFTS,
    POLICY_REVISIONS,
    POLICY_SCENARIOS,
    POLICY_SIGNATURES,
    POLICY_TEXTS,
)

_OPEN = sa.and_(POLICY_DRAFTS.c.signed_as.is_(None), POLICY_DRAFTS.c.discarded_at.is_(None))


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as it stands: its newest text, and what its examples showed. `version` is what the text calls itself."""

    id: str
    name: str
    based_on: str
    revision: int
    signed_as: str | None
    version: str
    by: str
    at: datetime
    examples: Sequence[Mapping[str, Any]]
    failing: int
    digest: str
    text: str


_STANDING = (
    sa.select(
        POLICY_DRAFTS.c.id,
        POLICY_DRAFTS.c.name,
        POLICY_DRAFTS.c.based_on,
        POLICY_DRAFTS.c.revision,
        POLICY_DRAFTS.c.signed_as,
        POLICY_REVISIONS.c.version,
        POLICY_REVISIONS.c.by,
        POLICY_REVISIONS.c.at,
        POLICY_REVISIONS.c.examples,
        POLICY_REVISIONS.c.failing,
        POLICY_REVISIONS.c.digest,
        POLICY_TEXTS.c.text,
    )
    .join(
        POLICY_REVISIONS,
        sa.and_(
            POLICY_REVISIONS.c.draft_id == POLICY_DRAFTS.c.id, POLICY_REVISIONS.c.revision == POLICY_DRAFTS.c.revision
        ),
    )
    .join(POLICY_TEXTS, POLICY_TEXTS.c.digest == POLICY_REVISIONS.c.digest)
)


async def drafts(session: Session) -> list[Draft]:
    """The drafts that are neither signed nor discarded, the newest first."""
    found = await session.execute(_STANDING.where(_OPEN).order_by(POLICY_DRAFTS.c.id.desc()))
    return [Draft(**row._mapping) for row in found]


async def draft(session: Session, draft_id: str, *, lock: bool = False) -> Draft | None:
    """One draft that is not discarded; with `lock` nobody else changes it until the transaction ends."""
    if lock:
        held = sa.select(POLICY_DRAFTS.c.id).where(POLICY_DRAFTS.c.id == draft_id).with_for_update()
        await session.execute(held)
    kept = sa.and_(POLICY_DRAFTS.c.id == draft_id, POLICY_DRAFTS.c.discarded_at.is_(None))
    row = (await session.execute(_STANDING.where(kept))).one_or_none()
    return None if row is None else Draft(**row._mapping)


async def named(session: Session, name: str) -> str | None:
    """The id of the open draft of this name."""
    found = await session.execute(sa.select(POLICY_DRAFTS.c.id).where(_OPEN, POLICY_DRAFTS.c.name == name))
    return found.scalar_one_or_none()


async def add(session: Session, draft_id: str, name: str, based_on: str) -> bool:
    """Begin a draft; False where there is one of this name."""
    row = {"id": draft_id, "name": name, "based_on": based_on, "revision": 0}
    return await session.insert_ignore(POLICY_DRAFTS, [row]) == 1


async def add_revision(session: Session, draft_id: str, row: Mapping[str, Any]) -> None:
    """Keep a draft's new text: `revision`, `digest`, `version`, `by`, `at`, `examples`, `failing`."""
    await session.execute(POLICY_REVISIONS.insert(), {"draft_id": draft_id, **row})
    await session.execute(POLICY_DRAFTS.update().where(POLICY_DRAFTS.c.id == draft_id).values(revision=row["revision"]))


async def discard(session: Session, draft_id: str, by: str, at: datetime) -> None:
    """Nobody wants the draft any more; what it said stays."""
    values = {"discarded_by": by, "discarded_at": at}
    await session.execute(POLICY_DRAFTS.update().where(POLICY_DRAFTS.c.id == draft_id).values(values))


async def signed_as(session: Session, draft_id: str, version: str) -> None:
    """The draft has become a version."""
    await session.execute(POLICY_DRAFTS.update().where(POLICY_DRAFTS.c.id == draft_id).values(signed_as=version))


async def writers(session: Session, draft_id: str) -> set[str]:
    """Everybody who wrote any of a draft's texts."""
    found = await session.execute(sa.select(POLICY_REVISIONS.c.by).where(POLICY_REVISIONS.c.draft_id == draft_id))
    return set(found.scalars())


async def text_of(session: Session, draft_id: str, revision: int) -> str | None:
    """What a draft said at one of its revisions."""
    found = await session.execute(
        sa.select(POLICY_TEXTS.c.text)
        .join(POLICY_REVISIONS, POLICY_REVISIONS.c.digest == POLICY_TEXTS.c.digest)
        .where(POLICY_REVISIONS.c.draft_id == draft_id, POLICY_REVISIONS.c.revision == revision)
    )
    return found.scalar_one_or_none()


async def signatures(session: Session, draft_id: str, revision: int) -> list[Signature]:
    """Who has signed this text, in order."""
    found = await session.execute(
        sa.select(POLICY_SIGNATURES.c.by, POLICY_SIGNATURES.c.name, POLICY_SIGNATURES.c.at)
        .where(POLICY_SIGNATURES.c.draft_id == draft_id, POLICY_SIGNATURES.c.revision == revision)
        .order_by(POLICY_SIGNATURES.c.at, POLICY_SIGNATURES.c.by)
    )
    return [Signature(row.by, row.name, row.at) for row in found]


async def sign(session: Session, draft_id: str, revision: int, signature: Signature) -> None:
    """Keep a signature under one text."""
    row = {"draft_id": draft_id, "revision": revision, "by": signature.by, "name": signature.name, "at": signature.at}
    await session.execute(POLICY_SIGNATURES.insert(), row)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A story that drafts are tried on."""

    name: str
    text: str
    by: str
    at: datetime


async def scenarios(session: Session) -> list[Scenario]:
    """The stories, by name."""
    found = await session.execute(sa.select(POLICY_SCENARIOS).order_by(POLICY_SCENARIOS.c.name))
    return [Scenario(**row._mapping) for row in found]


async def put_scenario(session: Session, scenario: Scenario) -> None:
    """Keep a story, in place of an earlier one of its name."""
    await drop_scenario(session, scenario.name)
    values = {"name": scenario.name, "text": scenario.text, "by": scenario.by, "at": scenario.at}
    await session.execute(POLICY_SCENARIOS.insert(), values)


async def drop_scenario(session: Session, name: str) -> bool:
    """Take a story away; False where there is none of this name."""
    found = await session.execute(POLICY_SCENARIOS.delete().where(POLICY_SCENARIOS.c.name == name))
    return found.rowcount == 1
