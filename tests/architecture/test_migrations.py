"""What the migrations build is what the tables say, on both databases, and can be taken down again."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from forkant_shared.migrations import migrate
from tests.architecture.support.tree import SERVICES

NOT_IN_METADATA = {"alembic_version"}


def _sync(url: str) -> sa.URL:
    plain = sa.make_url(url)
    return plain.set(drivername="sqlite") if plain.get_backend_name() == "sqlite" else plain


def _ours(_: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    """SQLite's full-text tables bring tables of their own, and no metadata can name them."""
    return not (kind == "table" and reflected and compare_to is None and _is_shadow(name or ""))


def _is_shadow(name: str) -> bool:
    return "_fts" in name or "_search" in name


@pytest.mark.parametrize("service", SERVICES)
def test_migrating_gives_the_tables_and_going_back_leaves_nothing(service: str, database_url: str) -> None:
    name = f"forkant_{service.replace('-', '_')}"
    package, tables = importlib.import_module(name), importlib.import_module(f"{name}.tables")
    engine = sa.create_engine(_sync(database_url))
    url = sa.make_url(database_url)
    try:
        for _ in range(2):
            migrate(package, url)
            migrate(package, url)  # the second one of two instances that start has nothing to do
            with engine.connect() as connection:
                context = MigrationContext.configure(
                    connection, opts={"compare_type": True, "include_object": _ours, "compare_server_default": False}
                )
                assert compare_metadata(context, tables.METADATA) == []
            migrate(package, url, revision="base")
            with engine.connect() as connection:
                assert set(sa.inspect(connection).get_table_names()) <= NOT_IN_METADATA
    finally:
        engine.dispose()


@pytest.mark.parametrize("service", SERVICES)
def test_the_history_is_one_line_and_its_files_say_what_they_change(service: str) -> None:
    package = importlib.import_module(f"forkant_{service.replace('-', '_')}")
    config = Config()
    config.set_main_option("script_location", f"{package.__path__[0]}/migrations")
    script = ScriptDirectory.from_config(config)
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1
    for number, revision in enumerate(reversed(list(script.walk_revisions())), 1):
        assert Path(revision.path).name.startswith(f"{number:04}_")
        assert revision.doc


@pytest.mark.parametrize("service", SERVICES)
def test_no_table_names_a_schema_so_that_one_code_serves_both_databases(service: str) -> None:
    tables = importlib.import_module(f"forkant_{service.replace('-', '_')}.tables")
    for table in tables.METADATA.tables.values():
        assert table.schema is None
        assert table.primary_key.columns, f"{table.name} has no primary key"
