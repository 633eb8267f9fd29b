"""The table of what partners have been shown: final, a row for each period."""

from __future__ import annotations

import sqlalchemy as sa

from forkant_shared.database import Json, UtcDateTime
from forkant_threat_watch.tables.metadata import METADATA

PICTURES = sa.Table(
    "partner_pictures",
    METADATA,
    sa.Column("begins", sa.Date, primary_key=True),
    sa.Column("ends", sa.Date, nullable=False),
    sa.Column("published_at", UtcDateTime, nullable=False),
    sa.Column("rules_version", sa.String(40), nullable=False),
    sa.Column("cells", Json, nullable=False),
)
