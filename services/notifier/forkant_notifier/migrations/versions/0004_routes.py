"""How each route is doing; what is looked for when a carrier is asked, and receipts that wait for their message."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from forkant_shared.database import Id, UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "routes",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("failing_since", UtcDateTime(), nullable=True),
        sa.Column("last_good_at", UtcDateTime(), nullable=True),
        sa.Column("last_proven_at", UtcDateTime(), nullable=True),
        sa.Column("last_failed_at", UtcDateTime(), nullable=True),
        sa.Column("last_cause", sa.String(length=60), nullable=True),
        sa.Column("tested_at", UtcDateTime(), nullable=True),
        sa.Column("page_id", Id, nullable=True),
        sa.Column("paged_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_routes")),
    )
    sent = sa.text("state = 'SUBMITTED'")
    op.create_index(
        "ix_attempts_submitted", "attempts", ["route", "submitted_at"], postgresql_where=sent, sqlite_where=sent
    )
    early = sa.column("applied", sa.Boolean).is_(False)
    op.create_index("ix_receipts_early", "receipts", ["at"], postgresql_where=early, sqlite_where=early)


def downgrade() -> None:
    op.drop_index("ix_receipts_early", table_name="receipts")
    op.drop_index("ix_attempts_submitted", table_name="attempts")
    op.drop_table("routes")
