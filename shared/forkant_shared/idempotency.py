"""The same key with the same body gets the same answer; with another body it is refused.

The key is claimed in the transaction of the command it guards, so a crash leaves neither or both.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from forkant_shared.database import Json, Session, UtcDateTime, new_metadata
from forkant_shared.errors import Conflict, Invalid
from forkant_shared.identity import Principal

KEEP = timedelta(days=30)
LONGEST_KEY = 200

METADATA = new_metadata()
KEYS = sa.Table(
    "idempotency_keys",
    METADATA,
    sa.Column("subject", sa.String(120), primary_key=True),
    sa.Column("key", sa.String(LONGEST_KEY), primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("status", sa.Integer),
    sa.Column("answer", Json),
    sa.Column("at", UtcDateTime, nullable=False, index=True),
)
_STORE = KEYS.update().where(KEYS.c.subject == sa.bindparam("of_subject"), KEYS.c.key == sa.bindparam("of_key"))


@dataclass(frozen=True, slots=True)
class Stored:
    """What was answered the first time."""

    status: int
    answer: dict[str, Any]


def digest_of(body: bytes) -> str:
    """What two equal bodies have in common."""
    return hashlib.sha256(body).hexdigest()


async def claim(session: Session, key: str, who: Principal, digest: str) -> Stored | None:
    """Take the key for this caller; the stored answer where it was used before with the same body.

    Raises Conflict where it was used with another body, Invalid where the key is empty or too long.
    """
    if not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
        raise Invalid(
            f"The key must have 1 to {LONGEST_KEY} printable characters.",
            field="Idempotency-Key",
            remedy="Send a UUID made once for each thing you want done.",
        )
    row = {"subject": who.subject, "key": key, "digest": digest, "at": session.clock.now()}
    if await session.insert_ignore(KEYS, [row]):
        return None
    found = (await session.execute(sa.select(KEYS).where(KEYS.c.subject == who.subject, KEYS.c.key == key))).one()
    if found.digest != digest or found.status is None:
        raise Conflict(
            "This key was used before with another body.",
            field="Idempotency-Key",
            remedy="Send the first body again, or use a new key for a new thing.",
        )
    return Stored(found.status, found.answer)


async def store(session: Session, key: str, who: Principal, *, status: int, answer: dict[str, Any]) -> None:
    """Keep the answer for the next time the key comes."""
    row = {"of_subject": who.subject, "of_key": key, "status": status, "answer": answer}
    session.run_later(_STORE, row)


async def trim(session: Session) -> int:
    """Forget keys older than `KEEP`; the number forgotten."""
    return (await session.execute(KEYS.delete().where(KEYS.c.at < session.clock.now() - KEEP))).rowcount
