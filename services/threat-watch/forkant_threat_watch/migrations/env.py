"""Alembic's way in; the kit does the work."""

from alembic import context

from forkant_shared.migrations import run_environment
from forkant_threat_watch.tables import METADATA

run_environment(context.config, METADATA, context)
