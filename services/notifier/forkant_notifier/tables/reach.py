"""What a person has given so that they can be reached and known: a PIN for calls, and browsers that take a push."""

from __future__ import annotations

import sqlalchemy as sa

from forkant_notifier.tables.metadata import METADATA
from forkant_shared.database import Id, UtcDateTime

PINS = sa.Table(
    "pins",
    METADATA,
    sa.Column("user", sa.String(80), primary_key=True),
    sa.Column("salt", sa.LargeBinary(16), nullable=False),
    sa.Column("seal", sa.LargeBinary(32), nullable=False),
    sa.Column("wrong", sa.Integer, nullable=False),
    sa.Column("locked_until", UtcDateTime),
    sa.Column("set_at", UtcDateTime, nullable=False),
)

PUSH_SUBSCRIPTIONS = sa.Table(
    "push_subscriptions",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("user", sa.String(80), nullable=False, index=True),
    sa.Column("endpoint", sa.String(1000), nullable=False, unique=True),
    sa.Column("key", sa.String(120), nullable=False),
    sa.Column("secret", sa.String(40), nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
)
