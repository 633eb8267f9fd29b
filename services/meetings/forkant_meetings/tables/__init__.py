"""The tables of meetings. Whole sentences live in columns here and nowhere else."""

from __future__ import annotations

import sqlalchemy as sa

from forkant_meetings.tables.calls import CALL_CONTACTS as CALL_CONTACTS
from forkant_meetings.tables.metadata import CODE, NAME, SUBJECT
from forkant_meetings.tables.metadata import METADATA as METADATA
from forkant_shared.database import Id, Json, Serial, UtcDateTime
from forkant_shared.migrations import include_kit

DIALOGUES = sa.Table(
    "dialogues",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("group_id", Id, nullable=False, index=True),
    sa.Column("phase", sa.String(4), nullable=False),
    sa.Column("entry_form", CODE),
    sa.Column("cadence_days", sa.Integer, nullable=False),
    sa.Column("handling", sa.String(12), nullable=False),
    sa.Column("compartment", sa.String(80)),
    sa.Column("opened_at", UtcDateTime, nullable=False),
    sa.Column("opened_by", SUBJECT, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
)
#: Officers who carry a dialogue, now (`until` is null) or earlier; never deleted.
CONTACTS = sa.Table(
    "dialogue_contacts",
    METADATA,
    sa.Column("dialogue_id", Id, sa.ForeignKey("dialogues.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("subject", SUBJECT, nullable=False, index=True),
    sa.Column("name", NAME, nullable=False),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("until", UtcDateTime),
)
COUNTERPARTS = sa.Table(
    "dialogue_counterparts",
    METADATA,
    sa.Column("dialogue_id", Id, sa.ForeignKey("dialogues.id"), primary_key=True),
    sa.Column("person_id", Id, primary_key=True),
    sa.Column("standing", CODE, primary_key=True),
)

MEETINGS = sa.Table(
    "meetings",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("dialogue_id", Id, sa.ForeignKey("dialogues.id"), nullable=False),
    sa.Column("state", CODE, nullable=False),
    sa.Column("level", CODE, nullable=False),
    sa.Column("initiative", CODE, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("not_recruitment", sa.Boolean, nullable=False),
    sa.Column("starts_at", UtcDateTime),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("neutral_place", sa.Boolean, nullable=False),
    sa.Column("counterpart_count", sa.Integer, nullable=False),
    sa.Column("deconfliction_outcome", CODE),
    sa.Column("deconfliction_because", sa.Text, nullable=False),
    sa.Column("threat_id", Id, index=True),
    sa.Column("verification_at", UtcDateTime),
    sa.Column("fallback", sa.Text, nullable=False),
    sa.Column("conflict_id", Id),
    sa.Column("created_by", SUBJECT, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("planned_at", UtcDateTime),
    sa.Column("confirmed_by", SUBJECT),
    sa.Column("confirmed_at", UtcDateTime),
    sa.Column("policy_version", sa.String(40)),
    sa.Column("withdrawn", CODE),
    sa.Column("held_at", UtcDateTime),
    sa.Column("recorded_by", SUBJECT),
    sa.Column("decided_by", NAME),
    sa.Column("deviations", Json, nullable=False),
    sa.Column("ending_reason", sa.Text),
    sa.Column("ended_by", SUBJECT),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Index(None, "state", "starts_at"),
    sa.Index(None, "dialogue_id", "held_at"),
)
REPRESENTATIVES = sa.Table(
    "meeting_representatives",
    METADATA,
    sa.Column("meeting_id", Id, sa.ForeignKey("meetings.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("subject", SUBJECT, nullable=False, index=True),
    sa.Column("name", NAME, nullable=False),
    sa.Column("experienced_leader", sa.Boolean, nullable=False),
)
#: The other side's people by their id in the registry.
ATTENDING = sa.Table(
    "meeting_counterparts",
    METADATA,
    sa.Column("meeting_id", Id, sa.ForeignKey("meetings.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("person_id", Id, nullable=False),
)
THIRD_PARTIES = sa.Table(
    "meeting_third_parties",
    METADATA,
    sa.Column("meeting_id", Id, sa.ForeignKey("meetings.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("role", NAME, nullable=False),
    sa.Column("name", NAME, nullable=False),
)
#: Checks that somebody let pass; only added to, and counted.
OVERRIDES = sa.Table(
    "meeting_overrides",
    METADATA,
    sa.Column("meeting_id", Id, sa.ForeignKey("meetings.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("check", CODE, nullable=False, index=True),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("by", SUBJECT, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)
MINUTES = sa.Table(
    "minutes",
    METADATA,
    sa.Column("meeting_id", Id, sa.ForeignKey("meetings.id"), primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("author", SUBJECT, nullable=False),
    sa.Column("written_at", UtcDateTime, nullable=False),
    sa.Column("approve_by", UtcDateTime, nullable=False),
    sa.Column("approved_by", SUBJECT),
    sa.Column("approved_at", UtcDateTime),
    sa.Column("climate_ours", sa.SmallInteger),
    sa.Column("climate_theirs", sa.SmallInteger),
)
CORRECTIONS = sa.Table(
    "minutes_corrections",
    METADATA,
    sa.Column("meeting_id", Id, sa.ForeignKey("meetings.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("by", SUBJECT, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("approved_by", SUBJECT),
    sa.Column("approved_at", UtcDateTime),
    sa.Column("of_climate", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("climate_ours", sa.SmallInteger),
    sa.Column("climate_theirs", sa.SmallInteger),
)

#: What was said, marked as intelligence; never changed, only withdrawn. Its words leave this table for nobody else.
NOTES = sa.Table(
    "notes",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("dialogue_id", Id, sa.ForeignKey("dialogues.id"), nullable=False, index=True),
    sa.Column("meeting_id", Id, sa.ForeignKey("meetings.id"), index=True),
    sa.Column("kind", CODE, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("basis", CODE, nullable=False),
    sa.Column("factor", CODE, nullable=False),
    sa.Column("strength", CODE, nullable=False),
    sa.Column("aggressor_kind", CODE, nullable=False),
    sa.Column("aggressor_ref", sa.String(40)),
    sa.Column("target_kind", CODE, nullable=False),
    sa.Column("target_ref", sa.String(40)),
    sa.Column("imminence_hours", sa.Float),
    sa.Column("spoken_by_aggressor", sa.Boolean, nullable=False),
    sa.Column("own_action", CODE),
    sa.Column("scale", CODE, nullable=False),
    sa.Column("source_grade", sa.String(4), nullable=False),
    sa.Column("information_grade", sa.String(4), nullable=False),
    sa.Column("speaker_id", Id),
    sa.Column("origin_id", Id, nullable=False),
    sa.Column("said_at", UtcDateTime, nullable=False),
    sa.Column("noted_by", SUBJECT, nullable=False),
    sa.Column("noted_at", UtcDateTime, nullable=False),
    sa.Column("withdrawn_by", SUBJECT),
    sa.Column("withdrawn_at", UtcDateTime),
    sa.Column("withdrawn_cause", CODE),
    sa.Column("withdrawn_reason", sa.Text),
    sa.Column("version", sa.BigInteger, nullable=False),
)
#: What stands for a mouth outside this service: `mouth` is PERSON:<id>, or DIALOGUE:<id> for those nobody can name.
NOTE_ORIGINS = sa.Table(
    "note_origins",
    METADATA,
    sa.Column("mouth", sa.String(60), primary_key=True),
    sa.Column("origin_id", Id, nullable=False),
    sa.Column("since", UtcDateTime, nullable=False),
)

PROMISES = sa.Table(
    "promises",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("dialogue_id", Id, sa.ForeignKey("dialogues.id"), nullable=False, index=True),
    sa.Column("meeting_id", Id, sa.ForeignKey("meetings.id"), index=True),
    sa.Column("side", CODE, nullable=False),
    sa.Column("receiver", NAME, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("owner", SUBJECT, nullable=False, index=True),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("recorded_by", SUBJECT, nullable=False),
    sa.Column("due_on", sa.Date),
    sa.Column("threat_id", Id, index=True),
    sa.Column("confirmed_how", CODE),
    sa.Column("confirmed_by", SUBJECT),
    sa.Column("confirmed_at", UtcDateTime),
    sa.Column("progress", CODE, nullable=False),
    sa.Column("fate", CODE, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Index(None, "fate", "due_on"),
)
#: What was found, each time; only added to.
JUDGEMENTS = sa.Table(
    "promise_judgements",
    METADATA,
    sa.Column("promise_id", Id, sa.ForeignKey("promises.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("fate", CODE, nullable=False),
    sa.Column("manner", CODE),
    sa.Column("evidence", sa.Text, nullable=False),
    sa.Column("by", SUBJECT, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("happened_at", UtcDateTime, nullable=False),
)

#: Officers as their own tokens named them.
OFFICERS = sa.Table(
    "officers",
    METADATA,
    sa.Column("subject", SUBJECT, primary_key=True),
    sa.Column("name", NAME, nullable=False),
    sa.Column("actor_id", Id),
)
#: What other services told us: groups there are, who is the same as whom, which threats may be talked about.
GROUPS = sa.Table(
    "groups",
    METADATA,
    sa.Column("group_id", Id, primary_key=True),
    sa.Column("group_kind", CODE, nullable=False),
)
IDENTITIES = sa.Table(
    "identities",
    METADATA,
    sa.Column("actor_id", Id, primary_key=True),
    sa.Column("canonical_id", Id, nullable=False),
)
THREATS = sa.Table(
    "threats",
    METADATA,
    sa.Column("threat_id", Id, primary_key=True),
    sa.Column("cleared_until", UtcDateTime),
    sa.Column("excluded", Json, nullable=False),
    sa.Column("closed", sa.Boolean, nullable=False),
)

#: What must be done at a moment to come, found by its index; `done_at` says that it was.
DUES = sa.Table(
    "dues",
    METADATA,
    sa.Column("id", Serial, primary_key=True, autoincrement=True),
    sa.Column("kind", CODE, nullable=False),
    sa.Column("object_id", Id, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("done_at", UtcDateTime),
    sa.UniqueConstraint("object_id", "kind", "due_at"),
)
sa.Index(
    "ix_dues_waiting",
    DUES.c.due_at,
    postgresql_where=DUES.c.done_at.is_(None),
    sqlite_where=DUES.c.done_at.is_(None),
)
#: What an officer is reminded of, until they say they have seen it.
REMINDERS = sa.Table(
    "reminders",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("kind", CODE, nullable=False),
    sa.Column("subject", SUBJECT, nullable=False),
    sa.Column("object_id", Id, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("seen_at", UtcDateTime),
    sa.Index(None, "subject", "seen_at"),
)

include_kit(METADATA)
