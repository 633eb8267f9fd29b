"""Who was seen together, where and when, and controls."""

import sqlalchemy as sa
from alembic import op

from forkant_shared.database import Id, UtcDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "observations",
        sa.Column("id", Id, nullable=False),
        sa.Column("observed_at", UtcDateTime, nullable=False),
        sa.Column("unit", sa.String(64), nullable=False),
        sa.Column("effort_minutes", sa.Integer),
        sa.Column("place", sa.String(200)),
        sa.Column("district", sa.String(7)),
        sa.Column("near_kind", sa.String(10)),
        sa.Column("near_id", Id),
        sa.Column("near_role", sa.String(40)),
        sa.Column("vehicle", sa.String(200)),
        sa.Column("clothing", sa.String(200)),
        sa.Column("phone", sa.String(200)),
        sa.Column("control_kind", sa.String(10)),
        sa.Column("control_reason", sa.String(40)),
        sa.Column("family_present", sa.Boolean),
        sa.Column("scale", sa.String(20), nullable=False),
        sa.Column("source_grade", sa.String(5), nullable=False),
        sa.Column("information_grade", sa.String(5), nullable=False),
        sa.Column("origin", sa.String(64), nullable=False),
        sa.Column("origin_id", Id, nullable=False),
        sa.Column("handling", sa.String(10), nullable=False),
        sa.Column("compartment", sa.String(60)),
        sa.Column("recorded_at", UtcDateTime, nullable=False),
        sa.Column("recorded_by", sa.String(120), nullable=False),
        sa.Column("corrects", Id),
        sa.Column("superseded_at", UtcDateTime),
        sa.Column("superseded_by", Id),
        sa.Column("superseded_reason", sa.String(10)),
        sa.PrimaryKeyConstraint("id", name="pk_observations"),
    )
    op.create_index("ix_observations_observed_at", "observations", ["observed_at", "id"])
    op.create_table(
        "observed_actors",
        sa.Column("observation_id", Id, nullable=False),
        sa.Column("actor_id", Id, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("observation_id", "actor_id", name="pk_observed_actors"),
        sa.ForeignKeyConstraint(["observation_id"], ["observations.id"], name="fk_observed_actors_observation_id"),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name="fk_observed_actors_actor_id"),
    )
    op.create_index("ix_observed_actors_actor_id", "observed_actors", ["actor_id"])
    op.create_table(
        "observation_origins",
        sa.Column("origin", sa.String(64), nullable=False),
        sa.Column("origin_id", Id, nullable=False),
        sa.PrimaryKeyConstraint("origin", name="pk_observation_origins"),
    )


def downgrade() -> None:
    op.drop_table("observation_origins")
    op.drop_table("observed_actors")
    op.drop_table("observations")
