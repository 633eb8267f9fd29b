"""The policy workbench, and by which policy a signal was weighed and a threat assessed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from forkant_shared.database import Id, Json, UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# A reference to a report is text, because it may also be one to something else; SQLite keeps ids without dashes.
_TAKE_OVER = {
    "postgresql": "UPDATE signals SET received_at = reports.received_at, weighed_by = reports.policy_version"
    " FROM reports WHERE reports.id::text = signals.report AND signals.source = 'REPORT'",
    "sqlite": "UPDATE signals SET received_at = reports.received_at, weighed_by = reports.policy_version"
    " FROM reports WHERE reports.id = replace(signals.report, '-', '') AND signals.source = 'REPORT'",
}


def upgrade() -> None:
    _texts_and_drafts()
    _versions_and_adoptions()
    _stories_and_comparisons()
    op.add_column("signals", sa.Column("received_at", UtcDateTime, nullable=True))
    op.add_column("signals", sa.Column("weighed_by", sa.String(length=40), nullable=True))
    op.add_column("threats", sa.Column("assessed_by", sa.String(length=40), nullable=True))
    op.execute(_TAKE_OVER[op.get_bind().dialect.name])
    op.execute(
        "UPDATE threats SET assessed_by = (SELECT policy_version FROM assessments"
        " WHERE assessments.threat_id = threats.id ORDER BY assessments.id DESC LIMIT 1)"
    )


def _texts_and_drafts() -> None:
    op.create_table(
        "policy_texts",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_policy_texts")),
    )
    op.create_table(
        "policy_drafts",
        sa.Column("id", Id, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("based_on", sa.String(length=40), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("signed_as", sa.String(length=40), nullable=True),
        sa.Column("discarded_at", UtcDateTime, nullable=True),
        sa.Column("discarded_by", sa.String(length=120), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_drafts")),
    )
    op.create_index(
        "ix_policy_drafts_open_name",
        "policy_drafts",
        ["name"],
        unique=True,
        postgresql_where=sa.text("signed_as IS NULL AND discarded_at IS NULL"),
        sqlite_where=sa.text("signed_as IS NULL AND discarded_at IS NULL"),
    )
    op.create_table(
        "policy_revisions",
        sa.Column("draft_id", Id, nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("examples", Json, nullable=False),
        sa.Column("failing", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["policy_texts.digest"], name=op.f("fk_policy_revisions_digest")),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["policy_drafts.id"], name=op.f("fk_policy_revisions_draft_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("draft_id", "revision", name=op.f("pk_policy_revisions")),
    )
    op.create_table(
        "policy_signatures",
        sa.Column("draft_id", Id, nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["policy_drafts.id"], name=op.f("fk_policy_signatures_draft_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("draft_id", "revision", "by", name=op.f("pk_policy_signatures")),
    )


def _versions_and_adoptions() -> None:
    op.create_table(
        "policies",
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("signed_by", sa.String(length=400), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("draft_id", Id, nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["policy_texts.digest"], name=op.f("fk_policies_digest")),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_policies")),
    )
    op.create_table(
        "policy_adoptions",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("from_at", UtcDateTime, nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("settled_at", UtcDateTime, nullable=True),
        sa.Column("withdrawn_at", UtcDateTime, nullable=True),
        sa.Column("withdrawn_by", sa.String(length=120), nullable=True),
        sa.Column("withdrawn_because", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_policy_adoptions")),
    )


def _stories_and_comparisons() -> None:
    op.create_table(
        "policy_scenarios",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_policy_scenarios")),
    )
    op.create_table(
        "policy_comparisons",
        sa.Column("id", Id, nullable=False),
        sa.Column("draft_id", Id, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("against", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.Column("until", UtcDateTime, nullable=False),
        sa.Column("asked_by", sa.String(length=120), nullable=False),
        sa.Column("asked_at", UtcDateTime, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("taken_by", sa.String(length=80), nullable=True),
        sa.Column("alive_at", UtcDateTime, nullable=True),
        sa.Column("finished_at", UtcDateTime, nullable=True),
        sa.Column("problem", sa.String(length=40), nullable=True),
        sa.Column("result", Json, nullable=True),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["policy_drafts.id"], name=op.f("fk_policy_comparisons_draft_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_comparisons")),
    )
    op.create_index(op.f("ix_policy_comparisons_draft_id"), "policy_comparisons", ["draft_id"], unique=False)
    op.create_index(
        "ix_policy_comparisons_unfinished",
        "policy_comparisons",
        ["asked_at"],
        unique=False,
        postgresql_where=sa.text("finished_at IS NULL"),
        sqlite_where=sa.text("finished_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_column("threats", "assessed_by")
    op.drop_column("signals", "weighed_by")
    op.drop_column("signals", "received_at")
    for table in ("comparisons", "scenarios", "adoptions", "signatures", "revisions", "drafts"):
        op.drop_table(f"policy_{table}")
    op.drop_table("policies")
    op.drop_table("policy_texts")
