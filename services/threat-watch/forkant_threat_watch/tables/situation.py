"""What partners have been shown, final, a row for each period; and how meetings felt."""

from __future__ import annotations

import sqlalchemy as sa

from forkant_shared.database import Id, Json, UtcDateTime
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
#: The climate from -2 to 2, as the police felt it and as the counterpart said; `handling` is the dialogue's.
#: `correction` is the number of the correction of the minutes that it was told with, 0 for the minutes themselves.
CLIMATES = sa.Table(
    "meeting_climates",
    METADATA,
    sa.Column("meeting_id", Id, primary_key=True),
    sa.Column("correction", sa.Integer, nullable=False),
    sa.Column("dialogue_id", Id, nullable=False),
    sa.Column("group_id", Id, nullable=False),
    sa.Column("held_at", UtcDateTime, nullable=False, index=True),
    sa.Column("ours", sa.SmallInteger),
    sa.Column("theirs", sa.SmallInteger),
    sa.Column("handling", sa.String(12), nullable=False),
    sa.Column("compartment", sa.String(60)),
)
