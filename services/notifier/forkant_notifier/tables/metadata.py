"""The one collection that all tables of the notifier stand in."""

from __future__ import annotations

from forkant_shared.database import new_metadata

METADATA = new_metadata()
