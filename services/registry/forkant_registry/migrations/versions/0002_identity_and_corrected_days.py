"""Who is the same as whom, as people judged; and the marks of a day that was corrected."""

import sqlalchemy as sa
from alembic import op

from forkant_shared.database import Id, UtcDateTime

revision = "0002"
down_revision = "0001"

WAITS = "needs_approval AND approved_at IS NULL AND revoked_at IS NULL"
CORRECTED = ("corrects", "superseded_at", "superseded_by", "superseded_reason")


def upgrade() -> None:
    op.create_table(
        "identity_judgements",
        sa.Column("id", Id, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("one_id", Id, nullable=False),
        sa.Column("other_id", Id, nullable=False),
        sa.Column("verdict", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(2000), nullable=False),
        sa.Column("score", sa.Float),
        sa.Column("handling", sa.String(10), nullable=False),
        sa.Column("compartment", sa.String(60)),
        sa.Column("needs_approval", sa.Boolean, nullable=False),
        sa.Column("judged_at", UtcDateTime, nullable=False),
        sa.Column("judged_by", sa.String(120), nullable=False),
        sa.Column("approved_at", UtcDateTime),
        sa.Column("approved_by", sa.String(120)),
        sa.Column("revoked_at", UtcDateTime),
        sa.Column("revoked_by", sa.String(120)),
        sa.Column("revoked_because", sa.String(2000)),
        sa.PrimaryKeyConstraint("id", name="pk_identity_judgements"),
        sa.ForeignKeyConstraint(["one_id"], ["actors.id"], name="fk_identity_judgements_one_id"),
        sa.ForeignKeyConstraint(["other_id"], ["actors.id"], name="fk_identity_judgements_other_id"),
    )
    op.create_index("ix_identity_judgements_one_id", "identity_judgements", ["one_id"])
    op.create_index("ix_identity_judgements_other_id", "identity_judgements", ["other_id"])
    op.create_index(
        "ix_identity_judgements_waiting",
        "identity_judgements",
        ["id"],
        postgresql_where=sa.text(WAITS),
        sqlite_where=sa.text(WAITS),
    )
    op.add_column("calendar_entries", sa.Column("corrects", Id))
    op.add_column("calendar_entries", sa.Column("superseded_at", UtcDateTime))
    op.add_column("calendar_entries", sa.Column("superseded_by", Id))
    op.add_column("calendar_entries", sa.Column("superseded_reason", sa.String(10)))


def downgrade() -> None:
    for column in CORRECTED:
        op.drop_column("calendar_entries", column)
    op.drop_table("identity_judgements")
