"""What was last heard of threat-watch."""

from __future__ import annotations

import sqlalchemy as sa

from forkant_notifier.tables.metadata import METADATA
from forkant_shared.database import Id, UtcDateTime

#: One row: the last heartbeat of threat-watch that came the whole way, and the page its silence opened.
WATCH = sa.Table(
    "watch",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("beat_at", UtcDateTime, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("page_id", Id),
)
