"""What joining by hand looks up: signals by their ids, and the threats that only have them as a suggestion."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from forkant_shared.database import Session
from forkant_threat_watch.domain.signals import Signal
from forkant_threat_watch.store.signals import signal_of
from forkant_threat_watch.tables import COUNTED, SIGNALS


async def signals_of(session: Session, signal_ids: Collection[str]) -> dict[str, Signal]:
    """These signals, by id, as far as they are stored."""
    found = await session.execute(sa.select(SIGNALS).where(SIGNALS.c.id.in_(sorted(signal_ids))))
    return {row.id: signal_of(row) for row in found}


async def suggested_in(session: Session, signal_id: str) -> set[str]:
    """The threats to which this signal is suggested."""
    found = await session.execute(
        sa.select(COUNTED.c.threat_id).where(COUNTED.c.signal_id == signal_id, COUNTED.c.suggested)
    )
    return set(found.scalars())
