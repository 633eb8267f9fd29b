"""Who may be on duty, their phones, and the rota."""

from __future__ import annotations

import sqlalchemy as sa

from forkant_notifier.tables.metadata import METADATA
from forkant_shared.database import Id, Json, UtcDateTime

#: Who may be on duty, and the lines of the floor.
PEOPLE = sa.Table(
    "people",
    METADATA,
    sa.Column("user", sa.String(80), primary_key=True),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("actor_id", Id),
    sa.Column("floor", sa.Boolean, nullable=False),
    #: Whoever has left keeps their name in what was, and no phone.
    sa.Column("left_at", UtcDateTime),
    #: The push service said that their last browser is gone, and they have none since.
    sa.Column("push_lost_at", UtcDateTime),
)
DEVICES = sa.Table(
    "devices",
    METADATA,
    sa.Column("user", sa.String(80), sa.ForeignKey("people.user"), primary_key=True),
    sa.Column("channel", sa.String(10), primary_key=True),
    sa.Column("address", sa.String(200), nullable=False, index=True),
)
#: Each version of each rota. A row is closed, never changed and never taken away: it tells who was on duty then.
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
    sa.Column("hours", sa.Integer),
    sa.Column("ends_on", sa.Date),
    sa.Column("rota_id", Id),
    sa.Column("name", sa.String(60)),
    #: Empty: it was there before versions were kept.
    sa.Column("in_force_from", UtcDateTime),
    sa.Column("in_force_until", UtcDateTime, index=True),
    sa.Column("made_by", sa.String(80)),
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
    sa.Column("covers", sa.String(80)),
    sa.Column("revision", sa.Integer),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("swap_id", Id),
)
#: Somebody answers by name for it that a tier has nobody for a while.
WAIVERS = sa.Table(
    "waivers",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("tier", sa.Integer, nullable=False),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("until", UtcDateTime, nullable=False, index=True),
    sa.Column("reason", sa.String(300), nullable=False),
    sa.Column("made_by", sa.String(80), nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
)
#: Every change of the plan, in the order it was decided. The number also tells two who decide at once apart.
DUTY_CHANGES = sa.Table(
    "duty_changes",
    METADATA,
    sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("by", sa.String(80), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("tier", sa.Integer),
    sa.Column("user", sa.String(80)),
)
#: What was told ahead of a shift, so that it is told once for each lead time.
DUTY_NOTICES = sa.Table(
    "duty_notices",
    METADATA,
    sa.Column("kind", sa.String(10), primary_key=True),
    sa.Column("tier", sa.Integer, primary_key=True, autoincrement=False),
    #: Empty for a gap.
    sa.Column("user", sa.String(80), primary_key=True),
    sa.Column("since", UtcDateTime, primary_key=True),
    sa.Column("lead_minutes", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("told_at", UtcDateTime, nullable=False),
)
#: One asks another to take a shift, or to change it for one of theirs.
SWAPS = sa.Table(
    "swaps",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("asked_by", sa.String(80), nullable=False),
    sa.Column("asked_at", UtcDateTime, nullable=False),
    sa.Column("tier", sa.Integer, nullable=False),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("until", UtcDateTime, nullable=False),
    sa.Column("other", sa.String(80)),
    sa.Column("other_tier", sa.Integer),
    sa.Column("other_since", UtcDateTime),
    sa.Column("other_until", UtcDateTime),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("answered_by", sa.String(80)),
    sa.Column("answered_at", UtcDateTime),
)
_asked = SWAPS.c.state == "OPEN"
sa.Index("ix_swaps_open", SWAPS.c.since, postgresql_where=_asked, sqlite_where=_asked)
#: A round trip over two channels before a shift: one row a channel.
CHECK_INS = sa.Table(
    "check_ins",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("user", sa.String(80), nullable=False, index=True),
    sa.Column("begun_at", UtcDateTime, nullable=False),
    sa.Column("ends_at", UtcDateTime, nullable=False),
    sa.Column("done_at", UtcDateTime, index=True),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("steps", Json, nullable=False),
)
#: A calendar's secret, as its digest. It opens the reader's own shifts and nothing else.
CALENDAR_SECRETS = sa.Table(
    "calendar_secrets",
    METADATA,
    sa.Column("user", sa.String(80), primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("ends_at", UtcDateTime, nullable=False),
)
#: Reports at a change of watch: as it stood when the first signed, and never after.
HANDOVERS = sa.Table(
    "handovers",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("given_at", UtcDateTime, nullable=False, index=True),
    sa.Column("given_by", sa.String(80), nullable=False),
    sa.Column("note", sa.String(2000), nullable=False),
    sa.Column("document", Json, nullable=False),
    sa.Column("taken_at", UtcDateTime),
    sa.Column("taken_by", sa.String(80)),
)
