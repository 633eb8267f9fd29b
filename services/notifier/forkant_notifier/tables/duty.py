"""Who may be on duty, their phones, and the rota."""

from __future__ import annotations

import sqlalchemy as sa

from forkant_notifier.tables.metadata import METADATA
from forkant_shared.database import Id, Json, UtcDateTime

#: Who may be on duty, and the lines of the floor.
PEOPLE = sa.Table(
    "people",
    METADATA,
    sa.Column("user", sa.String(80), primary_key=True),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("actor_id", Id),
    sa.Column("floor", sa.Boolean, nullable=False),
)
DEVICES = sa.Table(
    "devices",
    METADATA,
    sa.Column("user", sa.String(80), sa.ForeignKey("people.user"), primary_key=True),
    sa.Column("channel", sa.String(10), primary_key=True),
    sa.Column("address", sa.String(200), nullable=False, index=True),
)
ROTATIONS = sa.Table(
    "rotations",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("tier", sa.Integer, nullable=False),
    sa.Column("members", Json, nullable=False),
    sa.Column("starts_on", sa.Date, nullable=False),
    sa.Column("handover", sa.String(5), nullable=False),
    sa.Column("days", sa.Integer, nullable=False),
    sa.Column("zone", sa.String(40), nullable=False),
)
OVERRIDES = sa.Table(
    "overrides",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("tier", sa.Integer, nullable=False),
    sa.Column("user", sa.String(80), nullable=False),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("until", UtcDateTime, nullable=False, index=True),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("made_by", sa.String(80), nullable=False),
)
