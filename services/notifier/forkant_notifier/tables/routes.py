"""How each route is doing, as all instances know it."""

from __future__ import annotations

import sqlalchemy as sa

from forkant_notifier.tables.metadata import METADATA
from forkant_shared.database import Id, UtcDateTime

ROUTES = sa.Table(
    "routes",
    METADATA,
    sa.Column("name", sa.String(60), primary_key=True),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("failing_since", UtcDateTime),
    sa.Column("last_good_at", UtcDateTime),
    sa.Column("last_proven_at", UtcDateTime),
    sa.Column("last_failed_at", UtcDateTime),
    sa.Column("last_cause", sa.String(60)),
    sa.Column("tested_at", UtcDateTime),
    sa.Column("page_id", Id),
    sa.Column("paged_at", UtcDateTime),
)
