"""The text triage: what texts proposed, what people said of them, and the pages they opened."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from forkant_shared.database import Id, Json, UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "triage_entries",
        sa.Column("report_id", Id, nullable=False),
        sa.Column("standing", sa.String(length=12), nullable=False),
        sa.Column("imminent", sa.Boolean(), nullable=False),
        sa.Column("urgency", sa.SmallInteger(), nullable=False),
        sa.Column("proposals", Json, nullable=False),
        sa.Column("triggers", Json, nullable=False),
        sa.Column("excluded", Json, nullable=False),
        sa.Column("book_version", sa.String(length=40), nullable=False),
        sa.Column("read_at", UtcDateTime, nullable=False),
        sa.Column("escalation_id", Id, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name=op.f("fk_triage_entries_report_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_triage_entries")),
    )
    op.create_index(op.f("ix_triage_entries_escalation_id"), "triage_entries", ["escalation_id"], unique=False)
    op.create_index("ix_triage_entries_standing", "triage_entries", ["standing", "urgency", "report_id"], unique=False)
    op.create_table(
        "text_escalations",
        sa.Column("id", Id, nullable=False),
        sa.Column("origin", sa.String(length=80), nullable=False),
        sa.Column("lane", sa.String(length=10), nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("raised_at", UtcDateTime, nullable=False),
        sa.Column("accepted_by", sa.String(length=120), nullable=True),
        sa.Column("accepted_at", UtcDateTime, nullable=True),
        sa.Column("closed_at", UtcDateTime, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_escalations")),
    )
    op.create_index("ix_text_escalations_origin", "text_escalations", ["origin", "raised_at"], unique=False)
    op.create_table(
        "triage_verdicts",
        sa.Column("id", Id, nullable=False),
        sa.Column("report_id", Id, nullable=False),
        sa.Column("standing", sa.String(length=12), nullable=False),
        sa.Column("signals", Json, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name=op.f("fk_triage_verdicts_report_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_triage_verdicts")),
    )
    op.create_index(op.f("ix_triage_verdicts_report_id"), "triage_verdicts", ["report_id"], unique=False)


def downgrade() -> None:
    for table in ("triage_verdicts", "text_escalations", "triage_entries"):
        op.drop_table(table)
