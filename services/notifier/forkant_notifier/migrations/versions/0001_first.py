"""The first shape of the notifier's database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from forkant_shared.database import Id, Json, Serial, UtcDateTime
from forkant_shared.migrations import drop_kit_0001, kit_0001

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    kit_0001()
    _pages()
    _attempts()
    _duty()
    _watch_and_sessions()
    _calls()


def downgrade() -> None:
    for table in (
        "report_jobs",
        "calls",
        "signing_keys",
        "sessions",
        "watch",
        "overrides",
        "rotations",
        "devices",
        "people",
        "sandbox_messages",
        "receipts",
        "attempts",
        "timeline",
        "pages",
        "paging_policies",
    ):
        op.drop_table(table)
    drop_kit_0001()


def _pages() -> None:
    op.create_table(
        "paging_policies",
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("document", Json, nullable=False),
        sa.Column("stored_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_paging_policies")),
    )
    op.create_table(
        "pages",
        sa.Column("id", Id, nullable=False),
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column("lane", sa.String(length=10), nullable=False),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.Column("threat_id", Id, nullable=True),
        sa.Column("escalation_id", Id, nullable=True),
        sa.Column("policy_version", sa.String(length=40), nullable=False),
        sa.Column("include_leader", sa.Boolean(), nullable=False),
        sa.Column("excluded", Json, nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("clock_at", UtcDateTime(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("next_step_at", UtcDateTime(), nullable=True),
        sa.Column("accepted_at", UtcDateTime(), nullable=True),
        sa.Column("accepted_by", sa.String(length=80), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pages")),
        sa.UniqueConstraint("escalation_id", name=op.f("uq_pages_escalation_id")),
    )
    op.create_index(
        "ix_pages_code",
        "pages",
        ["code"],
        unique=True,
        postgresql_where=sa.text("state != 'CLOSED'"),
        sqlite_where=sa.text("state != 'CLOSED'"),
    )
    op.create_index(
        "ix_pages_next_step_at",
        "pages",
        ["next_step_at"],
        unique=False,
        postgresql_where=sa.text("next_step_at IS NOT NULL"),
        sqlite_where=sa.text("next_step_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_pages_opened_at"), "pages", ["opened_at"], unique=False)
    op.create_index(op.f("ix_pages_threat_id"), "pages", ["threat_id"], unique=False)
    op.create_table(
        "timeline",
        sa.Column("seq", Serial, autoincrement=True, nullable=False),
        sa.Column("page_id", Id, nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=True),
        sa.Column("code", sa.String(length=300), nullable=True),
        sa.Column("note", sa.String(length=1000), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_timeline")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_timeline_page_id", "timeline", ["page_id", "seq"], unique=False)


def _attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", Id, nullable=False),
        sa.Column("page_id", Id, nullable=True),
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column("lane", sa.String(length=10), nullable=False),
        sa.Column("urgency", sa.SmallInteger(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("user", sa.String(length=80), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("hint", sa.String(length=20), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("tried", Json, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("lease_id", Id, nullable=True),
        sa.Column("lease_holder", sa.String(length=80), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("route", sa.String(length=60), nullable=True),
        sa.Column("provider_id", sa.String(length=200), nullable=True),
        sa.Column("submitted_at", UtcDateTime(), nullable=True),
        sa.Column("receipt_at", UtcDateTime(), nullable=True),
        sa.Column("cause", sa.String(length=60), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
    )
    op.create_index(
        "ix_attempts_due",
        "attempts",
        ["urgency", "due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'DUE'"),
        sqlite_where=sa.text("state = 'DUE'"),
    )
    op.create_index(
        "ix_attempts_leased",
        "attempts",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("state = 'LEASED'"),
        sqlite_where=sa.text("state = 'LEASED'"),
    )
    op.create_index(op.f("ix_attempts_page_id"), "attempts", ["page_id"], unique=False)
    op.create_index("ix_attempts_provider", "attempts", ["provider_id", "route"], unique=False)
    op.create_table(
        "receipts",
        sa.Column("id", Id, nullable=False),
        sa.Column("route", sa.String(length=60), nullable=False),
        sa.Column("provider_id", sa.String(length=200), nullable=False),
        sa.Column("delivered", sa.Boolean(), nullable=False),
        sa.Column("cause", sa.String(length=60), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("applied", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
    )
    op.create_index("ix_receipts_provider", "receipts", ["provider_id", "route"], unique=False)
    op.create_table(
        "sandbox_messages",
        sa.Column("id", Id, nullable=False),
        sa.Column("to", sa.String(length=200), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("body", sa.String(length=160), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sandbox_messages")),
    )
    op.create_index(op.f("ix_sandbox_messages_at"), "sandbox_messages", ["at"], unique=False)


def _duty() -> None:
    op.create_table(
        "people",
        sa.Column("user", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("actor_id", Id, nullable=True),
        sa.Column("floor", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("user", name=op.f("pk_people")),
    )
    op.create_table(
        "devices",
        sa.Column("user", sa.String(length=80), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["people.user"], name=op.f("fk_devices_user")),
        sa.PrimaryKeyConstraint("user", "channel", name=op.f("pk_devices")),
    )
    op.create_index(op.f("ix_devices_address"), "devices", ["address"], unique=False)
    op.create_table(
        "rotations",
        sa.Column("id", Id, nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("members", Json, nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("handover", sa.String(length=5), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rotations")),
    )
    op.create_table(
        "overrides",
        sa.Column("id", Id, nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("user", sa.String(length=80), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overrides")),
    )
    op.create_index(op.f("ix_overrides_until"), "overrides", ["until"], unique=False)


def _watch_and_sessions() -> None:
    op.create_table(
        "watch",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("beat_at", UtcDateTime(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("page_id", Id, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch")),
    )
    op.create_table(
        "sessions",
        sa.Column("id", Id, nullable=False),
        sa.Column("secret_digest", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("roles", Json, nullable=False),
        sa.Column("actor_id", Id, nullable=True),
        sa.Column("compartments", Json, nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("secret_digest", name=op.f("uq_sessions_secret_digest")),
    )
    op.create_index(op.f("ix_sessions_ends_at"), "sessions", ["ends_at"], unique=False)
    op.create_index(op.f("ix_sessions_subject"), "sessions", ["subject"], unique=False)
    op.create_table(
        "signing_keys",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("pem", sa.Text(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_keys")),
    )


def _calls() -> None:
    op.create_table(
        "calls",
        sa.Column("id", Id, nullable=False),
        sa.Column("called_at", UtcDateTime(), nullable=False),
        sa.Column("entered_at", UtcDateTime(), nullable=False),
        sa.Column("entered_by", sa.String(length=80), nullable=False),
        sa.Column("caller", sa.String(length=10), nullable=False),
        sa.Column("what", sa.String(length=2000), nullable=False),
        sa.Column("urgency", sa.String(length=10), nullable=False),
        sa.Column("violence", sa.Boolean(), nullable=False),
        sa.Column("page_id", Id, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
    )
    op.create_index(op.f("ix_calls_called_at"), "calls", ["called_at"], unique=False)
    op.create_table(
        "report_jobs",
        sa.Column("id", Id, nullable=False),
        sa.Column("call_id", Id, nullable=False),
        sa.Column("body", Json, nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("report_id", Id, nullable=True),
        sa.Column("refused", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_report_jobs_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_jobs")),
    )
    op.create_index(
        "ix_report_jobs_due",
        "report_jobs",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL AND refused IS NULL"),
        sqlite_where=sa.text("done_at IS NULL AND refused IS NULL"),
    )
