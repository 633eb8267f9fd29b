"""Partners' subscriptions, the secrets they are signed with, and what is delivered to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from forkant_shared.database import Id, Json, UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = ("webhook_subscriptions", "webhook_secrets", "webhook_deliveries")


def upgrade() -> None:
    op.create_table(
        "webhook_subscriptions",
        sa.Column("id", Id, nullable=False),
        sa.Column("organisation", sa.String(length=80), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("types", Json, nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.Column("disabled", sa.String(length=20), nullable=True),
        sa.Column("disabled_at", UtcDateTime(), nullable=True),
        sa.Column("failing_since", UtcDateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_ok_at", UtcDateTime(), nullable=True),
        sa.Column("last_failed_at", UtcDateTime(), nullable=True),
        sa.Column("last_cause", sa.String(length=60), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_subscriptions")),
        sa.UniqueConstraint("organisation", "url", name=op.f("uq_webhook_subscriptions_organisation_url")),
    )
    op.create_table(
        "webhook_secrets",
        sa.Column("id", Id, nullable=False),
        sa.Column("subscription_id", Id, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.String(length=60), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["webhook_subscriptions.id"], name=op.f("fk_webhook_secrets_subscription_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_secrets")),
    )
    op.create_index(op.f("ix_webhook_secrets_subscription_id"), "webhook_secrets", ["subscription_id"])
    _deliveries()


def _deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", Id, nullable=False),
        sa.Column("subscription_id", Id, nullable=False),
        sa.Column("type", sa.String(length=60), nullable=False),
        sa.Column("thing", sa.String(length=60), nullable=False),
        sa.Column("happened_at", UtcDateTime(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried_at", UtcDateTime(), nullable=True),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("cause", sa.String(length=60), nullable=True),
        sa.Column("lease_id", Id, nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("rules_version", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["webhook_subscriptions.id"], name=op.f("fk_webhook_deliveries_subscription_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
    )
    for name, columns, state in (
        ("due", ["subscription_id", "due_at"], "DUE"),
        ("leased", ["lease_until"], "LEASED"),
        ("waiting", ["made_at"], "WAITING"),
    ):
        only = sa.text(f"state = '{state}'")
        op.create_index(
            f"ix_webhook_deliveries_{name}", "webhook_deliveries", columns, postgresql_where=only, sqlite_where=only
        )
    op.create_index("ix_webhook_deliveries_of", "webhook_deliveries", ["subscription_id", "id"])
    op.create_index(op.f("ix_webhook_deliveries_done_at"), "webhook_deliveries", ["done_at"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
