"""A page may be about a report that belongs to no threat yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from forkant_shared.database import Id

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pages", sa.Column("report_id", Id, nullable=True))


def downgrade() -> None:
    op.drop_column("pages", "report_id")
