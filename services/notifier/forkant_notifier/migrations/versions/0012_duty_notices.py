"""What was told ahead of a shift."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from forkant_shared.database import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "duty_notices",
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("tier", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user", sa.String(80), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("lead_minutes", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "tier", "user", "since", "lead_minutes", name=op.f("pk_duty_notices")),
    )


def downgrade() -> None:
    op.drop_table("duty_notices")
