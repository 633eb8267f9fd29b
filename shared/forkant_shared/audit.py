"""Who did what, when and why, in a chain nobody can mend in secret.

One gapless chain a service. A row is written in the transaction of what it tells about; its hash covers the one before
(SHA-256 over a domain tag, the previous hash and the row as RFC 8785 canonical JSON). Rows carry ids and codes, never
content. The head row is locked before the previous hash is read: without that lock a chain forks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import rfc8785
import sqlalchemy as sa

from forkant_shared.database import Json, Session, UtcDateTime, new_metadata
from forkant_shared.identity import Principal
from forkant_shared.telemetry import trail

TAG = b"forkant-audit-v1"
GENESIS = "0" * 64

Kind = Literal["COLLECTION", "ALTERATION", "CONSULTATION", "DISCLOSURE", "COMBINATION", "ERASURE", "DENIED"]

METADATA = new_metadata()
AUDIT = sa.Table(
    "audit",
    METADATA,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", UtcDateTime, nullable=False, index=True),
    sa.Column("subject", sa.String(120), nullable=False, index=True),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("action", sa.String(80), nullable=False),
    sa.Column("objects", Json, nullable=False),
    sa.Column("purpose", sa.String(300)),
    sa.Column("details", Json, nullable=False),
    sa.Column("correlation_id", sa.String(64), nullable=False),
    sa.Column("prev_hash", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)
HEAD = sa.Table(
    "audit_head",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)
_LOCK_HEAD = sa.select(HEAD.c.seq, HEAD.c.hash).with_for_update()
_MOVE_HEAD = HEAD.update().values(seq=sa.bindparam("new_seq"), hash=sa.bindparam("new_hash"))


@dataclass(frozen=True, slots=True)
class Broken:
    """The first row that does not fit, and what is wrong with it."""

    seq: int
    cause: Literal["GAP", "CHANGED", "UNLINKED", "CUT"]


async def record(
    session: Session,
    who: Principal,
    action: str,
    objects: Sequence[str],
    *,
    kind: Kind = "ALTERATION",
    purpose: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> int:
    """Add a row to the chain in this transaction; its number. `objects` are ids, `details` codes and counts."""
    seq, previous = session.audit_head or await _lock_head(session)
    row = {
        "seq": seq + 1,
        "at": session.clock.now(),
        "subject": who.subject,
        "kind": kind,
        "action": action,
        "objects": list(objects),
        "purpose": purpose,
        "details": dict(details or {}),
        "correlation_id": trail().correlation_id,
    }
    digest = _digest(previous, row)
    session.later(AUDIT, {**row, "prev_hash": previous, "hash": digest})
    session.run_later(_MOVE_HEAD, {"new_seq": seq + 1, "new_hash": digest})
    session.audit_head = (seq + 1, digest)
    return seq + 1


async def _lock_head(session: Session) -> tuple[int, str]:
    head = (await session.execute(_LOCK_HEAD)).one()
    return head.seq, head.hash


def _digest(previous: str, row: Mapping[str, Any]) -> str:
    at: datetime = row["at"]
    plain = {**row, "at": at.isoformat(timespec="microseconds")}
    return hashlib.sha256(TAG + bytes.fromhex(previous) + rfc8785.dumps(plain)).hexdigest()


def _fits(digest: str, previous: str, row: Mapping[str, Any]) -> bool:
    try:
        return _digest(previous, {**row, "details": _numbers_as_written(row["details"])}) == digest
    except (rfc8785.CanonicalizationError, OverflowError):
        return False


def _numbers_as_written(value: Any) -> Any:
    """PostgreSQL gives a large float without fraction back as an integer; as such it was never written."""
    if isinstance(value, dict):
        return {key: _numbers_as_written(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_numbers_as_written(inner) for inner in value]
    return float(value) if isinstance(value, int) and abs(value) >= 2**53 else value


async def verify(session: Session, *, batch: int = 1000) -> Broken | None:
    """Walk the whole chain; the first broken link, or None where all holds."""
    expected, previous, seen = 1, GENESIS, -(2**63)
    while True:
        rows = (
            await session.execute(sa.select(AUDIT).where(AUDIT.c.seq > seen).order_by(AUDIT.c.seq).limit(batch))
        ).all()
        for found in rows:
            row = dict(found._mapping)
            prev_hash, digest = row.pop("prev_hash"), row.pop("hash")
            if row["seq"] != expected:
                return Broken(expected, "GAP")
            if prev_hash != previous:
                return Broken(expected, "UNLINKED")
            if not _fits(digest, previous, row):
                return Broken(expected, "CHANGED")
            expected, previous, seen = expected + 1, digest, expected
        if len(rows) < batch:
            break
    head = (await session.execute(sa.select(HEAD.c.seq, HEAD.c.hash))).one()
    if (head.seq, head.hash) != (expected - 1, previous):
        return Broken(expected, "CUT")
    return None


async def length(session: Session) -> int:
    """How many rows the chain has."""
    return int((await session.execute(sa.select(HEAD.c.seq))).scalar_one())
