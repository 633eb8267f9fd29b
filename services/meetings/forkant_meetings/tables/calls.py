"""The contacts that calls opened."""

from __future__ import annotations

import sqlalchemy as sa

from forkant_meetings.tables.metadata import CODE, METADATA, NAME, SUBJECT
from forkant_shared.database import Id, UtcDateTime

#: What a call for help to the duty phone opened. Who called is in no other store.
CALL_CONTACTS = sa.Table(
    "call_contacts",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("call_id", Id, nullable=False, unique=True),
    sa.Column("caller_name", NAME),
    sa.Column("caller_actor_id", Id),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("urgency", CODE, nullable=False),
    sa.Column("violence", sa.Boolean, nullable=False),
    sa.Column("called_at", UtcDateTime, nullable=False),
    sa.Column("entered_at", UtcDateTime, nullable=False),
    sa.Column("entered_by", SUBJECT, nullable=False),
    sa.Column("received_at", UtcDateTime, nullable=False),
)
