"""Bring a service's database to the shape its code expects, with Alembic, on either database.

A service's migrations live in `forkant_<service>/migrations/versions/`, one linear history; its first one calls
`kit_0001()` for the tables that the kit itself needs. What has been released is never edited.
"""

from __future__ import annotations

from types import ModuleType

import sqlalchemy as sa
from alembic import command, op
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from forkant_shared import audit, idempotency, inbox, outbox, sessions
from forkant_shared.database import NAMING
from forkant_shared.sqlite import migrating_engine

KIT = (outbox.METADATA, inbox.METADATA, audit.METADATA, idempotency.METADATA, sessions.METADATA)


def include_kit(metadata: sa.MetaData) -> None:
    """Put the kit's tables beside a service's own."""
    for kit in KIT:
        for table in kit.sorted_tables:
            table.to_metadata(metadata)


def kit_0001() -> None:
    """Make the kit's tables as they were first released, and the empty audit chain."""
    copied = sa.MetaData(naming_convention=NAMING)
    include_kit(copied)
    copied.create_all(op.get_bind())
    op.bulk_insert(copied.tables["audit_head"], [{"id": 1, "seq": 0, "hash": audit.GENESIS}])


def drop_kit_0001() -> None:
    """Undo `kit_0001`."""
    copied = sa.MetaData(naming_convention=NAMING)
    include_kit(copied)
    copied.drop_all(op.get_bind())


def migrate(package: ModuleType, url: sa.URL, *, revision: str = "head") -> None:
    """Bring the database at `url` to `revision` (`head` by default; `base` takes everything away)."""
    config = Config()
    config.set_main_option("script_location", f"{package.__path__[0]}/migrations")
    script = ScriptDirectory.from_config(config)
    engine = migrating_engine(url) if url.get_backend_name() == "sqlite" else sa.create_engine(url)
    try:
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_heads()
            if revision == "head" and set(current) == set(script.get_heads()):
                return
            connection.rollback()
            config.attributes["connection"] = connection
            if revision == "base":
                command.downgrade(config, "base")
            else:
                command.upgrade(config, revision)
    finally:
        engine.dispose()


def run_environment(config: Config, metadata: sa.MetaData, configure: ModuleType) -> None:
    """The body of each service's `migrations/env.py`; `configure` is `alembic.context`."""
    connection: sa.Connection = config.attributes["connection"]
    configure.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        transaction_per_migration=False,
    )
    with configure.begin_transaction():
        if connection.dialect.name == "postgresql":
            # Two instances that start at once must not migrate at once.
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(7_046_700)))
        configure.run_migrations()
