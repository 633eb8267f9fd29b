"""How a threat is followed up: exposure answers, disclosure plans, clearances, measures and information requests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from forkant_shared.database import Id, Json, UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "officers",
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("actor_id", Id, nullable=True),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_officers")),
    )
    op.create_table(
        "dialogue_clearances",
        sa.Column("id", Id, nullable=False),
        sa.Column("threat_id", Id, nullable=False),
        sa.Column("plan_version", sa.Integer(), nullable=False),
        sa.Column("cleared_at", UtcDateTime, nullable=False),
        sa.Column("valid_until", UtcDateTime, nullable=False),
        sa.Column("alone", sa.Boolean(), nullable=False),
        sa.Column("ended_at", UtcDateTime, nullable=True),
        sa.Column("ended_by", sa.String(length=120), nullable=True),
        sa.Column("cause", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(
            ["threat_id"], ["threats.id"], name=op.f("fk_dialogue_clearances_threat_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dialogue_clearances")),
    )
    op.create_index(
        "ix_dialogue_clearances_standing",
        "dialogue_clearances",
        ["threat_id"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(op.f("ix_dialogue_clearances_threat_id"), "dialogue_clearances", ["threat_id"], unique=False)
    op.create_table(
        "disclosure_lines",
        sa.Column("id", Id, nullable=False),
        sa.Column("threat_id", Id, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_by", sa.String(length=120), nullable=False),
        sa.Column("written_at", UtcDateTime, nullable=False),
        sa.Column("approved_by", sa.String(length=120), nullable=True),
        sa.Column("approved_at", UtcDateTime, nullable=True),
        sa.Column("removed_by", sa.String(length=120), nullable=True),
        sa.Column("removed_at", UtcDateTime, nullable=True),
        sa.ForeignKeyConstraint(
            ["threat_id"], ["threats.id"], name=op.f("fk_disclosure_lines_threat_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure_lines")),
    )
    op.create_index(op.f("ix_disclosure_lines_threat_id"), "disclosure_lines", ["threat_id"], unique=False)
    op.create_table(
        "disclosure_plans",
        sa.Column("threat_id", Id, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["threat_id"], ["threats.id"], name=op.f("fk_disclosure_plans_threat_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("threat_id", name=op.f("pk_disclosure_plans")),
    )
    op.create_table(
        "exposure_answers",
        sa.Column("id", Id, nullable=False),
        sa.Column("report_id", Id, nullable=False),
        sa.Column("answer", sa.String(length=12), nullable=False),
        sa.Column("could_know", sa.Integer(), nullable=False),
        sa.Column("open_origin", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name=op.f("fk_exposure_answers_report_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exposure_answers")),
    )
    op.create_index(op.f("ix_exposure_answers_report_id"), "exposure_answers", ["report_id"], unique=False)
    op.create_table(
        "exposure_overlaps",
        sa.Column("id", Id, nullable=False),
        sa.Column("one", Id, nullable=False),
        sa.Column("other", Id, nullable=False),
        sa.Column("could_know", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(["one"], ["reports.id"], name=op.f("fk_exposure_overlaps_one"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["other"], ["reports.id"], name=op.f("fk_exposure_overlaps_other"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exposure_overlaps")),
    )
    op.create_index("ix_exposure_overlaps_other", "exposure_overlaps", ["other"], unique=False)
    op.create_index("ix_exposure_overlaps_pair", "exposure_overlaps", ["one", "other"], unique=False)
    op.create_table(
        "information_requests",
        sa.Column("id", Id, nullable=False),
        sa.Column("threat_id", Id, nullable=False),
        sa.Column("came_from", Json, nullable=False),
        sa.Column("about", sa.String(length=40), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("asked_by", sa.String(length=120), nullable=False),
        sa.Column("asked_at", UtcDateTime, nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("report_id", Id, nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("ended_by", sa.String(length=120), nullable=True),
        sa.Column("ended_at", UtcDateTime, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name=op.f("fk_information_requests_report_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["threat_id"], ["threats.id"], name=op.f("fk_information_requests_threat_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_information_requests")),
    )
    op.create_index(op.f("ix_information_requests_report_id"), "information_requests", ["report_id"], unique=False)
    op.create_index(op.f("ix_information_requests_threat_id"), "information_requests", ["threat_id"], unique=False)
    op.create_table(
        "measures",
        sa.Column("id", Id, nullable=False),
        sa.Column("threat_id", Id, nullable=False),
        sa.Column("came_from", Json, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("toward", sa.String(length=220), nullable=True),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("starts_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("made_by", sa.String(length=120), nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("table_version", sa.String(length=40), nullable=False),
        sa.Column("outside", sa.Boolean(), nullable=False),
        sa.Column("because", sa.Text(), nullable=True),
        sa.Column("served", sa.Boolean(), nullable=True),
        sa.Column("served_by", sa.String(length=120), nullable=True),
        sa.Column("served_at", UtcDateTime, nullable=True),
        sa.Column("not_served_because", sa.Text(), nullable=True),
        sa.Column("ended_by", sa.String(length=120), nullable=True),
        sa.Column("ended_at", UtcDateTime, nullable=True),
        sa.Column("ended_because", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["threat_id"], ["threats.id"], name=op.f("fk_measures_threat_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measures")),
    )
    op.create_index(
        "ix_measures_running",
        "measures",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(op.f("ix_measures_threat_id"), "measures", ["threat_id"], unique=False)
    op.create_table(
        "disclosure_line_reports",
        sa.Column("line_id", Id, nullable=False),
        sa.Column("report_id", Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["line_id"], ["disclosure_lines.id"], name=op.f("fk_disclosure_line_reports_line_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name=op.f("fk_disclosure_line_reports_report_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("line_id", "report_id", name=op.f("pk_disclosure_line_reports")),
    )
    op.create_index("ix_disclosure_line_reports_report_id", "disclosure_line_reports", ["report_id"], unique=False)
    op.create_table(
        "disclosure_signatures",
        sa.Column("id", Id, nullable=False),
        sa.Column("threat_id", Id, nullable=False),
        sa.Column("plan_version", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(length=10), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("because", sa.Text(), nullable=True),
        sa.Column("clearance_id", Id, nullable=True),
        sa.ForeignKeyConstraint(
            ["clearance_id"],
            ["dialogue_clearances.id"],
            name=op.f("fk_disclosure_signatures_clearance_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["threat_id"], ["threats.id"], name=op.f("fk_disclosure_signatures_threat_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure_signatures")),
    )
    op.create_index(
        op.f("ix_disclosure_signatures_clearance_id"), "disclosure_signatures", ["clearance_id"], unique=False
    )
    op.create_index(
        "ix_disclosure_signatures_plan", "disclosure_signatures", ["threat_id", "plan_version"], unique=False
    )


def downgrade() -> None:
    op.drop_table("disclosure_signatures")
    op.drop_table("disclosure_line_reports")
    op.drop_table("measures")
    op.drop_table("information_requests")
    op.drop_table("exposure_overlaps")
    op.drop_table("exposure_answers")
    op.drop_table("disclosure_plans")
    op.drop_table("disclosure_lines")
    op.drop_table("dialogue_clearances")
    op.drop_table("officers")
