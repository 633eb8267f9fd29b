"""Dialogues, meetings, minutes and promises, with what is remembered of other services and what falls due."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from forkant_shared.database import Id, Json, Serial, UtcDateTime
from forkant_shared.migrations import drop_kit_0001, kit_0001

revision = "0001"
down_revision = None


def upgrade() -> None:
    kit_0001()
    op.create_table(
        "dialogues",
        sa.Column("id", Id, nullable=False),
        sa.Column("group_id", Id, nullable=False),
        sa.Column("phase", sa.String(length=4), nullable=False),
        sa.Column("entry_form", sa.String(length=30), nullable=True),
        sa.Column("cadence_days", sa.Integer(), nullable=False),
        sa.Column("handling", sa.String(length=12), nullable=False),
        sa.Column("compartment", sa.String(length=80), nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("opened_by", sa.String(length=120), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dialogues")),
    )
    op.create_index(op.f("ix_dialogues_group_id"), "dialogues", ["group_id"], unique=False)
    op.create_table(
        "dues",
        sa.Column("id", Serial, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("object_id", Id, nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dues")),
        sa.UniqueConstraint("object_id", "kind", "due_at", name=op.f("uq_dues_object_id_kind_due_at")),
    )
    op.create_index(
        "ix_dues_waiting",
        "dues",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL"),
        sqlite_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "groups",
        sa.Column("group_id", Id, nullable=False),
        sa.Column("group_kind", sa.String(length=30), nullable=False),
        sa.PrimaryKeyConstraint("group_id", name=op.f("pk_groups")),
    )
    op.create_table(
        "identities",
        sa.Column("actor_id", Id, nullable=False),
        sa.Column("canonical_id", Id, nullable=False),
        sa.PrimaryKeyConstraint("actor_id", name=op.f("pk_identities")),
    )
    op.create_table(
        "officers",
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("actor_id", Id, nullable=True),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_officers")),
    )
    op.create_table(
        "reminders",
        sa.Column("id", Id, nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("object_id", Id, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders")),
    )
    op.create_index(op.f("ix_reminders_subject_seen_at"), "reminders", ["subject", "seen_at"], unique=False)
    op.create_table(
        "threats",
        sa.Column("threat_id", Id, nullable=False),
        sa.Column("cleared_until", UtcDateTime(), nullable=True),
        sa.Column("excluded", Json, nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("threat_id", name=op.f("pk_threats")),
    )
    op.create_table(
        "dialogue_contacts",
        sa.Column("dialogue_id", Id, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["dialogue_id"], ["dialogues.id"], name=op.f("fk_dialogue_contacts_dialogue_id")),
        sa.PrimaryKeyConstraint("dialogue_id", "position", name=op.f("pk_dialogue_contacts")),
    )
    op.create_index(op.f("ix_dialogue_contacts_subject"), "dialogue_contacts", ["subject"], unique=False)
    op.create_table(
        "dialogue_counterparts",
        sa.Column("dialogue_id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("standing", sa.String(length=30), nullable=False),
        sa.ForeignKeyConstraint(["dialogue_id"], ["dialogues.id"], name=op.f("fk_dialogue_counterparts_dialogue_id")),
        sa.PrimaryKeyConstraint("dialogue_id", "person_id", "standing", name=op.f("pk_dialogue_counterparts")),
    )
    op.create_table(
        "meetings",
        sa.Column("id", Id, nullable=False),
        sa.Column("dialogue_id", Id, nullable=False),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("level", sa.String(length=30), nullable=False),
        sa.Column("initiative", sa.String(length=30), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("not_recruitment", sa.Boolean(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("neutral_place", sa.Boolean(), nullable=False),
        sa.Column("counterpart_count", sa.Integer(), nullable=False),
        sa.Column("deconfliction_outcome", sa.String(length=30), nullable=True),
        sa.Column("deconfliction_because", sa.Text(), nullable=False),
        sa.Column("threat_id", Id, nullable=True),
        sa.Column("verification_at", UtcDateTime(), nullable=True),
        sa.Column("fallback", sa.Text(), nullable=False),
        sa.Column("conflict_id", Id, nullable=True),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("planned_at", UtcDateTime(), nullable=True),
        sa.Column("confirmed_by", sa.String(length=120), nullable=True),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("policy_version", sa.String(length=40), nullable=True),
        sa.Column("withdrawn", sa.String(length=30), nullable=True),
        sa.Column("held_at", UtcDateTime(), nullable=True),
        sa.Column("recorded_by", sa.String(length=120), nullable=True),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("deviations", Json, nullable=False),
        sa.Column("ending_reason", sa.Text(), nullable=True),
        sa.Column("ended_by", sa.String(length=120), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["dialogue_id"], ["dialogues.id"], name=op.f("fk_meetings_dialogue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meetings")),
    )
    op.create_index(op.f("ix_meetings_dialogue_id_held_at"), "meetings", ["dialogue_id", "held_at"], unique=False)
    op.create_index(op.f("ix_meetings_state_starts_at"), "meetings", ["state", "starts_at"], unique=False)
    op.create_index(op.f("ix_meetings_threat_id"), "meetings", ["threat_id"], unique=False)
    op.create_table(
        "meeting_counterparts",
        sa.Column("meeting_id", Id, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_meeting_counterparts_meeting_id")),
        sa.PrimaryKeyConstraint("meeting_id", "position", name=op.f("pk_meeting_counterparts")),
    )
    op.create_table(
        "meeting_overrides",
        sa.Column("meeting_id", Id, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("check", sa.String(length=30), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_meeting_overrides_meeting_id")),
        sa.PrimaryKeyConstraint("meeting_id", "position", name=op.f("pk_meeting_overrides")),
    )
    op.create_index(op.f("ix_meeting_overrides_check"), "meeting_overrides", ["check"], unique=False)
    op.create_table(
        "meeting_representatives",
        sa.Column("meeting_id", Id, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("experienced_leader", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_meeting_representatives_meeting_id")),
        sa.PrimaryKeyConstraint("meeting_id", "position", name=op.f("pk_meeting_representatives")),
    )
    op.create_index(op.f("ix_meeting_representatives_subject"), "meeting_representatives", ["subject"], unique=False)
    op.create_table(
        "meeting_third_parties",
        sa.Column("meeting_id", Id, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_meeting_third_parties_meeting_id")),
        sa.PrimaryKeyConstraint("meeting_id", "position", name=op.f("pk_meeting_third_parties")),
    )
    op.create_table(
        "minutes",
        sa.Column("meeting_id", Id, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=120), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("approve_by", UtcDateTime(), nullable=False),
        sa.Column("approved_by", sa.String(length=120), nullable=True),
        sa.Column("approved_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_minutes_meeting_id")),
        sa.PrimaryKeyConstraint("meeting_id", name=op.f("pk_minutes")),
    )
    op.create_table(
        "minutes_corrections",
        sa.Column("meeting_id", Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("approved_by", sa.String(length=120), nullable=True),
        sa.Column("approved_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_minutes_corrections_meeting_id")),
        sa.PrimaryKeyConstraint("meeting_id", "number", name=op.f("pk_minutes_corrections")),
    )
    op.create_table(
        "promises",
        sa.Column("id", Id, nullable=False),
        sa.Column("dialogue_id", Id, nullable=False),
        sa.Column("meeting_id", Id, nullable=True),
        sa.Column("side", sa.String(length=30), nullable=False),
        sa.Column("receiver", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by", sa.String(length=120), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("threat_id", Id, nullable=True),
        sa.Column("confirmed_how", sa.String(length=30), nullable=True),
        sa.Column("confirmed_by", sa.String(length=120), nullable=True),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("progress", sa.String(length=30), nullable=False),
        sa.Column("fate", sa.String(length=30), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["dialogue_id"], ["dialogues.id"], name=op.f("fk_promises_dialogue_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_promises_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promises")),
    )
    op.create_index(op.f("ix_promises_dialogue_id"), "promises", ["dialogue_id"], unique=False)
    op.create_index(op.f("ix_promises_fate_due_on"), "promises", ["fate", "due_on"], unique=False)
    op.create_index(op.f("ix_promises_meeting_id"), "promises", ["meeting_id"], unique=False)
    op.create_index(op.f("ix_promises_owner"), "promises", ["owner"], unique=False)
    op.create_index(op.f("ix_promises_threat_id"), "promises", ["threat_id"], unique=False)
    op.create_table(
        "promise_judgements",
        sa.Column("promise_id", Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("fate", sa.String(length=30), nullable=False),
        sa.Column("manner", sa.String(length=30), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("happened_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["promise_id"], ["promises.id"], name=op.f("fk_promise_judgements_promise_id")),
        sa.PrimaryKeyConstraint("promise_id", "number", name=op.f("pk_promise_judgements")),
    )


def downgrade() -> None:
    op.drop_table("promise_judgements")
    op.drop_index(op.f("ix_promises_threat_id"), table_name="promises")
    op.drop_index(op.f("ix_promises_owner"), table_name="promises")
    op.drop_index(op.f("ix_promises_meeting_id"), table_name="promises")
    op.drop_index(op.f("ix_promises_fate_due_on"), table_name="promises")
    op.drop_index(op.f("ix_promises_dialogue_id"), table_name="promises")
    op.drop_table("promises")
    op.drop_table("minutes_corrections")
    op.drop_table("minutes")
    op.drop_table("meeting_third_parties")
    op.drop_index(op.f("ix_meeting_representatives_subject"), table_name="meeting_representatives")
    op.drop_table("meeting_representatives")
    op.drop_index(op.f("ix_meeting_overrides_check"), table_name="meeting_overrides")
    op.drop_table("meeting_overrides")
    op.drop_table("meeting_counterparts")
    op.drop_index(op.f("ix_meetings_threat_id"), table_name="meetings")
    op.drop_index(op.f("ix_meetings_state_starts_at"), table_name="meetings")
    op.drop_index(op.f("ix_meetings_dialogue_id_held_at"), table_name="meetings")
    op.drop_table("meetings")
    op.drop_table("dialogue_counterparts")
    op.drop_index(op.f("ix_dialogue_contacts_subject"), table_name="dialogue_contacts")
    op.drop_table("dialogue_contacts")
    op.drop_table("threats")
    op.drop_index(op.f("ix_reminders_subject_seen_at"), table_name="reminders")
    op.drop_table("reminders")
    op.drop_table("officers")
    op.drop_table("identities")
    op.drop_table("groups")
    op.drop_index(
        "ix_dues_waiting",
        table_name="dues",
        postgresql_where=sa.text("done_at IS NULL"),
        sqlite_where=sa.text("done_at IS NULL"),
    )
    op.drop_table("dues")
    op.drop_index(op.f("ix_dialogues_group_id"), table_name="dialogues")
    op.drop_table("dialogues")
    drop_kit_0001()
