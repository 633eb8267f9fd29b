"""Rotas keep their versions; waivers, swaps, check-ins, calendars and handover reports."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from forkant_shared.database import Id, Json, UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ADDED: dict[str, dict[str, sa.types.TypeEngine[Any]]] = {
    "people": {"left_at": UtcDateTime()},
    "rotations": {
        "hours": sa.Integer(),
        "ends_on": sa.Date(),
        "rota_id": Id,
        "name": sa.String(length=60),
        "in_force_from": UtcDateTime(),
        "in_force_until": UtcDateTime(),
        "made_by": sa.String(length=80),
    },
    "overrides": {
        "covers": sa.String(length=80),
        "revision": sa.Integer(),
        "ended_at": UtcDateTime(),
        "swap_id": Id,
    },
}


def upgrade() -> None:
    for table, columns in ADDED.items():
        for name, kind in columns.items():
            op.add_column(table, sa.Column(name, kind, nullable=True))
    op.execute("UPDATE rotations SET rota_id = id")
    op.create_index(op.f("ix_rotations_in_force_until"), "rotations", ["in_force_until"])
    _plan()
    _swaps()
    _check_ins_and_calendars()
    _handovers()


def downgrade() -> None:
    for table in ("handovers", "calendar_secrets", "check_ins", "swaps", "duty_changes", "waivers"):
        op.drop_table(table)
    op.execute("DELETE FROM rotations WHERE in_force_until IS NOT NULL")
    op.drop_index(op.f("ix_rotations_in_force_until"), table_name="rotations")
    for table, columns in ADDED.items():
        for name in columns:
            op.drop_column(table, name)


def _plan() -> None:
    op.create_table(
        "waivers",
        sa.Column("id", Id, nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waivers")),
    )
    op.create_index(op.f("ix_waivers_until"), "waivers", ["until"])
    op.create_table(
        "duty_changes",
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=True),
        sa.Column("user", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_duty_changes")),
    )


def _swaps() -> None:
    op.create_table(
        "swaps",
        sa.Column("id", Id, nullable=False),
        sa.Column("asked_by", sa.String(length=80), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("other", sa.String(length=80), nullable=True),
        sa.Column("other_tier", sa.Integer(), nullable=True),
        sa.Column("other_since", UtcDateTime(), nullable=True),
        sa.Column("other_until", UtcDateTime(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("answered_by", sa.String(length=80), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_swaps")),
    )
    asked = sa.text("state = 'OPEN'")
    op.create_index("ix_swaps_open", "swaps", ["since"], postgresql_where=asked, sqlite_where=asked)


def _check_ins_and_calendars() -> None:
    op.create_table(
        "check_ins",
        sa.Column("id", Id, nullable=False),
        sa.Column("user", sa.String(length=80), nullable=False),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("steps", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_ins")),
    )
    op.create_index(op.f("ix_check_ins_user"), "check_ins", ["user"])
    op.create_index(op.f("ix_check_ins_done_at"), "check_ins", ["done_at"])
    op.create_table(
        "calendar_secrets",
        sa.Column("user", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("user", name=op.f("pk_calendar_secrets")),
    )


def _handovers() -> None:
    op.create_table(
        "handovers",
        sa.Column("id", Id, nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.Column("given_by", sa.String(length=80), nullable=False),
        sa.Column("note", sa.String(length=2000), nullable=False),
        sa.Column("document", Json, nullable=False),
        sa.Column("taken_at", UtcDateTime(), nullable=True),
        sa.Column("taken_by", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
    )
    op.create_index(op.f("ix_handovers_given_at"), "handovers", ["given_at"])
