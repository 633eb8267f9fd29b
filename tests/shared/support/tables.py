"""Tables of a service made of the kit alone."""

from __future__ import annotations

import sqlalchemy as sa

from forkant_shared import audit
from forkant_shared.database import Id, Serial, new_metadata
from forkant_shared.migrations import include_kit

METADATA = new_metadata()
COUNTERS = sa.Table(
    "counters",
    METADATA,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("value", sa.Integer, nullable=False),
)
APPLIED = sa.Table(
    "applied",
    METADATA,
    sa.Column("seq", Serial, primary_key=True, autoincrement=True),
    sa.Column("event_id", Id, nullable=False),
    sa.Column("key", sa.String(100), nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),
)
include_kit(METADATA)


def make_tables(url: str) -> str:
    """Make them in the empty database at `url`, with the audit chain's beginning; gives the URL back."""
    plain = sa.make_url(url)
    if plain.get_backend_name() == "sqlite":
        plain = plain.set(drivername="sqlite")
    engine = sa.create_engine(plain)
    with engine.begin() as connection:
        METADATA.create_all(connection)
        connection.execute(METADATA.tables["audit_head"].insert().values(id=1, seq=0, hash=audit.GENESIS))
    engine.dispose()
    return url
