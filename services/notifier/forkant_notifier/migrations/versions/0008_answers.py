"""A page may need more than one answer: those that count are kept with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from forkant_shared.database import Json, UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pages", sa.Column("acceptances", Json, nullable=False, server_default=sa.text("'[]'")))
    pages = sa.table(
        "pages",
        sa.column("id"),
        sa.column("state"),
        sa.column("accepted_by"),
        sa.column("accepted_at", UtcDateTime()),
        sa.column("acceptances", Json),
    )
    connection = op.get_bind()
    taken = sa.select(pages.c.id, pages.c.accepted_by, pages.c.accepted_at).where(pages.c.state == "ACCEPTED")
    for row in connection.execute(taken).all():
        given = [{"user": row.accepted_by, "at": row.accepted_at.isoformat(), "tiers": []}]
        connection.execute(pages.update().where(pages.c.id == row.id).values(acceptances=given))


def downgrade() -> None:
    op.drop_column("pages", "acceptances")
