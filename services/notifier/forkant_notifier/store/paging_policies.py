"""Paging policies as they were when first used, and which of them new pages climb by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from forkant_notifier.tables import POLICIES, POLICY_CHOICES
from forkant_shared.database import Session

LOCK = "paging-policy"


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody's word on which version new pages climb by, from when, and why."""

    number: int
    version: str
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A version as it is stored; `by` is None for one that came with the program."""

    document: dict[str, Any]
    at: datetime
    by: str | None


async def keep(session: Session, version: str, document: Mapping[str, Any], by: str | None = None) -> None:
    """Keep a policy as it is; one that is there already is left alone."""
    row = {"version": version, "document": dict(document), "stored_at": session.clock.now(), "stored_by": by}
    await session.insert_ignore(POLICIES, [row])


async def kept(session: Session) -> dict[str, Kept]:
    """Every policy that is stored, by version, the one stored last first."""
    columns = POLICIES.c
    found = await session.execute(sa.select(POLICIES).order_by(columns.stored_at.desc(), columns.version.desc()))
    return {row.version: Kept(row.document, row.stored_at, row.stored_by) for row in found}


async def choose(session: Session, version: str, at: datetime, by: str, reason: str) -> None:
    """New pages climb by this version from now on."""
    row = {"version": version, "at": at, "by": by, "reason": reason}
    await session.execute(POLICY_CHOICES.insert(), row)


async def chosen(session: Session) -> str | None:
    """The version chosen last; None where nobody has chosen."""
    statement = sa.select(POLICY_CHOICES.c.version).order_by(POLICY_CHOICES.c.number.desc()).limit(1)
    return (await session.execute(statement)).scalar_one_or_none()


async def choices(session: Session, limit: int) -> list[Choice]:
    """What was chosen, the newest first."""
    statement = sa.select(POLICY_CHOICES).order_by(POLICY_CHOICES.c.number.desc()).limit(limit)
    return [Choice(**row._mapping) for row in await session.execute(statement)]
