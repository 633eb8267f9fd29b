"""Every try to reach a phone, and what carriers reported of it."""

from __future__ import annotations

import sqlalchemy as sa

from forkant_notifier.tables.metadata import METADATA
from forkant_shared.database import Id, Json, UtcDateTime

ATTEMPTS = sa.Table(
    "attempts",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("page_id", Id, index=True),
    sa.Column("code", sa.String(4), nullable=False),
    sa.Column("lane", sa.String(10), nullable=False),
    sa.Column("urgency", sa.SmallInteger, nullable=False),
    sa.Column("channel", sa.String(10), nullable=False),
    sa.Column("user", sa.String(80), nullable=False),
    sa.Column("address", sa.String(200), nullable=False),
    sa.Column("hint", sa.String(20)),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("tried", Json, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("lease_id", Id),
    sa.Column("lease_holder", sa.String(80)),
    sa.Column("lease_until", UtcDateTime),
    sa.Column("route", sa.String(60)),
    sa.Column("provider_id", sa.String(200)),
    sa.Column("submitted_at", UtcDateTime),
    sa.Column("receipt_at", UtcDateTime),
    sa.Column("cause", sa.String(60)),
    sa.Column("drill", sa.Boolean, nullable=False, server_default=sa.false()),
)
_due = ATTEMPTS.c.state == "DUE"
sa.Index("ix_attempts_due", ATTEMPTS.c.urgency, ATTEMPTS.c.due_at, postgresql_where=_due, sqlite_where=_due)
_held = ATTEMPTS.c.state == "LEASED"
sa.Index("ix_attempts_leased", ATTEMPTS.c.lease_until, postgresql_where=_held, sqlite_where=_held)
_sent = ATTEMPTS.c.state == "SUBMITTED"
sa.Index("ix_attempts_submitted", ATTEMPTS.c.route, ATTEMPTS.c.submitted_at, postgresql_where=_sent, sqlite_where=_sent)
#: What a person's phones did last.
sa.Index("ix_attempts_user", ATTEMPTS.c.user, ATTEMPTS.c.due_at)
sa.Index("ix_attempts_provider", ATTEMPTS.c.provider_id, ATTEMPTS.c.route)

#: What carriers reported, as it came; `applied` once an attempt has taken it, for a receipt may come before the answer.
RECEIPTS = sa.Table(
    "receipts",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("route", sa.String(60), nullable=False),
    sa.Column("provider_id", sa.String(200), nullable=False),
    sa.Column("delivered", sa.Boolean, nullable=False),
    sa.Column("cause", sa.String(60)),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("applied", sa.Boolean, nullable=False),
)
sa.Index("ix_receipts_provider", RECEIPTS.c.provider_id, RECEIPTS.c.route)
_early = RECEIPTS.c.applied.is_(False)
sa.Index("ix_receipts_early", RECEIPTS.c.at, postgresql_where=_early, sqlite_where=_early)

#: What the fake phones got; embedded mode and trial only.
SANDBOX_MESSAGES = sa.Table(
    "sandbox_messages",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("to", sa.String(200), nullable=False),
    sa.Column("channel", sa.String(10), nullable=False),
    sa.Column("body", sa.String(160), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False, index=True),
)
