"""A correction of minutes may correct the climate of the meeting too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "minutes_corrections", sa.Column("of_climate", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("minutes_corrections", sa.Column("climate_ours", sa.SmallInteger(), nullable=True))
    op.add_column("minutes_corrections", sa.Column("climate_theirs", sa.SmallInteger(), nullable=True))


def downgrade() -> None:
    for column in ("climate_theirs", "climate_ours", "of_climate"):
        op.drop_column("minutes_corrections", column)
