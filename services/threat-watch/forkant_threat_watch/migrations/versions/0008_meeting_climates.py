"""The climate of each meeting, so that one can be corrected, or taken away, and the one before stands again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from forkant_shared.database import Id, UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

COPY = """
INSERT INTO meeting_climates
       (correction, meeting_id, dialogue_id, group_id, held_at, ours, theirs, handling, compartment)
SELECT 0, meeting_id, dialogue_id, group_id, held_at, ours, theirs, handling, compartment
  FROM dialogue_climates
"""


def upgrade() -> None:
    op.create_table(
        "meeting_climates",
        sa.Column("meeting_id", Id, nullable=False),
        sa.Column("correction", sa.Integer(), nullable=False),
        sa.Column("dialogue_id", Id, nullable=False),
        sa.Column("group_id", Id, nullable=False),
        sa.Column("held_at", UtcDateTime, nullable=False),
        sa.Column("ours", sa.SmallInteger(), nullable=True),
        sa.Column("theirs", sa.SmallInteger(), nullable=True),
        sa.Column("handling", sa.String(length=12), nullable=False),
        sa.Column("compartment", sa.String(length=60), nullable=True),
        sa.PrimaryKeyConstraint("meeting_id", name=op.f("pk_meeting_climates")),
    )
    op.create_index("ix_meeting_climates_held_at", "meeting_climates", ["held_at"])
    op.execute(COPY)
    op.drop_table("dialogue_climates")


def downgrade() -> None:
    op.create_table(
        "dialogue_climates",
        sa.Column("dialogue_id", Id, nullable=False),
        sa.Column("group_id", Id, nullable=False),
        sa.Column("meeting_id", Id, nullable=False),
        sa.Column("held_at", UtcDateTime, nullable=False),
        sa.Column("ours", sa.SmallInteger(), nullable=True),
        sa.Column("theirs", sa.SmallInteger(), nullable=True),
        sa.Column("handling", sa.String(length=12), nullable=False),
        sa.Column("compartment", sa.String(length=60), nullable=True),
        sa.PrimaryKeyConstraint("dialogue_id", name=op.f("pk_dialogue_climates")),
    )
    op.drop_table("meeting_climates")
