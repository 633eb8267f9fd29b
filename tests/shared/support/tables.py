"""Tables of a service made of the kit alone."""

from __future__ import annotations

import sqlalchemy as sa

from forkant_shared import audit
from forkant_shared.database import Id, Serial, UtcDateTime, new_metadata
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
MOMENTS = sa.Table("moments", METADATA, sa.Column("id", sa.Integer, primary_key=True), sa.Column("at", UtcDateTime))
PARENTS = sa.Table("parents", METADATA, sa.Column("id", sa.Integer, primary_key=True))
CHILDREN = sa.Table(
    "children",
    METADATA,
    sa.Column("id", sa.Integer, sa.ForeignKey(PARENTS.c.id, deferrable=True, initially="DEFERRED")),
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
        _begin_chain(connection)
    engine.dispose()
    return url


def empty_tables(url: str) -> str:
    """Take every row out of a PostgreSQL database that has the tables; gives the URL back."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        names = ", ".join(METADATA.tables)
        connection.execute(sa.text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
        _begin_chain(connection)
    engine.dispose()
    return url


def _begin_chain(connection: sa.Connection) -> None:
    connection.execute(METADATA.tables["audit_head"].insert().values(id=1, seq=0, hash=audit.GENESIS))
