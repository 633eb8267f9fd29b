"""The tables of the policy workbench: texts, drafts and who signed them, versions, adoptions, stories, comparisons."""

from __future__ import annotations

import sqlalchemy as sa

from forkant_shared.database import Id, Json, UtcDateTime
from forkant_threat_watch.tables.metadata import METADATA

#: Every text that anybody saved, once, under its SHA-256: what was signed is what is read.
POLICY_TEXTS = sa.Table(
    "policy_texts",
    METADATA,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
)
#: `revision` counts what was saved; a draft that is signed has become the version `signed_as` and is not changed again.
POLICY_DRAFTS = sa.Table(
    "policy_drafts",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("based_on", sa.String(40), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("signed_as", sa.String(40)),
    sa.Column("discarded_at", UtcDateTime),
    sa.Column("discarded_by", sa.String(120)),
)
_OPEN = sa.and_(POLICY_DRAFTS.c.signed_as.is_(None), POLICY_DRAFTS.c.discarded_at.is_(None))
sa.Index("ix_policy_drafts_open_name", POLICY_DRAFTS.c.name, unique=True, postgresql_where=_OPEN, sqlite_where=_OPEN)
#: Each text a draft has had, who wrote it, and what its rules' examples showed.
POLICY_REVISIONS = sa.Table(
    "policy_revisions",
    METADATA,
    sa.Column("draft_id", Id, sa.ForeignKey("policy_drafts.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("digest", sa.String(64), sa.ForeignKey("policy_texts.digest"), nullable=False),
    sa.Column("version", sa.String(40), nullable=False),
    sa.Column("by", sa.String(120), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("examples", Json, nullable=False),
    sa.Column("failing", sa.Integer, nullable=False),
)
#: A signature is for one text; another text needs another signature.
POLICY_SIGNATURES = sa.Table(
    "policy_signatures",
    METADATA,
    sa.Column("draft_id", Id, sa.ForeignKey("policy_drafts.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("by", sa.String(120), primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)
#: What may be adopted: signed, and never changed.
POLICIES = sa.Table(
    "policies",
    METADATA,
    sa.Column("version", sa.String(40), primary_key=True),
    sa.Column("digest", sa.String(64), sa.ForeignKey("policy_texts.digest"), nullable=False),
    sa.Column("signed_by", sa.String(400), nullable=False),
    sa.Column("signed_on", sa.Date, nullable=False),
    sa.Column("draft_id", Id, nullable=False),
)
#: From when which version is in force. Numbered without gaps, so that of two who adopt at once one is told.
#: `settled_at`: every threat that was open then has been assessed anew.
POLICY_ADOPTIONS = sa.Table(
    "policy_adoptions",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("version", sa.String(40), nullable=False),
    sa.Column("from_at", UtcDateTime, nullable=False),
    sa.Column("by", sa.String(120), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("settled_at", UtcDateTime),
    sa.Column("withdrawn_at", UtcDateTime),
    sa.Column("withdrawn_by", sa.String(120)),
    sa.Column("withdrawn_because", sa.Text),
)
#: Stories that drafts are tried on.
POLICY_SCENARIOS = sa.Table(
    "policy_scenarios",
    METADATA,
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("by", sa.String(120), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)
#: A comparison is a job: whoever has taken it says so every few seconds, else another takes it over.
POLICY_COMPARISONS = sa.Table(
    "policy_comparisons",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("draft_id", Id, sa.ForeignKey("policy_drafts.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("against", sa.String(40), nullable=False),
    sa.Column("source", sa.String(12), nullable=False),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("until", UtcDateTime, nullable=False),
    sa.Column("asked_by", sa.String(120), nullable=False),
    sa.Column("asked_at", UtcDateTime, nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("done", sa.Integer, nullable=False),
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("taken_by", sa.String(80)),
    sa.Column("alive_at", UtcDateTime),
    sa.Column("finished_at", UtcDateTime),
    sa.Column("problem", sa.String(40)),
    sa.Column("result", Json),
)
_UNFINISHED = POLICY_COMPARISONS.c.finished_at.is_(None)
sa.Index(
    "ix_policy_comparisons_unfinished",
    POLICY_COMPARISONS.c.asked_at,
    postgresql_where=_UNFINISHED,
    sqlite_where=_UNFINISHED,
)
