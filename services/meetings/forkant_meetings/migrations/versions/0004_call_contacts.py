"""Operational contacts that a call to the duty phone opened, with who called."""

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
        "call_contacts",
        sa.Column("id", Id, nullable=False),
        sa.Column("call_id", Id, nullable=False),
        sa.Column("caller_name", sa.String(length=200), nullable=True),
        sa.Column("caller_actor_id", Id, nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("urgency", sa.String(length=30), nullable=False),
        sa.Column("violence", sa.Boolean(), nullable=False),
        sa.Column("called_at", UtcDateTime(), nullable=False),
        sa.Column("entered_at", UtcDateTime(), nullable=False),
        sa.Column("entered_by", sa.String(length=120), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_contacts")),
        sa.UniqueConstraint("call_id", name=op.f("uq_call_contacts_call_id")),
    )


def downgrade() -> None:
    op.drop_table("call_contacts")
