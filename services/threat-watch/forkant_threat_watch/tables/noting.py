"""The table of notes and observations that were taken back: what comes after finds them here, also where it is late."""

from __future__ import annotations

import sqlalchemy as sa

from forkant_shared.database import Id, UtcDateTime
from forkant_threat_watch.tables.metadata import METADATA

WITHDRAWN_NOTES = sa.Table(
    "withdrawn_notes",
    METADATA,
    sa.Column("note_id", Id, primary_key=True),
    sa.Column("cause", sa.String(20), nullable=False),
    sa.Column("withdrawn_at", UtcDateTime, nullable=False),
)
