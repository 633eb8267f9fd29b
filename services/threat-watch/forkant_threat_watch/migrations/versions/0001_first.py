"""The first shape of threat-watch's database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from forkant_shared.database import Id, Json, Serial, UtcDateTime
from forkant_shared.migrations import drop_kit_0001, kit_0001

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    kit_0001()
    _reports()
    _threats()
    _said()
    _projection()


def downgrade() -> None:
    for table in (
        "heartbeat",
        "rejoin_parties",
        "edges",
        "actor_names",
        "actors",
        "asked_once",
        "checklist_answers",
        "timeline",
        "reviews",
        "escalations",
        "assessments",
        "threat_signals",
        "threat_parties",
        "threats",
        "standing_signals",
        "signals",
        "reports",
        "counters",
    ):
        op.drop_table(table)
    drop_kit_0001()


def _reports() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    op.create_table(
        "reports",
        sa.Column("id", Id, nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("received_at", UtcDateTime, nullable=False),
        sa.Column("received_from", sa.String(length=120), nullable=False),
        sa.Column("observed_at", UtcDateTime, nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("scale", sa.String(length=20), nullable=True),
        sa.Column("source_grade", sa.String(length=4), nullable=True),
        sa.Column("information_grade", sa.String(length=4), nullable=True),
        sa.Column("origin", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=True),
        sa.Column("exposure", sa.String(length=12), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("signals", Json, nullable=False),
        sa.Column("handling", sa.String(length=12), nullable=False),
        sa.Column("compartment", sa.String(length=60), nullable=True),
        sa.Column("policy_version", sa.String(length=40), nullable=False),
        sa.Column("relevance_due_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("reference", name=op.f("uq_reports_reference")),
    )
    op.create_index(op.f("ix_reports_received_at"), "reports", ["received_at"], unique=False)
    op.create_index(
        "ix_reports_ungraded",
        "reports",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("scale IS NULL"),
        sqlite_where=sa.text("scale IS NULL"),
    )
    op.create_table(
        "signals",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("report", sa.String(length=100), nullable=False),
        sa.Column("factor", sa.String(length=20), nullable=False),
        sa.Column("strength", sa.Float(), nullable=False),
        sa.Column("source_weight", sa.Float(), nullable=True),
        sa.Column("information_weight", sa.Float(), nullable=True),
        sa.Column("quality", sa.Float(), nullable=False),
        sa.Column("origin", sa.String(length=100), nullable=False),
        sa.Column("observed_at", UtcDateTime, nullable=False),
        sa.Column("aggressor_kind", sa.String(length=10), nullable=False),
        sa.Column("aggressor_ref", sa.String(length=200), nullable=False),
        sa.Column("target_kind", sa.String(length=10), nullable=False),
        sa.Column("target_ref", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=40), nullable=True),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("graded", sa.Boolean(), nullable=False),
        sa.Column("imminence_hours", sa.Float(), nullable=True),
        sa.Column("spoken_by_aggressor", sa.Boolean(), nullable=False),
        sa.Column("own_action", sa.String(length=40), nullable=True),
        sa.Column("flat", sa.Boolean(), nullable=False),
        sa.Column("flat_from", UtcDateTime, nullable=True),
        sa.Column("flat_until", UtcDateTime, nullable=True),
        sa.Column("event_at", UtcDateTime, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signals")),
    )
    op.create_index(op.f("ix_signals_report"), "signals", ["report"], unique=False)
    op.create_table(
        "standing_signals",
        sa.Column("key", sa.String(length=220), nullable=False),
        sa.Column("signal_id", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["signal_id"], ["signals.id"], name=op.f("fk_standing_signals_signal_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", "signal_id", name=op.f("pk_standing_signals")),
    )
    op.create_index("ix_standing_signals_signal_id", "standing_signals", ["signal_id"], unique=False)


def _threats() -> None:
    op.create_table(
        "threats",
        sa.Column("id", Id, nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("opened_at", UtcDateTime, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("automatic", sa.Integer(), nullable=False),
        sa.Column("index", sa.Float(), nullable=False),
        sa.Column("handling", sa.String(length=12), nullable=False),
        sa.Column("compartment", sa.String(length=60), nullable=True),
        sa.Column("due_at", UtcDateTime, nullable=True),
        sa.Column("standing", Json, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_threats")),
        sa.UniqueConstraint("reference", name=op.f("uq_threats_reference")),
    )
    op.create_index(
        "ix_threats_due_at",
        "threats",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("(state NOT IN ('CLOSED', 'MERGED'))"),
        sqlite_where=sa.text("(state NOT IN ('CLOSED', 'MERGED'))"),
    )
    op.create_index("ix_threats_level", "threats", ["level", "id"], unique=False)
    op.create_table(
        "threat_parties",
        sa.Column("key", sa.String(length=220), nullable=False),
        sa.Column("side", sa.String(length=1), nullable=False),
        sa.Column("threat_id", Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["threat_id"], ["threats.id"], name=op.f("fk_threat_parties_threat_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", "side", "threat_id", name=op.f("pk_threat_parties")),
    )
    op.create_index("ix_threat_parties_threat_id", "threat_parties", ["threat_id"], unique=False)
    op.create_table(
        "threat_signals",
        sa.Column("threat_id", Id, nullable=False),
        sa.Column("signal_id", sa.String(length=100), nullable=False),
        sa.Column("suggested", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["signal_id"], ["signals.id"], name=op.f("fk_threat_signals_signal_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["threat_id"], ["threats.id"], name=op.f("fk_threat_signals_threat_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("threat_id", "signal_id", name=op.f("pk_threat_signals")),
    )
    op.create_index("ix_threat_signals_signal_id", "threat_signals", ["signal_id"], unique=False)


def _said() -> None:
    op.create_table(
        "assessments",
        sa.Column("id", Id, nullable=False),
        sa.Column("threat_id", Id, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("automatic", sa.Integer(), nullable=False),
        sa.Column("index", sa.Float(), nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("policy_version", sa.String(length=40), nullable=False),
        sa.Column("explanation", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["threat_id"], ["threats.id"], name=op.f("fk_assessments_threat_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessments")),
    )
    op.create_index("ix_assessments_threat", "assessments", ["threat_id", "id"], unique=False)
    op.create_table(
        "escalations",
        sa.Column("id", Id, nullable=False),
        sa.Column("threat_id", Id, nullable=False),
        sa.Column("lane", sa.String(length=10), nullable=False),
        sa.Column("rules", Json, nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("leader", sa.Boolean(), nullable=False),
        sa.Column("raised_at", UtcDateTime, nullable=False),
        sa.Column("replaces", Id, nullable=True),
        sa.Column("accepted_by", sa.String(length=120), nullable=True),
        sa.Column("accepted_at", UtcDateTime, nullable=True),
        sa.Column("closed_at", UtcDateTime, nullable=True),
        sa.ForeignKeyConstraint(
            ["threat_id"], ["threats.id"], name=op.f("fk_escalations_threat_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalations")),
    )
    op.create_index(op.f("ix_escalations_threat_id"), "escalations", ["threat_id"], unique=False)
    op.create_index(
        "ix_escalations_unaccepted",
        "escalations",
        ["raised_at"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL AND accepted_at IS NULL"),
        sqlite_where=sa.text("closed_at IS NULL AND accepted_at IS NULL"),
    )
    op.create_table(
        "reviews",
        sa.Column("id", Id, nullable=False),
        sa.Column("threat_id", Id, nullable=True),
        sa.Column("cause", sa.String(length=60), nullable=False),
        sa.Column("asked_at", UtcDateTime, nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("overdue_at", UtcDateTime, nullable=True),
        sa.Column("subjects", Json, nullable=False),
        sa.Column("proposed", sa.Integer(), nullable=True),
        sa.Column("answered_at", UtcDateTime, nullable=True),
        sa.Column("answered_by", sa.String(length=120), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["threat_id"], ["threats.id"], name=op.f("fk_reviews_threat_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
    )
    op.create_index(op.f("ix_reviews_threat_id"), "reviews", ["threat_id"], unique=False)
    op.create_index(
        "ix_reviews_unanswered",
        "reviews",
        ["due_at", "id"],
        unique=False,
        postgresql_where=sa.text("answered_at IS NULL"),
        sqlite_where=sa.text("answered_at IS NULL"),
    )
    op.create_table(
        "timeline",
        sa.Column("seq", Serial, autoincrement=True, nullable=False),
        sa.Column("threat_id", Id, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("codes", Json, nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["threat_id"], ["threats.id"], name=op.f("fk_timeline_threat_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_timeline")),
    )
    op.create_index("ix_timeline_threat", "timeline", ["threat_id", "seq"], unique=False)
    op.create_table(
        "checklist_answers",
        sa.Column("id", Id, nullable=False),
        sa.Column("threat_id", Id, nullable=False),
        sa.Column("point", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["threat_id"], ["threats.id"], name=op.f("fk_checklist_answers_threat_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist_answers")),
    )
    op.create_index(op.f("ix_checklist_answers_threat_id"), "checklist_answers", ["threat_id"], unique=False)
    op.create_table(
        "asked_once",
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_asked_once")),
    )


def _projection() -> None:
    op.create_table(
        "actors",
        sa.Column("id", Id, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("canonical_id", Id, nullable=True),
        sa.Column("label", sa.String(length=200), nullable=True),
        sa.Column("names_wanted_at", UtcDateTime, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_actors")),
    )
    op.create_index(op.f("ix_actors_canonical_id"), "actors", ["canonical_id"], unique=False)
    op.create_index(op.f("ix_actors_names_wanted_at"), "actors", ["names_wanted_at"], unique=False)
    op.create_table(
        "actor_names",
        sa.Column("folded", sa.String(length=200), nullable=False),
        sa.Column("actor_id", Id, nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_actor_names_actor_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("folded", "actor_id", name=op.f("pk_actor_names")),
    )
    op.create_index("ix_actor_names_actor_id", "actor_names", ["actor_id"], unique=False)
    op.create_table(
        "edges",
        sa.Column("claim_id", Id, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("left", sa.String(length=60), nullable=False),
        sa.Column("right", sa.String(length=60), nullable=False),
        sa.Column("valid_to", UtcDateTime, nullable=True),
        sa.PrimaryKeyConstraint("claim_id", name=op.f("pk_edges")),
    )
    op.create_index(op.f("ix_edges_left"), "edges", ["left"], unique=False)
    op.create_index(op.f("ix_edges_right"), "edges", ["right"], unique=False)
    op.create_table(
        "rejoin_parties",
        sa.Column("key", sa.String(length=220), nullable=False),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rejoin_parties")),
    )
    op.create_index(op.f("ix_rejoin_parties_since"), "rejoin_parties", ["since"], unique=False)
    op.create_table(
        "heartbeat",
        sa.Column("watch_id", sa.String(length=40), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("beat_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("watch_id", name=op.f("pk_heartbeat")),
    )
