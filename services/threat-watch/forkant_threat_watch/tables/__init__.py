"""The tables of threat-watch: reports, signals, threats and what was said of them, and who the registry knows."""

from __future__ import annotations

import sqlalchemy as sa

from forkant_shared.database import Id, Json, Serial, UtcDateTime
from forkant_shared.migrations import include_kit
from forkant_threat_watch.tables.following import CLEARANCES as CLEARANCES
from forkant_threat_watch.tables.following import EXPOSURES as EXPOSURES
from forkant_threat_watch.tables.following import LINE_REPORTS as LINE_REPORTS
from forkant_threat_watch.tables.following import MEASURES as MEASURES
from forkant_threat_watch.tables.following import OFFICERS as OFFICERS
from forkant_threat_watch.tables.following import OVERLAPS as OVERLAPS
from forkant_threat_watch.tables.following import PLAN_LINES as PLAN_LINES
from forkant_threat_watch.tables.following import PLANS as PLANS
from forkant_threat_watch.tables.following import REQUESTS as REQUESTS
from forkant_threat_watch.tables.following import SIGNATURES as SIGNATURES
from forkant_threat_watch.tables.metadata import METADATA as METADATA
from forkant_threat_watch.tables.noting import WITHDRAWN_NOTES as WITHDRAWN_NOTES
from forkant_threat_watch.tables.policies import POLICIES as POLICIES
from forkant_threat_watch.tables.policies import POLICY_ADOPTIONS as POLICY_ADOPTIONS
from forkant_threat_watch.tables.policies import POLICY_COMPARISONS as POLICY_COMPARISONS
from forkant_threat_watch.tables.policies import POLICY_DRAFTS as POLICY_DRAFTS
from forkant_threat_watch.tables.policies import POLICY_REVISIONS as POLICY_REVISIONS
from forkant_threat_watch.tables.policies import POLICY_SCENARIOS as POLICY_SCENARIOS
from forkant_threat_watch.tables.policies import POLICY_SIGNATURES as POLICY_SIGNATURES
from forkant_threat_watch.tables.policies import POLICY_TEXTS as POLICY_TEXTS
from forkant_threat_watch.tables.situation import PICTURES as PICTURES
from forkant_threat_watch.tables.triage import TEXT_ESCALATIONS as TEXT_ESCALATIONS
from forkant_threat_watch.tables.triage import TRIAGE as TRIAGE
from forkant_threat_watch.tables.triage import TRIAGE_VERDICTS as TRIAGE_VERDICTS

COUNTERS = sa.Table(
    "counters",
    METADATA,
    sa.Column("name", sa.String(20), primary_key=True),
    sa.Column("value", sa.Integer, nullable=False),
)
REPORTS = sa.Table(
    "reports",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("reference", sa.String(20), nullable=False, unique=True),
    sa.Column("received_at", UtcDateTime, nullable=False, index=True),
    sa.Column("received_from", sa.String(120), nullable=False),
    sa.Column("observed_at", UtcDateTime, nullable=False),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("scale", sa.String(20)),
    sa.Column("source_grade", sa.String(4)),
    sa.Column("information_grade", sa.String(4)),
    sa.Column("origin", sa.String(80), nullable=False),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("verified", sa.Boolean),
    sa.Column("exposure", sa.String(12)),
    sa.Column("text", sa.Text),
    sa.Column("signals", Json, nullable=False),
    sa.Column("handling", sa.String(12), nullable=False),
    sa.Column("compartment", sa.String(60)),
    sa.Column("policy_version", sa.String(40), nullable=False),
    sa.Column("relevance_due_at", UtcDateTime, nullable=False),
    sa.Column("relevance_checked_at", UtcDateTime),
    sa.Column("relevance_checked_by", sa.String(120)),
    sa.Column("relevance_reason", sa.Text),
)
#: The four-month clock: reports nobody has found necessary and relevant yet.
_UNCHECKED = REPORTS.c.relevance_checked_at.is_(None)
sa.Index(
    "ix_reports_relevance_due_at", REPORTS.c.relevance_due_at, postgresql_where=_UNCHECKED, sqlite_where=_UNCHECKED
)
#: What is left of a destroyed report: that it was there, and why it is not any more.
DESTROYED = sa.Table(
    "destroyed_reports",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("reference", sa.String(20), nullable=False),
    sa.Column("received_at", UtcDateTime, nullable=False),
    sa.Column("destroyed_at", UtcDateTime, nullable=False, index=True),
    sa.Column("by", sa.String(120), nullable=False),
    sa.Column("cause", sa.String(10), nullable=False),
)
#: Reports nobody has graded yet are a task for the analyst.
sa.Index(
    "ix_reports_ungraded",
    REPORTS.c.received_at,
    postgresql_where=REPORTS.c.scale.is_(None),
    sqlite_where=REPORTS.c.scale.is_(None),
)
SIGNALS = sa.Table(
    "signals",
    METADATA,
    sa.Column("id", sa.String(100), primary_key=True),
    sa.Column("report", sa.String(100), nullable=False, index=True),
    sa.Column("factor", sa.String(20), nullable=False),
    sa.Column("strength", sa.Float, nullable=False),
    sa.Column("source_weight", sa.Float),
    sa.Column("information_weight", sa.Float),
    sa.Column("quality", sa.Float, nullable=False),
    sa.Column("origin", sa.String(100), nullable=False),
    sa.Column("observed_at", UtcDateTime, nullable=False),
    sa.Column("aggressor_kind", sa.String(10), nullable=False),
    sa.Column("aggressor_ref", sa.String(200), nullable=False),
    sa.Column("target_kind", sa.String(10), nullable=False),
    sa.Column("target_ref", sa.String(200), nullable=False),
    sa.Column("place", sa.String(40)),
    sa.Column("source", sa.String(10), nullable=False),
    sa.Column("graded", sa.Boolean, nullable=False),
    sa.Column("imminence_hours", sa.Float),
    sa.Column("spoken_by_aggressor", sa.Boolean, nullable=False),
    sa.Column("own_action", sa.String(40)),
    sa.Column("flat", sa.Boolean, nullable=False),
    sa.Column("flat_from", UtcDateTime),
    sa.Column("flat_until", UtcDateTime),
    sa.Column("event_at", UtcDateTime),
    sa.Column("received_at", UtcDateTime),
    sa.Column("weighed_by", sa.String(40)),
)
#: Signals that name a district, for the situation picture.
sa.Index(
    "ix_signals_place",
    SIGNALS.c.place,
    postgresql_where=SIGNALS.c.place.is_not(None),
    sqlite_where=SIGNALS.c.place.is_not(None),
)
#: Days and conflicts, which are few among many.
_FROM_REGISTRY = SIGNALS.c.source.in_(("CALENDAR", "CONFLICT"))
sa.Index(
    "ix_signals_from_registry",
    SIGNALS.c.source,
    SIGNALS.c.event_at,
    postgresql_where=_FROM_REGISTRY,
    sqlite_where=_FROM_REGISTRY,
)
#: Signals that count in no threat yet, or in every threat of a group, under each party they name.
STANDING = sa.Table(
    "standing_signals",
    METADATA,
    sa.Column("key", sa.String(220), primary_key=True),
    sa.Column("signal_id", sa.String(100), sa.ForeignKey("signals.id", ondelete="CASCADE"), primary_key=True),
    sa.Index("ix_standing_signals_signal_id", "signal_id"),
)
THREATS = sa.Table(
    "threats",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("reference", sa.String(20), nullable=False, unique=True),
    sa.Column("opened_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("level", sa.Integer, nullable=False),
    sa.Column("automatic", sa.Integer, nullable=False),
    sa.Column("index", sa.Float, nullable=False),
    sa.Column("handling", sa.String(12), nullable=False),
    sa.Column("compartment", sa.String(60)),
    sa.Column("due_at", UtcDateTime),
    sa.Column("standing", Json, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("assessed_by", sa.String(40)),
)
_OPEN = THREATS.c.state.not_in(("CLOSED", "MERGED"))
sa.Index("ix_threats_due_at", THREATS.c.due_at, postgresql_where=_OPEN, sqlite_where=_OPEN)
sa.Index("ix_threats_level", THREATS.c.level, THREATS.c.id)
#: Who an open threat is filed under on each side, for a new signal to find it; `NOBODY` where that side is not known.
PARTIES = sa.Table(
    "threat_parties",
    METADATA,
    sa.Column("key", sa.String(220), primary_key=True),
    sa.Column("side", sa.String(1), primary_key=True),
    sa.Column("threat_id", Id, sa.ForeignKey("threats.id", ondelete="CASCADE"), primary_key=True),
    sa.Index("ix_threat_parties_threat_id", "threat_id"),
)
COUNTED = sa.Table(
    "threat_signals",
    METADATA,
    sa.Column("threat_id", Id, sa.ForeignKey("threats.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("signal_id", sa.String(100), sa.ForeignKey("signals.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("suggested", sa.Boolean, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Index("ix_threat_signals_signal_id", "signal_id"),
)
ASSESSMENTS = sa.Table(
    "assessments",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("threat_id", Id, sa.ForeignKey("threats.id", ondelete="CASCADE"), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("level", sa.Integer, nullable=False),
    sa.Column("automatic", sa.Integer, nullable=False),
    sa.Column("index", sa.Float, nullable=False),
    sa.Column("cause", sa.String(20), nullable=False),
    sa.Column("policy_version", sa.String(40), nullable=False),
    sa.Column("explanation", Json, nullable=False),
    sa.Index("ix_assessments_threat", "threat_id", "id"),
)
ESCALATIONS = sa.Table(
    "escalations",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("threat_id", Id, sa.ForeignKey("threats.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("lane", sa.String(10), nullable=False),
    sa.Column("rules", Json, nullable=False),
    sa.Column("reason", sa.String(60), nullable=False),
    sa.Column("leader", sa.Boolean, nullable=False),
    sa.Column("raised_at", UtcDateTime, nullable=False),
    sa.Column("replaces", Id),
    sa.Column("accepted_by", sa.String(120)),
    sa.Column("accepted_at", UtcDateTime),
    sa.Column("closed_at", UtcDateTime),
)
_UNACCEPTED = sa.and_(ESCALATIONS.c.closed_at.is_(None), ESCALATIONS.c.accepted_at.is_(None))
sa.Index("ix_escalations_unaccepted", ESCALATIONS.c.raised_at, postgresql_where=_UNACCEPTED, sqlite_where=_UNACCEPTED)
REVIEWS = sa.Table(
    "reviews",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("threat_id", Id, sa.ForeignKey("threats.id", ondelete="CASCADE"), index=True),
    sa.Column("cause", sa.String(60), nullable=False),
    sa.Column("asked_at", UtcDateTime, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("overdue_at", UtcDateTime),
    sa.Column("subjects", Json, nullable=False),
    sa.Column("proposed", sa.Integer),
    sa.Column("answered_at", UtcDateTime),
    sa.Column("answered_by", sa.String(120)),
    sa.Column("note", sa.Text),
)
_UNANSWERED = REVIEWS.c.answered_at.is_(None)
sa.Index(
    "ix_reviews_unanswered", REVIEWS.c.due_at, REVIEWS.c.id, postgresql_where=_UNANSWERED, sqlite_where=_UNANSWERED
)
#: What happened to a threat, in order, in codes; what people wrote stands in `note`.
TIMELINE = sa.Table(
    "timeline",
    METADATA,
    sa.Column("seq", Serial, primary_key=True, autoincrement=True),
    sa.Column("threat_id", Id, sa.ForeignKey("threats.id", ondelete="CASCADE"), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("what", sa.String(40), nullable=False),
    sa.Column("by", sa.String(120), nullable=False),
    sa.Column("codes", Json, nullable=False),
    sa.Column("note", sa.Text),
    sa.Index("ix_timeline_threat", "threat_id", "seq"),
)
ANSWERS = sa.Table(
    "checklist_answers",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("threat_id", Id, sa.ForeignKey("threats.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("point", sa.Integer, nullable=False),
    sa.Column("answer", sa.String(20), nullable=False),
    sa.Column("note", sa.Text),
    sa.Column("by", sa.String(120), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)
#: Rules that spoke once for all about those concerned and not about one threat.
ASKED = sa.Table("asked_once", METADATA, sa.Column("key", sa.String(300), primary_key=True))

# -- the projection of the registry ----------------------------------------------------------------------------------

ACTORS = sa.Table(
    "actors",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("canonical_id", Id, index=True),
    sa.Column("label", sa.String(200)),
    sa.Column("names_wanted_at", UtcDateTime, index=True),
)
NAMES = sa.Table(
    "actor_names",
    METADATA,
    sa.Column("folded", sa.String(200), primary_key=True),
    sa.Column("actor_id", Id, sa.ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True),
    sa.Index("ix_actor_names_actor_id", "actor_id"),
)
EDGES = sa.Table(
    "edges",
    METADATA,
    sa.Column("claim_id", Id, primary_key=True),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("left", sa.String(60), nullable=False, index=True),
    sa.Column("right", sa.String(60), nullable=False, index=True),
    sa.Column("valid_to", UtcDateTime),
)
#: Parties about whom something has become known since signals were placed.
REJOIN = sa.Table(
    "rejoin_parties",
    METADATA,
    sa.Column("key", sa.String(220), primary_key=True),
    sa.Column("since", UtcDateTime, nullable=False, index=True),
)
HEARTBEAT = sa.Table(
    "heartbeat",
    METADATA,
    sa.Column("watch_id", sa.String(40), primary_key=True),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("beat_at", UtcDateTime, nullable=False),
)

include_kit(METADATA)
