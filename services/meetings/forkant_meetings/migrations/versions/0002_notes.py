"""Notes of intelligence with what stands for each mouth, and the climate of a meeting in its minutes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from forkant_shared.database import Id, UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("minutes", sa.Column("climate_ours", sa.SmallInteger(), nullable=True))
    op.add_column("minutes", sa.Column("climate_theirs", sa.SmallInteger(), nullable=True))
    op.create_table(
        "note_origins",
        sa.Column("mouth", sa.String(length=60), nullable=False),
        sa.Column("origin_id", Id, nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("mouth", name=op.f("pk_note_origins")),
    )
    op.create_table(
        "notes",
        sa.Column("id", Id, nullable=False),
        sa.Column("dialogue_id", Id, nullable=False),
        sa.Column("meeting_id", Id, nullable=True),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("basis", sa.String(length=30), nullable=False),
        sa.Column("factor", sa.String(length=30), nullable=False),
        sa.Column("strength", sa.String(length=30), nullable=False),
        sa.Column("aggressor_kind", sa.String(length=30), nullable=False),
        sa.Column("aggressor_ref", sa.String(length=40), nullable=True),
        sa.Column("target_kind", sa.String(length=30), nullable=False),
        sa.Column("target_ref", sa.String(length=40), nullable=True),
        sa.Column("imminence_hours", sa.Float(), nullable=True),
        sa.Column("spoken_by_aggressor", sa.Boolean(), nullable=False),
        sa.Column("own_action", sa.String(length=30), nullable=True),
        sa.Column("scale", sa.String(length=30), nullable=False),
        sa.Column("source_grade", sa.String(length=4), nullable=False),
        sa.Column("information_grade", sa.String(length=4), nullable=False),
        sa.Column("speaker_id", Id, nullable=True),
        sa.Column("origin_id", Id, nullable=False),
        sa.Column("said_at", UtcDateTime(), nullable=False),
        sa.Column("noted_by", sa.String(length=120), nullable=False),
        sa.Column("noted_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_by", sa.String(length=120), nullable=True),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("withdrawn_cause", sa.String(length=30), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["dialogue_id"], ["dialogues.id"], name=op.f("fk_notes_dialogue_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_notes_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
    )
    op.create_index(op.f("ix_notes_dialogue_id"), "notes", ["dialogue_id"], unique=False)
    op.create_index(op.f("ix_notes_meeting_id"), "notes", ["meeting_id"], unique=False)


def downgrade() -> None:
    op.drop_table("notes")
    op.drop_table("note_origins")
    op.drop_column("minutes", "climate_theirs")
    op.drop_column("minutes", "climate_ours")
