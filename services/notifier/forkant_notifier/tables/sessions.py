"""Who is logged in, and the key that signs for them."""

from __future__ import annotations

import sqlalchemy as sa

from forkant_notifier.tables.metadata import METADATA
from forkant_shared.database import Id, Json, UtcDateTime

SESSIONS = sa.Table(
    "sessions",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("secret_digest", sa.String(64), nullable=False, unique=True),
    sa.Column("subject", sa.String(120), nullable=False, index=True),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("roles", Json, nullable=False),
    sa.Column("actor_id", Id),
    sa.Column("compartments", Json, nullable=False),
    sa.Column("began_at", UtcDateTime, nullable=False),
    sa.Column("ends_at", UtcDateTime, nullable=False, index=True),
    sa.Column("ended_at", UtcDateTime),
)
#: The key of embedded mode and trial; elsewhere the key is a file of the operator's.
SIGNING_KEYS = sa.Table(
    "signing_keys",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("pem", sa.Text, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
)
