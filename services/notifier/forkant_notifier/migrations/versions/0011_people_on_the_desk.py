"""When somebody's last browser was lost, and a way to what a person's phones did last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from forkant_shared.database import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("people", sa.Column("push_lost_at", UtcDateTime()))
    op.create_index("ix_attempts_user", "attempts", ["user", "due_at"])


def downgrade() -> None:
    op.drop_index("ix_attempts_user", table_name="attempts")
    op.drop_column("people", "push_lost_at")
