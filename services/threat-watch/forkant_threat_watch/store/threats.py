"""Threats: a row each with what is searched for, the rest of its standing as one document, its signals beside it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from forkant_shared.database import Session
from forkant_shared.errors import Stale
from forkant_threat_watch.domain.joining import Sides
from forkant_threat_watch.domain.signals import Signal
from forkant_threat_watch.domain.threat import Threat
from forkant_threat_watch.domain.words import Level, Source, State
from forkant_threat_watch.store import signals, standing
from forkant_threat_watch.tables import COUNTED, PARTIES, THREATS

COLUMNS = THREATS.c
AGGRESSOR, TARGET = "A", "T"
NOBODY = "-"


@dataclass(frozen=True, slots=True)
class Listed:
    """One line in a list of threats."""

    id: str
    reference: str
    state: State
    level: Level
    automatic: Level
    index: float
    opened_at: datetime
    updated_at: datetime
    due_at: datetime | None
    handling: str
    compartment: str | None
    version: int


async def filed_under(session: Session, sides: Collection[Sides]) -> set[str]:
    """The open threats filed under one of these pairs of keys; one who knows nobody on a side fits any key there."""
    found: set[str] = set()
    for aggressors, targets in dict.fromkeys(sides):
        if aggressors is None or targets is None:
            side, keys = (TARGET, targets) if aggressors is None else (AGGRESSOR, aggressors)
            rows = await session.execute(_ONE_SIDE, {"side": side, "keys": sorted(keys or ())})
        else:
            pair = {"aggressors": sorted({*aggressors, NOBODY}), "targets": sorted({*targets, NOBODY})}
            rows = await session.execute(_BOTH_SIDES, pair)
        found.update(rows.scalars())
    return found


async def filed_with(session: Session, keys: Collection[str]) -> set[str]:
    """The open threats filed under any of these keys, on either side."""
    found = await session.execute(sa.select(PARTIES.c.threat_id).where(PARTIES.c.key.in_(sorted(keys))))
    return set(found.scalars())


def _both_sides() -> sa.Select[tuple[str]]:
    one, other = PARTIES.alias("one"), PARTIES.alias("other")
    return (
        sa.select(one.c.threat_id)
        .join(other, other.c.threat_id == one.c.threat_id)
        .where(
            one.c.side == AGGRESSOR,
            one.c.key.in_(sa.bindparam("aggressors", expanding=True)),
            other.c.side == TARGET,
            other.c.key.in_(sa.bindparam("targets", expanding=True)),
            sa.or_(one.c.key != NOBODY, other.c.key != NOBODY),
        )
    )


# Made once: every report asks this, and putting the question together takes longer than the answer.
_BOTH_SIDES = _both_sides()
_ONE_SIDE = sa.select(PARTIES.c.threat_id).where(
    PARTIES.c.side == sa.bindparam("side"), PARTIES.c.key.in_(sa.bindparam("keys", expanding=True))
)


async def load(session: Session, threat_ids: Collection[str], *, lock: bool) -> list[Threat]:
    """These threats with their signals; with `lock` nobody else changes them until the transaction ends."""
    if not threat_ids:
        return []
    found = await session.execute(_LOCKED if lock else _LOADED, {"ids": sorted(threat_ids)})
    rows = found.all()
    theirs = await signals.of_threats(session, [row.id for row in rows])
    return [_threat_of(row, *theirs[row.id]) for row in rows]


_LOADED = sa.select(THREATS).where(THREATS.c.id.in_(sa.bindparam("ids", expanding=True))).order_by(THREATS.c.id)
# Locked in one order by everybody, so that two who want the same threats cannot wait for each other.
_LOCKED = _LOADED.with_for_update()


def _threat_of(row: Any, counting: list[Signal], suggested: list[Signal]) -> Threat:
    return Threat(
        id=row.id,
        opened_at=row.opened_at,
        state=State(row.state),
        level=Level(row.level),
        automatic=Level(row.automatic),
        index=row.index,
        due_at=row.due_at,
        assessed_by=row.assessed_by,
        version=row.version,
        signals=tuple(counting),
        suggested=tuple(suggested),
        days=tuple(signal for signal in counting if signal.source is Source.CALENDAR and not signal.called_off),
        **standing.read(row.standing),
    )


async def add(
    session: Session, threat: Threat, reference: str, now: datetime, handling: tuple[str, str | None]
) -> None:
    """Store a threat that is new, with its signals and parties."""
    level, compartment = handling
    row = {"id": threat.id, "reference": reference, "opened_at": threat.opened_at, **_row(threat, now)}
    row |= {"version": 1, "handling": level, "compartment": compartment}
    session.later(THREATS, row)
    await _add_signals(session, threat, None)
    await _file(session, threat, None)


async def save(session: Session, threat: Threat, before: Threat, now: datetime) -> None:
    """Store what has changed since it was loaded. Raises Stale where somebody else was first."""
    found = await session.execute(
        THREATS.update()
        .where(THREATS.c.id == threat.id, THREATS.c.version == before.version)
        .values(**_row(threat, now), version=before.version + 1)
    )
    if found.rowcount != 1:
        raise Stale("The threat was changed by somebody else.", remedy="Read it again and decide anew.")
    await _add_signals(session, threat, before)
    await _file(session, threat, before)


def _row(threat: Threat, now: datetime) -> dict[str, Any]:
    return {
        "updated_at": now,
        "state": threat.state.value,
        "level": threat.level.value,
        "automatic": threat.automatic.value,
        "index": threat.index,
        "due_at": threat.due_at,
        "standing": standing.write(threat),
        "assessed_by": threat.assessed_by,
    }


async def _add_signals(session: Session, threat: Threat, before: Threat | None) -> None:
    known = {s.id: False for s in before.signals} | {s.id: True for s in before.suggested} if before else {}
    place = {signal.id: position for position, signal in enumerate((*threat.signals, *threat.suggested))}
    now = {s.id: False for s in threat.signals} | {s.id: True for s in threat.suggested}
    fresh = [
        {"threat_id": threat.id, "signal_id": i, "suggested": suggested, "position": place[i]}
        for i, suggested in now.items()
        if i not in known
    ]
    session.later(COUNTED, *fresh)
    gone = sorted(set(known) - set(now))
    if gone:
        await session.execute(COUNTED.delete().where(COUNTED.c.threat_id == threat.id, COUNTED.c.signal_id.in_(gone)))
    for signal_id in sorted(i for i, suggested in now.items() if i in known and known[i] != suggested):
        await session.execute(
            COUNTED.update()
            .where(COUNTED.c.threat_id == threat.id, COUNTED.c.signal_id == signal_id)
            .values(suggested=now[signal_id])
        )


async def _file(session: Session, threat: Threat, before: Threat | None) -> None:
    """Keep the threat findable under its parties while it is open, and under nothing once it is not."""
    if not threat.open:
        await session.execute(PARTIES.delete().where(PARTIES.c.threat_id == threat.id))
        return
    known = _sides(before) if before is not None and before.open else set()
    wanted = _sides(threat)
    rows = [{"key": key, "side": side, "threat_id": threat.id} for key, side in sorted(wanted - known)]
    session.later_ignore(PARTIES, rows)
    for key, side in sorted(known - wanted):
        theirs = sa.and_(PARTIES.c.threat_id == threat.id, PARTIES.c.key == key, PARTIES.c.side == side)
        await session.execute(PARTIES.delete().where(theirs))


def _sides(threat: Threat) -> set[tuple[str, str]]:
    aggressors = {(key, AGGRESSOR) for key in threat.aggressor_keys} or {(NOBODY, AGGRESSOR)}
    return aggressors | ({(key, TARGET) for key in threat.target_keys} or {(NOBODY, TARGET)})


async def due(session: Session, now: datetime, limit: int) -> list[str]:
    """The open threats about which time alone has something to say, the longest due first."""
    open_ = THREATS.c.state.not_in(("CLOSED", "MERGED"))
    found = await session.execute(
        sa.select(THREATS.c.id).where(THREATS.c.due_at <= now, open_).order_by(THREATS.c.due_at).limit(limit)
    )
    return list(found.scalars())


async def assessed_otherwise(session: Session, version: str, limit: int) -> list[str]:
    """The open threats that were last assessed by another policy than this, the highest first."""
    open_ = THREATS.c.state.not_in(("CLOSED", "MERGED"))
    other = sa.or_(THREATS.c.assessed_by.is_(None), THREATS.c.assessed_by != version)
    found = await session.execute(
        sa.select(THREATS.c.id).where(open_, other).order_by(THREATS.c.level.desc(), THREATS.c.id).limit(limit)
    )
    return list(found.scalars())


async def find(session: Session, threat_id: str, visible: sa.ColumnElement[bool]) -> Listed | None:
    """One threat's line, if it may be known of."""
    row = (await session.execute(sa.select(THREATS).where(THREATS.c.id == threat_id, visible))).one_or_none()
    return None if row is None else _listed(row)


async def listed(
    session: Session,
    visible: sa.ColumnElement[bool],
    *,
    states: Collection[State] = (),
    levels: Collection[Level] = (),
    after: tuple[int, str] | None = None,
    limit: int = 50,
) -> list[Listed]:
    """Threats, the highest level first, the newest first within a level; `after` is the last one seen."""
    statement = sa.select(THREATS).where(visible)
    if states:
        statement = statement.where(THREATS.c.state.in_([state.value for state in states]))
    if levels:
        statement = statement.where(THREATS.c.level.in_([level.value for level in levels]))
    if after is not None:
        level, threat_id = after
        here = sa.and_(THREATS.c.level == level, THREATS.c.id < threat_id)
        statement = statement.where(sa.or_(THREATS.c.level < level, here))
    found = await session.execute(statement.order_by(THREATS.c.level.desc(), THREATS.c.id.desc()).limit(limit))
    return [_listed(row) for row in found]


def _listed(row: Any) -> Listed:
    return Listed(
        id=row.id,
        reference=row.reference,
        state=State(row.state),
        level=Level(row.level),
        automatic=Level(row.automatic),
        index=row.index,
        opened_at=row.opened_at,
        updated_at=row.updated_at,
        due_at=row.due_at,
        handling=row.handling,
        compartment=row.compartment,
        version=row.version,
    )
