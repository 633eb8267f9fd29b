"""Rows that wait for the commit, so that a burst of pages costs a few statements and not a few for each page.

A consumer hands us many events in one transaction. What they insert is gathered here and written, many rows in one
statement, in the moment before the commit; whoever needs to see it earlier calls `flush`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy import event

from forkant_shared.database import Session

Rows = dict[sa.Table, list[Mapping[str, Any]]]


@dataclass
class _Gathered:
    """What one transaction will insert at its commit."""

    rows: Rows = field(default_factory=dict)


_gathered: WeakKeyDictionary[Session, _Gathered] = WeakKeyDictionary()


def gather(session: Session, seen: sa.CursorResult[Any]) -> None:
    """From here on `insert` in this transaction waits for the commit. `seen` is any result the transaction has had."""
    if session in _gathered:
        return
    gathered = _gathered[session] = _Gathered()
    event.listen(seen.connection, "commit", lambda connection: _write(connection, gathered.rows), once=True)


async def insert(session: Session, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of `table`: at the commit where the transaction gathers, else now."""
    if not rows:
        return
    gathered = _gathered.get(session)
    if gathered is None:
        await session.execute(table.insert(), list(rows))
    else:
        gathered.rows.setdefault(table, []).extend(rows)


def is_waiting(session: Session, table: sa.Table, column: str, value: Any) -> bool:
    """Whether a row that waits has this value."""
    gathered = _gathered.get(session)
    return gathered is not None and any(row[column] == value for row in gathered.rows.get(table, ()))


async def flush(session: Session) -> None:
    """Write what waits now, for a statement that has to see it."""
    gathered = _gathered.get(session)
    while gathered is not None and gathered.rows:
        table = next(iter(gathered.rows))
        await session.execute(table.insert(), gathered.rows.pop(table))


def _write(connection: sa.Connection, rows: Rows) -> None:
    for table, waiting in rows.items():
        connection.execute(table.insert(), waiting)
