"""What the fake phones got."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from forkant_notifier.domain.messages import TEST_LINE, FakeMessage
from forkant_notifier.tables import SANDBOX_MESSAGES
from forkant_shared.database import Session


async def insert(session: Session, messages: Sequence[FakeMessage]) -> None:
    rows = [{"id": m.id, "to": m.to, "channel": m.channel, "body": m.body, "at": m.at} for m in messages]
    session.later(SANDBOX_MESSAGES, *rows)


async def messages(
    session: Session,
    *,
    after: datetime | None = None,
    after_id: str | None = None,
    to: str | None = None,
    newest_first: bool = False,
    limit: int,
) -> list[FakeMessage]:
    """Messages later than a moment or a message, to one phone or to all."""
    table = SANDBOX_MESSAGES
    order = (table.c.at.desc(), table.c.id.desc()) if newest_first else (table.c.at, table.c.id)
    # A test of the carrier is on nobody's phone.
    query = sa.select(table).where(table.c.to != TEST_LINE).order_by(*order).limit(limit)
    if after is not None:
        query = query.where(table.c.at > after)
    if after_id is not None:
        query = query.where(table.c.id > after_id)
    if to is not None:
        query = query.where(table.c.to == to)
    return [FakeMessage(row.id, row.to, row.channel, row.body, row.at) for row in await session.execute(query)]
