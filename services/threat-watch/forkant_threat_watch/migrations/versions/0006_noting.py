"""What meetings tell: notes that were taken back, and the climate of the newest meeting of each dialogue."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from forkant_shared.database import Id, UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
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
    op.create_table(
        "withdrawn_notes",
        sa.Column("note_id", Id, nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("note_id", name=op.f("pk_withdrawn_notes")),
    )


def downgrade() -> None:
    op.drop_table("withdrawn_notes")
    op.drop_table("dialogue_climates")
