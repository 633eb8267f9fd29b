"""Which paging policy new pages climb by is chosen on the desk, and a new one may be written there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from forkant_shared.database import Serial, UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("paging_policies", sa.Column("stored_by", sa.String(80)))
    op.create_table(
        "paging_policy_choices",
        sa.Column("number", Serial, autoincrement=True, nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(80), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_paging_policy_choices")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("paging_policy_choices")
    op.drop_column("paging_policies", "stored_by")
