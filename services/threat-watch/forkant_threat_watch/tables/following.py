"""The tables of how a threat is followed up: what may be said of it, the measures, and what is asked for."""

from __future__ import annotations

import sqlalchemy as sa

from forkant_shared.database import Id, Json, UtcDateTime
from forkant_threat_watch.tables.metadata import METADATA

#: Who has been here, by their own token: the owners that can be named, and who of them is whom in the registry.
OFFICERS = sa.Table(
    "officers",
    METADATA,
    sa.Column("subject", sa.String(120), primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("actor_id", Id),
)
#: Whether what a report says can be shown; the newest answer holds and the others stay.
EXPOSURES = sa.Table(
    "exposure_answers",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("report_id", Id, sa.ForeignKey("reports.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("answer", sa.String(12), nullable=False),
    sa.Column("could_know", sa.Integer, nullable=False),
    sa.Column("open_origin", sa.Boolean, nullable=False),
    sa.Column("note", sa.Text),
    sa.Column("by", sa.String(120), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)
#: How many people could have known what two reports say; the newest number holds. `one` sorts before `other`.
OVERLAPS = sa.Table(
    "exposure_overlaps",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("one", Id, sa.ForeignKey("reports.id", ondelete="CASCADE"), nullable=False),
    sa.Column("other", Id, sa.ForeignKey("reports.id", ondelete="CASCADE"), nullable=False),
    sa.Column("could_know", sa.Integer, nullable=False),
    sa.Column("by", sa.String(120), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Index("ix_exposure_overlaps_pair", "one", "other"),
    sa.Index("ix_exposure_overlaps_other", "other"),
)
PLANS = sa.Table(
    "disclosure_plans",
    METADATA,
    sa.Column("threat_id", Id, sa.ForeignKey("threats.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
)
#: What will be said, a line each; one that is written anew is another line, and the old one stays as removed.
PLAN_LINES = sa.Table(
    "disclosure_lines",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("threat_id", Id, sa.ForeignKey("threats.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("written_by", sa.String(120), nullable=False),
    sa.Column("written_at", UtcDateTime, nullable=False),
    sa.Column("approved_by", sa.String(120)),
    sa.Column("approved_at", UtcDateTime),
    sa.Column("removed_by", sa.String(120)),
    sa.Column("removed_at", UtcDateTime),
)
LINE_REPORTS = sa.Table(
    "disclosure_line_reports",
    METADATA,
    sa.Column("line_id", Id, sa.ForeignKey("disclosure_lines.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("report_id", Id, sa.ForeignKey("reports.id", ondelete="CASCADE"), primary_key=True),
    sa.Index("ix_disclosure_line_reports_report_id", "report_id"),
)
CLEARANCES = sa.Table(
    "dialogue_clearances",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("threat_id", Id, sa.ForeignKey("threats.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("plan_version", sa.Integer, nullable=False),
    sa.Column("cleared_at", UtcDateTime, nullable=False),
    sa.Column("valid_until", UtcDateTime, nullable=False),
    sa.Column("alone", sa.Boolean, nullable=False),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("ended_by", sa.String(120)),
    sa.Column("cause", sa.String(20)),
)
_STANDING = CLEARANCES.c.ended_at.is_(None)
sa.Index("ix_dialogue_clearances_standing", CLEARANCES.c.threat_id, postgresql_where=_STANDING, sqlite_where=_STANDING)
#: Who has signed which version of a plan; a signature that made a clearance is used up.
SIGNATURES = sa.Table(
    "disclosure_signatures",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("threat_id", Id, sa.ForeignKey("threats.id", ondelete="CASCADE"), nullable=False),
    sa.Column("plan_version", sa.Integer, nullable=False),
    sa.Column("part", sa.String(10), nullable=False),
    sa.Column("by", sa.String(120), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("because", sa.Text),
    sa.Column("clearance_id", Id, sa.ForeignKey("dialogue_clearances.id", ondelete="CASCADE"), index=True),
    sa.Index("ix_disclosure_signatures_plan", "threat_id", "plan_version"),
)
#: `toward` is the key of the party it concerns, if one; `came_from` the threats it was made under, one after another,
#: that were merged into this one.
MEASURES = sa.Table(
    "measures",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("threat_id", Id, sa.ForeignKey("threats.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("came_from", Json, nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("toward", sa.String(220)),
    sa.Column("owner", sa.String(120), nullable=False),
    sa.Column("starts_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("made_by", sa.String(120), nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("level", sa.Integer, nullable=False),
    sa.Column("table_version", sa.String(40), nullable=False),
    sa.Column("outside", sa.Boolean, nullable=False),
    sa.Column("because", sa.Text),
    sa.Column("served", sa.Boolean),
    sa.Column("served_by", sa.String(120)),
    sa.Column("served_at", UtcDateTime),
    sa.Column("not_served_because", sa.Text),
    sa.Column("ended_by", sa.String(120)),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("ended_because", sa.Text),
    sa.Column("version", sa.Integer, nullable=False),
)
_RUNNING = MEASURES.c.ended_at.is_(None)
sa.Index("ix_measures_running", MEASURES.c.expires_at, postgresql_where=_RUNNING, sqlite_where=_RUNNING)
REQUESTS = sa.Table(
    "information_requests",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("threat_id", Id, sa.ForeignKey("threats.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("came_from", Json, nullable=False),
    sa.Column("about", sa.String(40), nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("owner", sa.String(120), nullable=False),
    sa.Column("asked_by", sa.String(120), nullable=False),
    sa.Column("asked_at", UtcDateTime, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("report_id", Id, sa.ForeignKey("reports.id", ondelete="SET NULL"), index=True),
    sa.Column("outcome", sa.String(12)),
    sa.Column("ended_by", sa.String(120)),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("note", sa.Text),
    sa.Column("version", sa.Integer, nullable=False),
)
