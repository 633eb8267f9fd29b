"""Signals as rows, and the ones that stand: they count in no threat yet, or in every threat of a group."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from forkant_shared.database import Session
from forkant_threat_watch.domain.grading import Quality
from forkant_threat_watch.domain.signals import Signal
from forkant_threat_watch.domain.words import Factor, Party, PartyKind, Source
from forkant_threat_watch.tables import COUNTED, SIGNALS, STANDING

_FACTORS = {factor.value: factor for factor in Factor}
_SOURCES = {source.value: source for source in Source}


def row_of(signal: Signal) -> dict[str, Any]:
    """A signal as it is stored."""
    return {
        "id": signal.id,
        "report": signal.report,
        "factor": signal.factor.value,
        "strength": signal.strength,
        "source_weight": signal.grade.source,
        "information_weight": signal.grade.information,
        "quality": signal.quality,
        "origin": signal.origin,
        "observed_at": signal.observed_at,
        "aggressor_kind": signal.aggressor.kind.value,
        "aggressor_ref": signal.aggressor.ref,
        "target_kind": signal.target.kind.value,
        "target_ref": signal.target.ref,
        "source": signal.source.value,
        "graded": signal.graded,
        "imminence_hours": signal.imminence_hours,
        "spoken_by_aggressor": signal.spoken_by_aggressor,
        "own_action": signal.own_action,
        "flat": signal.flat,
        "flat_from": signal.flat_from,
        "flat_until": signal.flat_until,
        "event_at": signal.event_at,
        "weighed_by": signal.weighed_by,
    }


@functools.lru_cache(4096)
def _party(kind: str, ref: str) -> Party:
    """The signals of a threat are about the same few."""
    return Party(PartyKind(kind), ref)


@functools.lru_cache(4096)
def _quality(source: float | None, information: float | None) -> Quality:
    return Quality(source, information)


#: The columns a signal is made of, first in every row that `signal_of` is given.
READ = [column for column in SIGNALS.c if column.name not in ("place", "received_at")]


def signal_of(row: Sequence[Any]) -> Signal:
    """A stored signal, of a row that begins with `READ`."""
    # Unpacked at once: a threat has hundreds, and a row looks up each name that it is asked for.
    id_, report, factor, strength, source_weight, information_weight, quality, origin, observed_at, *rest = row
    aggressor_kind, aggressor_ref, target_kind, target_ref, source, graded, imminence_hours, *rest = rest
    spoken_by_aggressor, own_action, flat, flat_from, flat_until, event_at, weighed_by, *_ = rest
    return Signal(
        id=id_,
        report=report,
        factor=_FACTORS[factor],
        strength=strength,
        grade=_quality(source_weight, information_weight),
        quality=quality,
        origin=origin,
        observed_at=observed_at,
        aggressor=_party(aggressor_kind, aggressor_ref),
        target=_party(target_kind, target_ref),
        source=_SOURCES[source],
        graded=graded,
        imminence_hours=imminence_hours,
        spoken_by_aggressor=spoken_by_aggressor,
        own_action=own_action,
        flat=flat,
        flat_from=flat_from,
        flat_until=flat_until,
        event_at=event_at,
        weighed_by=weighed_by,
    )


def add(session: Session, signals: Iterable[Signal], places: Mapping[str, str] | None = None) -> None:
    """Store signals that are not there yet. `places` holds the district code some of them name."""
    received = {"received_at": session.clock.now()}
    rows = [{**row_of(signal), **received, "place": (places or {}).get(signal.id)} for signal in signals]
    session.later_ignore(SIGNALS, rows)


async def end(session: Session, signal: Signal) -> None:
    """Store until when a flat signal counts."""
    await session.execute(SIGNALS.update().where(SIGNALS.c.id == signal.id).values(flat_until=signal.flat_until))


async def name(session: Session, signal_id: str, sides: Mapping[str, Party]) -> None:
    """The registry knows now whom a signal names: `sides` are those of `aggressor` and `target` that were names."""
    for side, party in sides.items():
        values = {f"{side}_kind": party.kind.value, f"{side}_ref": party.ref}
        await session.execute(SIGNALS.update().where(SIGNALS.c.id == signal_id).values(values))


async def stand_anew(session: Session, signal_id: str, keys: Collection[str]) -> None:
    """Let a signal that stands do so under these keys alone."""
    await let_go(session, [signal_id])
    stand(session, {signal_id: keys})


async def of_report(session: Session, report: str) -> list[Signal]:
    """The signals of a report, or of what counts as one, as `calendar:<entry>`."""
    return [signal_of(row) for row in await session.execute(sa.select(*READ).where(SIGNALS.c.report == report))]


async def counted_in(session: Session, signal_ids: Collection[str]) -> set[str]:
    """The threats in which any of these signals counts or to which it is suggested."""
    found = await session.execute(sa.select(COUNTED.c.threat_id).where(COUNTED.c.signal_id.in_(sorted(signal_ids))))
    return set(found.scalars())


async def weigh(session: Session, signals: Collection[Signal]) -> None:
    """Store what these weigh now."""
    rows = [row_of(signal) for signal in signals]
    await session.execute(_WEIGH, [{"which": row["id"], **{name: row[name] for name in _WEIGHED}} for row in rows])


#: What a policy decides of a signal.
_WEIGHED = (
    "factor",
    "strength",
    "source_weight",
    "information_weight",
    "quality",
    "origin",
    "flat_from",
    "flat_until",
    "weighed_by",
)
_WEIGH = (
    SIGNALS.update()
    .where(SIGNALS.c.id == sa.bindparam("which"))
    .values({name: sa.bindparam(name) for name in _WEIGHED})
)


async def standing(session: Session, keys: Collection[str]) -> list[Signal]:
    """The signals that stand under any of these party keys."""
    if not keys:
        return []
    return [signal_of(row) for row in await session.execute(_STANDING, {"keys": sorted(keys)})]


_STANDING = (
    sa.select(*READ)
    .where(
        SIGNALS.c.id.in_(
            sa.select(STANDING.c.signal_id).where(STANDING.c.key.in_(sa.bindparam("keys", expanding=True)))
        )
    )
    .order_by(SIGNALS.c.id)
)


def stand(session: Session, keys: Mapping[str, Collection[str]]) -> None:
    """Let these signals stand, each under its party keys."""
    rows = [{"key": key, "signal_id": signal_id} for signal_id, theirs in keys.items() for key in sorted(set(theirs))]
    session.later_ignore(STANDING, rows)


async def let_go(session: Session, signal_ids: Collection[str]) -> None:
    """These no longer stand."""
    if signal_ids:
        await session.execute(STANDING.delete().where(STANDING.c.signal_id.in_(sorted(signal_ids))))


async def of_threats(session: Session, threat_ids: Collection[str]) -> dict[str, tuple[list[Signal], list[Signal]]]:
    """The signals of each threat, in the order they came: those that count, and those that are suggested."""
    found: dict[str, tuple[list[Signal], list[Signal]]] = {threat_id: ([], []) for threat_id in threat_ids}
    if not threat_ids:
        return found
    ids = {"ids": sorted(threat_ids)}
    if len(found) == 1:
        [only] = found  # nearly always: then no row has to say whose it is
        for row in await session.execute(_OF_ONE, ids):
            found[only][1 if row.suggested else 0].append(signal_of(row))
        return found
    for row in await session.execute(_OF_SEVERAL, ids):
        found[row.threat_id][1 if row.suggested else 0].append(signal_of(row))
    return found


# In the order they came.
_OF_ONE = (
    sa.select(*READ, COUNTED.c.suggested)
    .join(SIGNALS, SIGNALS.c.id == COUNTED.c.signal_id)
    .where(COUNTED.c.threat_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(COUNTED.c.threat_id, COUNTED.c.position)
)
_OF_SEVERAL = _OF_ONE.add_columns(COUNTED.c.threat_id)
