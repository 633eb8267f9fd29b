"""Keeping the search index in step with the rules of spelling."""

from __future__ import annotations

from forkant_registry.commands.deed import reference_of
from forkant_registry.settings import Settings
from forkant_registry.store import names
from forkant_shared.parts import Parts
from forkant_shared.telemetry import get_logger

# Small enough that nobody who wants to record something waits for it.
BATCH = 200

log = get_logger()


async def fold_names_anew(parts: Parts[Settings]) -> None:
    """Fold every name again that was folded by another version of the rules, a few at a time; safe to break off."""
    spelling = reference_of(parts).spelling
    async with parts.database.read() as session:
        if await names.is_current(session, spelling):
            return
    words = 0
    while True:
        async with parts.database.write() as session:
            heard = await names.hear_anew(session, spelling, limit=BATCH)
        words += heard
        if heard < BATCH:
            break
    folded, last = 0, None
    while True:
        async with parts.database.write() as session:
            last, done = await names.fold_anew(session, spelling, after=last, limit=BATCH)
        folded += done
        if last is None:
            break
    log.info("search-index-folded", count=folded + words, version=spelling.version)
