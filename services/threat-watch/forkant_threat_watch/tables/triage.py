"""The tables of the text triage: what a text proposed, and what people said of it."""

from __future__ import annotations

import sqlalchemy as sa

from forkant_shared.database import Id, Json, UtcDateTime
from forkant_threat_watch.tables.metadata import METADATA

#: One row for each report that came as text alone. `urgency` orders the queue: 0 is imminent. `excluded` are the actors
#: the text seems to be aimed at.
TRIAGE = sa.Table(
    "triage_entries",
    METADATA,
    sa.Column("report_id", Id, sa.ForeignKey("reports.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("standing", sa.String(12), nullable=False),
    sa.Column("imminent", sa.Boolean, nullable=False),
    sa.Column("urgency", sa.SmallInteger, nullable=False),
    sa.Column("proposals", Json, nullable=False),
    sa.Column("triggers", Json, nullable=False),
    sa.Column("excluded", Json, nullable=False),
    sa.Column("book_version", sa.String(40), nullable=False),
    sa.Column("read_at", UtcDateTime, nullable=False),
    sa.Column("escalation_id", Id, index=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("ix_triage_entries_standing", "standing", "urgency", "report_id"),
)
#: The pages that texts have opened; a further text of the same origin comes to one that still rings.
TEXT_ESCALATIONS = sa.Table(
    "text_escalations",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("origin", sa.String(80), nullable=False),
    sa.Column("lane", sa.String(10), nullable=False),
    sa.Column("rule", sa.String(60), nullable=False),
    sa.Column("reason", sa.String(60), nullable=False),
    sa.Column("raised_at", UtcDateTime, nullable=False),
    sa.Column("accepted_by", sa.String(120)),
    sa.Column("accepted_at", UtcDateTime),
    sa.Column("closed_at", UtcDateTime),
    sa.Index("ix_text_escalations_origin", "origin", "raised_at"),
)
#: What people said of a text, in order; nothing of it is ever changed.
TRIAGE_VERDICTS = sa.Table(
    "triage_verdicts",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("report_id", Id, sa.ForeignKey("reports.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("standing", sa.String(12), nullable=False),
    sa.Column("signals", Json, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("by", sa.String(120), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)
