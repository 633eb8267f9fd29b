"""What partners have been shown of the situation, and where its numbers are looked up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from forkant_shared.database import Json, UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "partner_pictures",
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        sa.Column("published_at", UtcDateTime, nullable=False),
        sa.Column("rules_version", sa.String(length=40), nullable=False),
        sa.Column("cells", Json, nullable=False),
        sa.PrimaryKeyConstraint("begins", name=op.f("pk_partner_pictures")),
    )
    op.create_index(
        "ix_signals_place",
        "signals",
        ["place"],
        unique=False,
        postgresql_where=sa.text("place IS NOT NULL"),
        sqlite_where=sa.text("place IS NOT NULL"),
    )
    op.create_index(
        "ix_signals_from_registry",
        "signals",
        ["source", "event_at"],
        unique=False,
        postgresql_where=sa.text("source IN ('CALENDAR', 'CONFLICT')"),
        sqlite_where=sa.text("source IN ('CALENDAR', 'CONFLICT')"),
    )


def downgrade() -> None:
    op.drop_index("ix_signals_from_registry", table_name="signals")
    op.drop_index("ix_signals_place", table_name="signals")
    op.drop_table("partner_pictures")
