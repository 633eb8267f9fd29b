"""The notifier's tables."""

from __future__ import annotations

import sqlalchemy as sa

from forkant_shared.database import Id, Json, Serial, UtcDateTime, new_metadata
from forkant_shared.migrations import include_kit

METADATA = new_metadata()

#: The versions in use, as they were when first used: a page keeps the policy it started with.
POLICIES = sa.Table(
    "paging_policies",
    METADATA,
    sa.Column("version", sa.String(40), primary_key=True),
    sa.Column("document", Json, nullable=False),
    sa.Column("stored_at", UtcDateTime, nullable=False),
)

#: Who may be on duty, and the lines of the floor.
PEOPLE = sa.Table(
    "people",
    METADATA,
    sa.Column("user", sa.String(80), primary_key=True),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("actor_id", Id),
    sa.Column("floor", sa.Boolean, nullable=False),
)
DEVICES = sa.Table(
    "devices",
    METADATA,
    sa.Column("user", sa.String(80), sa.ForeignKey("people.user"), primary_key=True),
    sa.Column("channel", sa.String(10), primary_key=True),
    sa.Column("address", sa.String(200), nullable=False, index=True),
)
ROTATIONS = sa.Table(
    "rotations",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("tier", sa.Integer, nullable=False),
    sa.Column("members", Json, nullable=False),
    sa.Column("starts_on", sa.Date, nullable=False),
    sa.Column("handover", sa.String(5), nullable=False),
    sa.Column("days", sa.Integer, nullable=False),
    sa.Column("zone", sa.String(40), nullable=False),
)
OVERRIDES = sa.Table(
    "overrides",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("tier", sa.Integer, nullable=False),
    sa.Column("user", sa.String(80), nullable=False),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("until", UtcDateTime, nullable=False, index=True),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("made_by", sa.String(80), nullable=False),
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

ATTEMPTS = sa.Table(
    "attempts",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("page_id", Id, index=True),
    sa.Column("code", sa.String(4), nullable=False),
    sa.Column("lane", sa.String(10), nullable=False),
    sa.Column("urgency", sa.SmallInteger, nullable=False),
    sa.Column("channel", sa.String(10), nullable=False),
    sa.Column("user", sa.String(80), nullable=False),
    sa.Column("address", sa.String(200), nullable=False),
    sa.Column("hint", sa.String(20)),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("tried", Json, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("lease_id", Id),
    sa.Column("lease_holder", sa.String(80)),
    sa.Column("lease_until", UtcDateTime),
    sa.Column("route", sa.String(60)),
    sa.Column("provider_id", sa.String(200)),
    sa.Column("submitted_at", UtcDateTime),
    sa.Column("receipt_at", UtcDateTime),
    sa.Column("cause", sa.String(60)),
)
_due = ATTEMPTS.c.state == "DUE"
sa.Index("ix_attempts_due", ATTEMPTS.c.urgency, ATTEMPTS.c.due_at, postgresql_where=_due, sqlite_where=_due)
_held = ATTEMPTS.c.state == "LEASED"
sa.Index("ix_attempts_leased", ATTEMPTS.c.lease_until, postgresql_where=_held, sqlite_where=_held)
sa.Index("ix_attempts_provider", ATTEMPTS.c.provider_id, ATTEMPTS.c.route)

#: What carriers reported, as it came; `applied` once an attempt has taken it, for a receipt may come before the answer.
RECEIPTS = sa.Table(
    "receipts",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("route", sa.String(60), nullable=False),
    sa.Column("provider_id", sa.String(200), nullable=False),
    sa.Column("delivered", sa.Boolean, nullable=False),
    sa.Column("cause", sa.String(60)),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("applied", sa.Boolean, nullable=False),
)
sa.Index("ix_receipts_provider", RECEIPTS.c.provider_id, RECEIPTS.c.route)

#: What the fake phones got; embedded mode and trial only.
SANDBOX_MESSAGES = sa.Table(
    "sandbox_messages",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("to", sa.String(200), nullable=False),
    sa.Column("channel", sa.String(10), nullable=False),
    sa.Column("body", sa.String(160), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False, index=True),
)

#: One row: the last heartbeat of threat-watch that came the whole way, and the page its silence opened.
WATCH = sa.Table(
    "watch",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("beat_at", UtcDateTime, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("page_id", Id),
)

SESSIONS = sa.Table(
    "sessions",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("secret_digest", sa.String(64), nullable=False, unique=True),
    sa.Column("subject", sa.String(120), nullable=False, index=True),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("roles", Json, nullable=False),
    sa.Column("actor_id", Id),
    sa.Column("compartments", Json, nullable=False),
    sa.Column("began_at", UtcDateTime, nullable=False),
    sa.Column("ends_at", UtcDateTime, nullable=False, index=True),
    sa.Column("ended_at", UtcDateTime),
)
#: The key of embedded mode and trial; elsewhere the key is a file of the operator's.
SIGNING_KEYS = sa.Table(
    "signing_keys",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("pem", sa.Text, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
)

#: The duty phone's call log. Who called is not here: meetings alone keeps that.
CALLS = sa.Table(
    "calls",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("called_at", UtcDateTime, nullable=False, index=True),
    sa.Column("entered_at", UtcDateTime, nullable=False),
    sa.Column("entered_by", sa.String(80), nullable=False),
    sa.Column("caller", sa.String(10), nullable=False),
    sa.Column("what", sa.String(2000), nullable=False),
    sa.Column("urgency", sa.String(10), nullable=False),
    sa.Column("violence", sa.Boolean, nullable=False),
    sa.Column("page_id", Id),
)
#: Reports on their way to threat-watch: due until threat-watch has said yes.
REPORT_JOBS = sa.Table(
    "report_jobs",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("call_id", Id, sa.ForeignKey("calls.id"), nullable=False),
    sa.Column("body", Json, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("done_at", UtcDateTime),
    sa.Column("report_id", Id),
    sa.Column("refused", sa.String(60)),
)
_waiting = sa.and_(REPORT_JOBS.c.done_at.is_(None), REPORT_JOBS.c.refused.is_(None))
sa.Index("ix_report_jobs_due", REPORT_JOBS.c.due_at, postgresql_where=_waiting, sqlite_where=_waiting)

include_kit(METADATA)
