"""Drills: pages that only exercise the chain."""

from __future__ import annotations

import sqlalchemy as sa

from forkant_notifier.tables.metadata import METADATA
from forkant_shared.database import Id, UtcDateTime

#: Who asked for each drill, and when it ends by itself; all else of it is its page's.
DRILLS = sa.Table(
    "drills",
    METADATA,
    sa.Column("page_id", Id, sa.ForeignKey("pages.id"), primary_key=True),
    sa.Column("started_by", sa.String(80), nullable=False),
    sa.Column("ends_at", UtcDateTime, nullable=False),
)
