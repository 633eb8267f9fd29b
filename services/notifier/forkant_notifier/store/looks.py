"""One look a second at whether anything is to be done by the clock: one statement, answered by small indexes alone.

An idle notifier costs as many looks as it takes, so they are taken together.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

import sqlalchemy as sa

from forkant_notifier.domain.horizon import Horizon
from forkant_notifier.tables import ATTEMPTS, PAGES, RECEIPTS
from forkant_shared.database import Session, UtcDateTime


@dataclass(frozen=True, slots=True)
class Found:
    """What there is to do: leases to free, attempts put too far ahead, steps of pages, receipts, a drill to end."""

    leases: bool
    ahead: bool
    steps: bool
    receipts: bool
    drill: bool


def _literal(value: str) -> sa.ColumnElement[str]:
    # Said as the partial indexes say it; for a parameter SQLite does not look into them.
    return sa.literal_column(f"'{value}'")


HELD = ATTEMPTS.c.state == _literal("LEASED")
DUE = ATTEMPTS.c.state == _literal("DUE")
_RUNS = PAGES.c.state != _literal("CLOSED")


def held_no_more(horizon: Horizon) -> sa.ColumnElement[bool]:
    """Leases that have run out, or run longer than a lease can."""
    return sa.and_(HELD, sa.or_(ATTEMPTS.c.lease_until <= horizon.now, ATTEMPTS.c.lease_until > horizon.lease))


def too_far_ahead(horizon: Horizon) -> sa.ColumnElement[bool]:
    """Attempts that are due later than any can be."""
    return sa.and_(DUE, ATTEMPTS.c.due_at > horizon.attempt)


def step_due(horizon: Horizon) -> sa.ColumnElement[bool]:
    """Pages whose step is due, or set further ahead than the longest wait of any plan."""
    step, open_in = PAGES.c.next_step_at, PAGES.c.state == "OPEN"
    return sa.or_(
        step <= horizon.now,
        step > horizon.accepted,
        sa.and_(step > horizon.life, open_in, PAGES.c.lane == "LIFE"),
        sa.and_(step > horizon.normal, open_in, PAGES.c.lane == "NORMAL"),
    )


def _question() -> sa.Select[bool, bool, bool, bool, bool]:
    """The whole look, with a place for each moment: put together once, because that costs more than asking it."""
    places: dict[str, Any] = {field.name: sa.bindparam(field.name, type_=UtcDateTime) for field in fields(Horizon)}
    asked = Horizon(**places)
    crossed = (
        sa.select(RECEIPTS.c.id)
        .join(ATTEMPTS, sa.and_(ATTEMPTS.c.provider_id == RECEIPTS.c.provider_id, ATTEMPTS.c.route == RECEIPTS.c.route))
        .where(RECEIPTS.c.applied.is_(False))
    )
    drill = sa.select(PAGES.c.id).where(_RUNS, PAGES.c.origin == "DRILL")
    return sa.select(
        sa.select(ATTEMPTS.c.id).where(held_no_more(asked)).exists().label("leases"),
        sa.select(ATTEMPTS.c.id).where(too_far_ahead(asked)).exists().label("ahead"),
        sa.select(PAGES.c.id).where(step_due(asked)).exists().label("steps"),
        crossed.exists().label("receipts"),
        drill.exists().label("drill"),
    )


_QUESTION = _question()


async def look(session: Session, horizon: Horizon) -> Found:
    """What there is to do now; takes no lock."""
    row = (await session.execute(_QUESTION, asdict(horizon))).one()
    return Found(*(bool(value) for value in row))
