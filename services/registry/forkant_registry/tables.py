"""The registry's tables.

Search does not look at names but at *words*: each folded word stands once in `words` with its trigrams, however many
names it is part of. A register grows much faster than its vocabulary, so comparing spellings stays cheap, and the same
plain tables serve both databases.
"""

from __future__ import annotations

import sqlalchemy as sa

from forkant_shared.database import Id, Json, Serial, UtcDateTime, new_metadata
from forkant_shared.migrations import include_kit

METADATA = new_metadata()


def _marks() -> list[sa.Column[str]]:
    return [
        sa.Column("handling", sa.String(10), nullable=False),
        sa.Column("compartment", sa.String(60)),
    ]


def _graded() -> list[sa.Column[str]]:
    return [
        sa.Column("scale", sa.String(20), nullable=False),
        sa.Column("source_grade", sa.String(5), nullable=False),
        sa.Column("information_grade", sa.String(5), nullable=False),
        sa.Column("origin", sa.String(64), nullable=False),
    ]


ACTORS = sa.Table(
    "actors",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("kind", sa.String(10), nullable=False),
    *_marks(),
    sa.Column("registered_at", UtcDateTime, nullable=False),
    sa.Column("registered_by", sa.String(120), nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
)

CLAIMS = sa.Table(
    "claims",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("actor_id", Id, sa.ForeignKey("actors.id"), nullable=False),
    sa.Column("predicate", sa.String(40), nullable=False),
    sa.Column("object_id", Id, sa.ForeignKey("actors.id")),
    sa.Column("object_kind", sa.String(10)),
    sa.Column("value", sa.String(2000)),
    sa.Column("qualifiers", Json, nullable=False),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("verified", sa.Boolean, nullable=False),
    *_graded(),
    sa.Column("report", sa.String(64)),
    sa.Column("note", sa.String(2000)),
    *_marks(),
    sa.Column("observed_at", UtcDateTime, nullable=False),
    sa.Column("valid_from", UtcDateTime),
    sa.Column("valid_to", UtcDateTime),
    sa.Column("recorded_at", UtcDateTime, nullable=False),
    sa.Column("recorded_by", sa.String(120), nullable=False),
    sa.Column("corrects", Id),
    sa.Column("superseded_at", UtcDateTime),
    sa.Column("superseded_by", Id),
    sa.Column("superseded_reason", sa.String(10)),
    sa.Index("ix_claims_actor_id", "actor_id", "id"),
    sa.Index("ix_claims_object_id", "object_id", "id"),
)

#: The standing name claims, ready to be shown and searched. `spelling` is the version its words were folded with.
NAMES = sa.Table(
    "names",
    METADATA,
    sa.Column("claim_id", Id, sa.ForeignKey("claims.id"), primary_key=True),
    sa.Column("actor_id", Id, sa.ForeignKey("actors.id"), nullable=False, index=True),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("weak", sa.Boolean, nullable=False),
    sa.Column("value", sa.String(200), nullable=False),
    sa.Column("spelling", sa.String(20), nullable=False),
)

#: Every folded word some name has had, once.
WORDS = sa.Table(
    "words",
    METADATA,
    sa.Column("id", Serial, primary_key=True, autoincrement=True),
    sa.Column("word", sa.String(200), nullable=False, unique=True),
    sa.Column("sound", sa.String(200), nullable=False, index=True),
    sa.Column("variant", sa.String(200), nullable=False, index=True),
    sa.Column("spelling", sa.String(20), nullable=False),
)
WORD_TRIGRAMS = sa.Table(
    "word_trigrams",
    METADATA,
    sa.Column("trigram", sa.String(3), primary_key=True),
    sa.Column("word_id", Serial, sa.ForeignKey("words.id"), primary_key=True),
    sqlite_with_rowid=False,
)
NAME_WORDS = sa.Table(
    "name_words",
    METADATA,
    sa.Column("word_id", Serial, sa.ForeignKey("words.id"), primary_key=True),
    sa.Column("actor_id", Id, primary_key=True),
    sa.Column("claim_id", Id, sa.ForeignKey("names.claim_id"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

#: Whether two actors are the same, as people judged; `one_id` < `other_id`. A row is marked, never changed.
JUDGEMENTS = sa.Table(
    "identity_judgements",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("one_id", Id, sa.ForeignKey("actors.id"), nullable=False, index=True),
    sa.Column("other_id", Id, sa.ForeignKey("actors.id"), nullable=False, index=True),
    sa.Column("verdict", sa.String(10), nullable=False),
    sa.Column("reason", sa.String(2000), nullable=False),
    sa.Column("score", sa.Float),
    *_marks(),
    sa.Column("needs_approval", sa.Boolean, nullable=False),
    sa.Column("judged_at", UtcDateTime, nullable=False),
    sa.Column("judged_by", sa.String(120), nullable=False),
    sa.Column("approved_at", UtcDateTime),
    sa.Column("approved_by", sa.String(120)),
    sa.Column("revoked_at", UtcDateTime),
    sa.Column("revoked_by", sa.String(120)),
    sa.Column("revoked_because", sa.String(2000)),
)
_WAITS = sa.and_(JUDGEMENTS.c.needs_approval, JUDGEMENTS.c.approved_at.is_(None), JUDGEMENTS.c.revoked_at.is_(None))
sa.Index("ix_identity_judgements_waiting", JUDGEMENTS.c.id, postgresql_where=_WAITS, sqlite_where=_WAITS)

CONFLICTS = sa.Table(
    "conflicts",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("group_a", Id, sa.ForeignKey("actors.id"), nullable=False),
    sa.Column("group_b", Id, sa.ForeignKey("actors.id"), nullable=False, index=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("group_a", "group_b"),
)
STANDINGS = sa.Table(
    "conflict_standings",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("conflict_id", Id, sa.ForeignKey("conflicts.id"), nullable=False, index=True),
    sa.Column("status", sa.String(10), nullable=False),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("verified", sa.Boolean, nullable=False),
    *_graded(),
    sa.Column("note", sa.String(2000)),
    *_marks(),
    sa.Column("recorded_at", UtcDateTime, nullable=False),
    sa.Column("recorded_by", sa.String(120), nullable=False),
)

ENTRIES = sa.Table(
    "calendar_entries",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("on", sa.Date, nullable=False, index=True),
    *_graded(),
    sa.Column("note", sa.String(2000)),
    *_marks(),
    sa.Column("recorded_at", UtcDateTime, nullable=False),
    sa.Column("recorded_by", sa.String(120), nullable=False),
    sa.Column("corrects", Id),
    sa.Column("superseded_at", UtcDateTime),
    sa.Column("superseded_by", Id),
    sa.Column("superseded_reason", sa.String(10)),
)
ENTRY_PARTIES = sa.Table(
    "calendar_entry_parties",
    METADATA,
    sa.Column("entry_id", Id, sa.ForeignKey("calendar_entries.id"), primary_key=True),
    sa.Column("actor_id", Id, sa.ForeignKey("actors.id"), primary_key=True, index=True),
    sa.Column("position", sa.Integer, nullable=False),
)

OBSERVATIONS = sa.Table(
    "observations",
    METADATA,
    sa.Column("id", Id, primary_key=True),
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
    *_graded(),
    sa.Column("origin_id", Id, nullable=False),
    *_marks(),
    sa.Column("recorded_at", UtcDateTime, nullable=False),
    sa.Column("recorded_by", sa.String(120), nullable=False),
    sa.Column("corrects", Id),
    sa.Column("superseded_at", UtcDateTime),
    sa.Column("superseded_by", Id),
    sa.Column("superseded_reason", sa.String(10)),
    sa.Index("ix_observations_observed_at", "observed_at", "id"),
)
OBSERVED = sa.Table(
    "observed_actors",
    METADATA,
    sa.Column("observation_id", Id, sa.ForeignKey("observations.id"), primary_key=True),
    sa.Column("actor_id", Id, sa.ForeignKey("actors.id"), primary_key=True, index=True),
    sa.Column("position", sa.Integer, nullable=False),
)
#: What stands for an origin outside the register: drawn, so that nobody can try origins one after another.
OBSERVATION_ORIGINS = sa.Table(
    "observation_origins",
    METADATA,
    sa.Column("origin", sa.String(64), primary_key=True),
    sa.Column("origin_id", Id, nullable=False),
)

include_kit(METADATA)
