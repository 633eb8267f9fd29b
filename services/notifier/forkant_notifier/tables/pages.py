"""Pages, what happened to them, and the policies they climb by."""

from __future__ import annotations

import sqlalchemy as sa

from forkant_notifier.tables.metadata import METADATA
from forkant_shared.database import Id, Json, Serial, UtcDateTime

#: The versions in use, as they were when first used: a page keeps the policy it started with.
POLICIES = sa.Table(
    "paging_policies",
    METADATA,
    sa.Column("version", sa.String(40), primary_key=True),
    sa.Column("document", Json, nullable=False),
    sa.Column("stored_at", UtcDateTime, nullable=False),
    sa.Column("stored_by", sa.String(80)),
)

#: Which version new pages climb by from when; without any it is the one the service was started with.
POLICY_CHOICES = sa.Table(
    "paging_policy_choices",
    METADATA,
    sa.Column("number", Serial, primary_key=True, autoincrement=True),
    sa.Column("version", sa.String(40), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("by", sa.String(80), nullable=False),
    sa.Column("reason", sa.String(300), nullable=False),
    sqlite_autoincrement=True,
)

PAGES = sa.Table(
    "pages",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("code", sa.String(4), nullable=False),
    sa.Column("lane", sa.String(10), nullable=False),
    sa.Column("origin", sa.String(20), nullable=False),
    sa.Column("threat_id", Id, index=True),
    sa.Column("report_id", Id),
    sa.Column("escalation_id", Id, unique=True),
    sa.Column("policy_version", sa.String(40), nullable=False),
    sa.Column("include_leader", sa.Boolean, nullable=False),
    sa.Column("excluded", Json, nullable=False),
    sa.Column("opened_at", UtcDateTime, nullable=False, index=True),
    sa.Column("clock_at", UtcDateTime, nullable=False),
    sa.Column("step", sa.Integer, nullable=False),
    sa.Column("tier", sa.Integer, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("next_step_at", UtcDateTime),
    sa.Column("accepted_at", UtcDateTime),
    sa.Column("accepted_by", sa.String(80)),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("acceptances", Json, nullable=False, server_default=sa.text("'[]'")),
    sa.Column("version", sa.Integer, nullable=False),
)
_running = PAGES.c.state != "CLOSED"
sa.Index("ix_pages_code", PAGES.c.code, unique=True, postgresql_where=_running, sqlite_where=_running)
_timed = PAGES.c.next_step_at.is_not(None)
sa.Index("ix_pages_next_step_at", PAGES.c.next_step_at, postgresql_where=_timed, sqlite_where=_timed)

#: The timeline of every page; its sequence is the feed of the live desk. A row without a page says "look again".
TIMELINE = sa.Table(
    "timeline",
    METADATA,
    sa.Column("seq", Serial, primary_key=True, autoincrement=True),
    sa.Column("page_id", Id),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("by", sa.String(80)),
    sa.Column("code", sa.String(300)),
    sa.Column("note", sa.String(1000)),
    sqlite_autoincrement=True,
)
sa.Index("ix_timeline_page_id", TIMELINE.c.page_id, TIMELINE.c.seq)
