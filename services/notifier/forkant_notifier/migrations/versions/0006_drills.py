"""Drills, marked on every attempt."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from forkant_shared.database import Id, UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("attempts", sa.Column("drill", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "drills",
        sa.Column("page_id", Id, nullable=False),
        sa.Column("started_by", sa.String(length=80), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name=op.f("fk_drills_page_id_pages")),
        sa.PrimaryKeyConstraint("page_id", name=op.f("pk_drills")),
    )


def downgrade() -> None:
    op.drop_table("drills")
    op.drop_column("attempts", "drill")
