"""The clock of reports: found necessary and relevant in time, or destroyed with their signals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from forkant_shared.database import Id, UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reports", sa.Column("relevance_checked_at", UtcDateTime, nullable=True))
    op.add_column("reports", sa.Column("relevance_checked_by", sa.String(length=120), nullable=True))
    op.add_column("reports", sa.Column("relevance_reason", sa.Text(), nullable=True))
    op.create_index(
        "ix_reports_relevance_due_at",
        "reports",
        ["relevance_due_at"],
        unique=False,
        postgresql_where=sa.text("relevance_checked_at IS NULL"),
        sqlite_where=sa.text("relevance_checked_at IS NULL"),
    )
    op.create_table(
        "destroyed_reports",
        sa.Column("id", Id, nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("received_at", UtcDateTime, nullable=False),
        sa.Column("destroyed_at", UtcDateTime, nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("cause", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_destroyed_reports")),
    )
    op.create_index(op.f("ix_destroyed_reports_destroyed_at"), "destroyed_reports", ["destroyed_at"], unique=False)


def downgrade() -> None:
    op.drop_table("destroyed_reports")
    op.drop_index("ix_reports_relevance_due_at", table_name="reports")
    for column in ("relevance_reason", "relevance_checked_by", "relevance_checked_at"):
        op.drop_column("reports", column)
