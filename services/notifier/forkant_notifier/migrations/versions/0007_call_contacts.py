"""Calls on their way to meetings, sealed; their words are no longer kept in the call log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from forkant_shared.database import Id, UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contact_jobs",
        sa.Column("id", Id, nullable=False),
        sa.Column("call_id", Id, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("refused", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_contact_jobs_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_jobs")),
        sa.UniqueConstraint("call_id", name=op.f("uq_contact_jobs_call_id")),
    )
    waiting = sa.text("done_at IS NULL AND refused IS NULL")
    op.create_index("ix_contact_jobs_due", "contact_jobs", ["due_at"], postgresql_where=waiting, sqlite_where=waiting)


def downgrade() -> None:
    op.drop_index("ix_contact_jobs_due", table_name="contact_jobs")
    op.drop_table("contact_jobs")
