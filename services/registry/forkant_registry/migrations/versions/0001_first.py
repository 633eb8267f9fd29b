"""Actors, claims, names and their words, conflicts, the calendar; and what the kit needs."""

import sqlalchemy as sa
from alembic import op

from forkant_shared.database import Id, Json, Serial, UtcDateTime
from forkant_shared.migrations import drop_kit_0001, kit_0001

revision = "0001"
down_revision = None


def marks() -> list[sa.Column[str]]:
    return [sa.Column("handling", sa.String(10), nullable=False), sa.Column("compartment", sa.String(60))]


def graded() -> list[sa.Column[str]]:
    return [
        sa.Column("scale", sa.String(20), nullable=False),
        sa.Column("source_grade", sa.String(5), nullable=False),
        sa.Column("information_grade", sa.String(5), nullable=False),
        sa.Column("origin", sa.String(64), nullable=False),
    ]


def upgrade() -> None:
    kit_0001()
    actors_and_claims()
    names_and_words()
    conflicts_and_calendar()


def actors_and_claims() -> None:
    op.create_table(
        "actors",
        sa.Column("id", Id, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        *marks(),
        sa.Column("registered_at", UtcDateTime, nullable=False),
        sa.Column("registered_by", sa.String(120), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_actors"),
    )
    op.create_table(
        "claims",
        sa.Column("id", Id, nullable=False),
        sa.Column("actor_id", Id, nullable=False),
        sa.Column("predicate", sa.String(40), nullable=False),
        sa.Column("object_id", Id),
        sa.Column("object_kind", sa.String(10)),
        sa.Column("value", sa.String(2000)),
        sa.Column("qualifiers", Json, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("verified", sa.Boolean, nullable=False),
        *graded(),
        sa.Column("report", sa.String(64)),
        sa.Column("note", sa.String(2000)),
        *marks(),
        sa.Column("observed_at", UtcDateTime, nullable=False),
        sa.Column("valid_from", UtcDateTime),
        sa.Column("valid_to", UtcDateTime),
        sa.Column("recorded_at", UtcDateTime, nullable=False),
        sa.Column("recorded_by", sa.String(120), nullable=False),
        sa.Column("corrects", Id),
        sa.Column("superseded_at", UtcDateTime),
        sa.Column("superseded_by", Id),
        sa.Column("superseded_reason", sa.String(10)),
        sa.PrimaryKeyConstraint("id", name="pk_claims"),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name="fk_claims_actor_id"),
        sa.ForeignKeyConstraint(["object_id"], ["actors.id"], name="fk_claims_object_id"),
    )
    op.create_index("ix_claims_actor_id", "claims", ["actor_id", "id"])
    op.create_index("ix_claims_object_id", "claims", ["object_id", "id"])


def names_and_words() -> None:
    op.create_table(
        "names",
        sa.Column("claim_id", Id, nullable=False),
        sa.Column("actor_id", Id, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("weak", sa.Boolean, nullable=False),
        sa.Column("value", sa.String(200), nullable=False),
        sa.Column("spelling", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("claim_id", name="pk_names"),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name="fk_names_claim_id"),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name="fk_names_actor_id"),
    )
    op.create_index("ix_names_actor_id", "names", ["actor_id"])
    op.create_table(
        "words",
        sa.Column("id", Serial, autoincrement=True, nullable=False),
        sa.Column("word", sa.String(200), nullable=False),
        sa.Column("sound", sa.String(200), nullable=False),
        sa.Column("variant", sa.String(200), nullable=False),
        sa.Column("spelling", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_words"),
        sa.UniqueConstraint("word", name="uq_words_word"),
    )
    op.create_index("ix_words_sound", "words", ["sound"])
    op.create_index("ix_words_variant", "words", ["variant"])
    op.create_table(
        "word_trigrams",
        sa.Column("trigram", sa.String(3), nullable=False),
        sa.Column("word_id", Serial, nullable=False),
        sa.PrimaryKeyConstraint("trigram", "word_id", name="pk_word_trigrams"),
        sa.ForeignKeyConstraint(["word_id"], ["words.id"], name="fk_word_trigrams_word_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "name_words",
        sa.Column("word_id", Serial, nullable=False),
        sa.Column("actor_id", Id, nullable=False),
        sa.Column("claim_id", Id, nullable=False),
        sa.PrimaryKeyConstraint("word_id", "actor_id", "claim_id", name="pk_name_words"),
        sa.ForeignKeyConstraint(["word_id"], ["words.id"], name="fk_name_words_word_id"),
        sa.ForeignKeyConstraint(["claim_id"], ["names.claim_id"], name="fk_name_words_claim_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_name_words_claim_id", "name_words", ["claim_id"])


def conflicts_and_calendar() -> None:
    op.create_table(
        "conflicts",
        sa.Column("id", Id, nullable=False),
        sa.Column("group_a", Id, nullable=False),
        sa.Column("group_b", Id, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_conflicts"),
        sa.ForeignKeyConstraint(["group_a"], ["actors.id"], name="fk_conflicts_group_a"),
        sa.ForeignKeyConstraint(["group_b"], ["actors.id"], name="fk_conflicts_group_b"),
        sa.UniqueConstraint("group_a", "group_b", name="uq_conflicts_group_a_group_b"),
    )
    op.create_index("ix_conflicts_group_b", "conflicts", ["group_b"])
    op.create_table(
        "conflict_standings",
        sa.Column("id", Id, nullable=False),
        sa.Column("conflict_id", Id, nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("verified", sa.Boolean, nullable=False),
        *graded(),
        sa.Column("note", sa.String(2000)),
        *marks(),
        sa.Column("recorded_at", UtcDateTime, nullable=False),
        sa.Column("recorded_by", sa.String(120), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_conflict_standings"),
        sa.ForeignKeyConstraint(["conflict_id"], ["conflicts.id"], name="fk_conflict_standings_conflict_id"),
    )
    op.create_index("ix_conflict_standings_conflict_id", "conflict_standings", ["conflict_id"])
    op.create_table(
        "calendar_entries",
        sa.Column("id", Id, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("on", sa.Date, nullable=False),
        *graded(),
        sa.Column("note", sa.String(2000)),
        *marks(),
        sa.Column("recorded_at", UtcDateTime, nullable=False),
        sa.Column("recorded_by", sa.String(120), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_calendar_entries"),
    )
    op.create_index("ix_calendar_entries_on", "calendar_entries", ["on"])
    op.create_table(
        "calendar_entry_parties",
        sa.Column("entry_id", Id, nullable=False),
        sa.Column("actor_id", Id, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "actor_id", name="pk_calendar_entry_parties"),
        sa.ForeignKeyConstraint(["entry_id"], ["calendar_entries.id"], name="fk_calendar_entry_parties_entry_id"),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name="fk_calendar_entry_parties_actor_id"),
    )
    op.create_index("ix_calendar_entry_parties_actor_id", "calendar_entry_parties", ["actor_id"])


def downgrade() -> None:
    for table in (
        "calendar_entry_parties",
        "calendar_entries",
        "conflict_standings",
        "conflicts",
        "name_words",
        "word_trigrams",
        "words",
        "names",
        "claims",
        "actors",
    ):
        op.drop_table(table)
    drop_kit_0001()
