"""What the registry does by itself."""

from __future__ import annotations

from forkant_registry.commands.index import fold_names_anew
from forkant_shared.service import Worker

#: Runs once after each start, and has nothing to do unless the rules of spelling have changed since.
WORKERS = (Worker("search-index", fold_names_anew),)
