"""Browser sessions, and the signing key of embedded mode and trial."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from forkant_notifier.tables import SESSIONS, SIGNING_KEYS
from forkant_shared.database import Session


@dataclass(frozen=True, slots=True)
class BrowserSession:
    """Somebody is logged in in a browser, until `ends_at` or until ended."""

    id: str
    subject: str
    name: str
    roles: tuple[str, ...]
    actor_id: str | None
    compartments: tuple[str, ...]
    began_at: datetime
    ends_at: datetime
    ended_at: datetime | None = None

    def lives(self, now: datetime) -> bool:
        return self.ended_at is None and now < self.ends_at


async def insert(session: Session, found: BrowserSession, secret_digest: str) -> None:
    await session.execute(
        SESSIONS.insert().values(
            id=found.id,
            secret_digest=secret_digest,
            subject=found.subject,
            name=found.name,
            roles=list(found.roles),
            actor_id=found.actor_id,
            compartments=list(found.compartments),
            began_at=found.began_at,
            ends_at=found.ends_at,
        )
    )


async def by_secret(session: Session, secret_digest: str) -> BrowserSession | None:
    row = (await session.execute(sa.select(SESSIONS).where(SESSIONS.c.secret_digest == secret_digest))).one_or_none()
    return None if row is None else _session(row)


async def by_id(session: Session, session_id: str) -> BrowserSession | None:
    row = (await session.execute(sa.select(SESSIONS).where(SESSIONS.c.id == session_id))).one_or_none()
    return None if row is None else _session(row)


async def end(session: Session, session_id: str) -> bool:
    """End it; False where it had ended before."""
    found = await session.execute(
        SESSIONS.update()
        .where(SESSIONS.c.id == session_id, SESSIONS.c.ended_at.is_(None))
        .values(ended_at=session.clock.now())
    )
    return found.rowcount == 1


def _session(row: Any) -> BrowserSession:
    return BrowserSession(
        id=row.id,
        subject=row.subject,
        name=row.name,
        roles=tuple(row.roles),
        actor_id=row.actor_id,
        compartments=tuple(row.compartments),
        began_at=row.began_at,
        ends_at=row.ends_at,
        ended_at=row.ended_at,
    )


async def signing_key(session: Session) -> str | None:
    """The key as PEM, if one has been made."""
    found = await session.execute(sa.select(SIGNING_KEYS.c.pem).where(SIGNING_KEYS.c.id == 1))
    return found.scalar_one_or_none()


async def keep_signing_key(session: Session, pem: str) -> None:
    """Keep the key unless another instance was first."""
    await session.insert_ignore(SIGNING_KEYS, [{"id": 1, "pem": pem, "made_at": session.clock.now()}])
