"""Alembic's way in; the kit does the work."""

from alembic import context

from forkant_notifier.tables import METADATA
from forkant_shared.migrations import run_environment

run_environment(context.config, METADATA, context)
