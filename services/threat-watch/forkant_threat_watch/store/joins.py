"""What joining by hand looks up: signals by their ids, the threats that only have them as a suggestion, and threats by
their reference or by what was merged into them."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from forkant_shared.database import Session
from forkant_threat_watch.domain.signals import Signal
from forkant_threat_watch.store.signals import READ, signal_of
from forkant_threat_watch.tables import COUNTED, SIGNALS, THREATS, TIMELINE


async def signals_of(session: Session, signal_ids: Collection[str]) -> dict[str, Signal]:
    """These signals, by id, as far as they are stored."""
    found = await session.execute(sa.select(*READ).where(SIGNALS.c.id.in_(sorted(signal_ids))))
    return {row.id: signal_of(row) for row in found}


async def suggested_in(session: Session, signal_id: str) -> set[str]:
    """The threats to which this signal is suggested."""
    found = await session.execute(
        sa.select(COUNTED.c.threat_id).where(COUNTED.c.signal_id == signal_id, COUNTED.c.suggested)
    )
    return set(found.scalars())


async def named(session: Session, reference: str, visible: sa.ColumnElement[bool]) -> str | None:
    """The threat of this reference, of those that are `visible`."""
    statement = sa.select(THREATS.c.id).where(THREATS.c.reference == reference, visible)
    found: str | None = (await session.execute(statement)).scalar_one_or_none()
    return found


async def merged_into(session: Session, threat_id: str) -> str | None:
    """What this threat was last merged into, as its timeline says; None where it never was."""
    statement = sa.select(TIMELINE.c.codes).where(TIMELINE.c.threat_id == threat_id, TIMELINE.c.what == "merge")
    for codes in (await session.execute(statement.order_by(TIMELINE.c.seq.desc()))).scalars():
        if codes.get("into") not in (None, threat_id):
            return str(codes["into"])
    return None
