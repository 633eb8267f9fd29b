"""The duty phone's call log."""

from __future__ import annotations

import sqlalchemy as sa

from forkant_notifier.tables.metadata import METADATA
from forkant_shared.database import Id, Json, UtcDateTime

#: The duty phone's call log. Who called and what was said is not here: meetings alone keeps that. `what` has words of
#: calls from before they were handed over; it is empty in all others.
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
#: Calls on their way to meetings, sealed: due until meetings has said yes.
CONTACT_JOBS = sa.Table(
    "contact_jobs",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("call_id", Id, sa.ForeignKey("calls.id"), nullable=False, unique=True),
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("done_at", UtcDateTime),
    sa.Column("refused", sa.String(60)),
)
_on_its_way = sa.and_(CONTACT_JOBS.c.done_at.is_(None), CONTACT_JOBS.c.refused.is_(None))
sa.Index("ix_contact_jobs_due", CONTACT_JOBS.c.due_at, postgresql_where=_on_its_way, sqlite_where=_on_its_way)
