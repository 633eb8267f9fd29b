"""Recorded history, read a slice at a time: short transactions, so that nobody who writes waits for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from forkant_shared.database import Database, Session
from forkant_threat_watch.domain.grading import Grading
from forkant_threat_watch.domain.history import ACTS, Acted, ConflictStood, DayEntered, History, Recorded, ReportCame
from forkant_threat_watch.domain.links import Edge, Links
from forkant_threat_watch.domain.reweighing import AsWritten
from forkant_threat_watch.domain.signals import Signal
from forkant_threat_watch.domain.words import Party, PartyKind, Source
from forkant_threat_watch.store.signals import READ, signal_of
from forkant_threat_watch.tables import ACTORS, COUNTED, EDGES, NAMES, REPORTS, SIGNALS, TIMELINE

SLICE = 2000
#: A report and the signals that came in it are stored together, some moments apart by the clock.
ONE_TRANSACTION = timedelta(seconds=20)


async def read_history(database: Database, since: datetime, until: datetime) -> History:
    """What came to be known and was done from then until then. Days and conflicts that still counted are there too."""
    reports = await _reports(database, since, until)
    recorded: list[Recorded] = [*reports, *(await _from_registry(database, since, until))]
    recorded += await _acts(database, since, until)
    # At one moment first what is known, then what is done about it.
    recorded.sort(key=lambda one: (one.at, isinstance(one, Acted)))
    return History(until, await _links(database), recorded, await _counted(database, since))


async def _slices(database: Database, statement: sa.Select[Any], *keys: sa.ColumnElement[Any]) -> AsyncIterator[Any]:
    """The rows in the order of these columns, which name each row."""
    last: Any = None
    place = sa.tuple_(*keys)
    while True:
        asked = statement.order_by(*keys).limit(SLICE)
        if last is not None:
            asked = asked.where(
                place > sa.tuple_(*(sa.bindparam(None, v, k.type) for v, k in zip(last, keys, strict=True)))
            )
        async with database.read() as session:
            rows = (await session.execute(asked)).all()
        for row in rows:
            yield row
        if len(rows) < SLICE:
            return
        last = [row._mapping[key] for key in keys]


async def _reports(database: Database, since: datetime, until: datetime) -> list[ReportCame]:
    """The reports with their signals as the registry knows their parties today, in the order they came."""
    columns = (
        REPORTS.c.id,
        REPORTS.c.received_at,
        REPORTS.c.scale,
        REPORTS.c.source_grade,
        REPORTS.c.information_grade,
    )
    statement = sa.select(*columns, REPORTS.c.signals).where(
        REPORTS.c.received_at >= since, REPORTS.c.received_at <= until
    )
    written: dict[str, tuple[datetime, AsWritten]] = {}
    async for row in _slices(database, statement, REPORTS.c.received_at, REPORTS.c.id):
        written[row.id] = (row.received_at, as_written(row))
    said: dict[str, list[tuple[datetime, Signal]]] = {}
    theirs = sa.select(*READ, SIGNALS.c.received_at).where(
        SIGNALS.c.source == Source.REPORT.value, SIGNALS.c.received_at >= since
    )
    async for row in _slices(database, theirs, SIGNALS.c.id):
        if row.report in written and row.received_at <= until:
            said.setdefault(row.report, []).append((row.received_at, signal_of(row)))
    return [
        came
        for report, (received_at, codes) in written.items()
        for came in _came(report, received_at, codes, said.get(report, []))
    ]


def _came(
    report: str, received_at: datetime, codes: AsWritten, said: list[tuple[datetime, Signal]]
) -> Iterator[ReportCame]:
    """A report as it came in, and what a person read out of its text later as it was then."""
    with_it = received_at + ONE_TRANSACTION
    yield ReportCame(received_at, report, codes, _in_order(tuple(signal for at, signal in said if at <= with_it)))
    for moment in sorted({at for at, _ in said if at > with_it}):
        signals = _in_order(tuple(signal for at, signal in said if at == moment))
        yield ReportCame(moment, report, codes, signals, again=True)


def _in_order(signals: tuple[Signal, ...]) -> tuple[Signal, ...]:
    """As they stand in the report: the tenth after the ninth."""
    return tuple(sorted(signals, key=lambda signal: (len(signal.id), signal.id)))


async def written(session: Session, report_ids: Collection[str]) -> dict[str, AsWritten]:
    """How each of these reports was graded, and the strengths it gave; as far as there are such reports."""
    if not report_ids:
        return {}
    found = await session.execute(sa.select(REPORTS).where(REPORTS.c.id.in_(sorted(report_ids))))
    return {row.id: as_written(row) for row in found}


def as_written(row: Any) -> AsWritten:
    """How a report's row was graded, and the strengths it gave."""
    grading = Grading(row.scale, row.source_grade, row.information_grade) if row.scale is not None else None
    return AsWritten(grading, [signal["strength"] for signal in row.signals])


async def _from_registry(database: Database, since: datetime, until: datetime) -> list[Recorded]:
    """Days, each once with all its parties, and conflicts with their ends."""
    sources = (Source.CALENDAR.value, Source.CONFLICT.value)
    counting = sa.or_(SIGNALS.c.flat_until.is_(None), SIGNALS.c.flat_until >= since)
    days: dict[str, list[tuple[datetime, Signal]]] = {}
    found: list[Recorded] = []
    theirs = sa.select(*READ, SIGNALS.c.received_at).where(SIGNALS.c.source.in_(sources), counting)
    async for row in _slices(database, theirs, SIGNALS.c.id):
        signal = signal_of(row)
        if signal.source is Source.CALENDAR:
            entry = signal.report.removeprefix("calendar:")
            days.setdefault(entry, []).append((row.received_at or _made_at(entry, signal.since), signal))
        else:
            conflict = signal.report.split(":")[1]
            begun = replace(signal, flat_until=None)
            found.append(ConflictStood(max(signal.observed_at, since), conflict, begun))
            if signal.flat_until is not None and signal.flat_until <= until:
                found.append(ConflictStood(signal.flat_until, conflict, None))
    for entry, entered in days.items():
        at = max(min(at for at, _ in entered), since)
        ordered = sorted((signal for _, signal in entered), key=lambda signal: (len(signal.id), signal.id))
        begins = ordered[0].event_at or ordered[0].observed_at
        found.append(DayEntered(at, entry, begins, tuple(signal.aggressor for signal in ordered)))
    return [one for one in found if one.at <= until]


def _made_at(entry: str, otherwise: float) -> datetime:
    """When the registry made the entry, which its id says; else from when it counts."""
    try:
        made = UUID(entry)
    except ValueError:
        return datetime.fromtimestamp(otherwise, UTC)
    seconds = (made.int >> 80) / 1000 if made.version == 7 else otherwise
    return datetime.fromtimestamp(seconds, UTC)


async def _acts(database: Database, since: datetime, until: datetime) -> list[Acted]:
    """What people did. An act that touched several threats stands once, with the one it was meant for."""
    statement = sa.select(TIMELINE).where(
        TIMELINE.c.at >= since, TIMELINE.c.at <= until, TIMELINE.c.what.in_(sorted(ACTS))
    )
    found: list[Acted] = []
    async for row in _slices(database, statement, TIMELINE.c.seq):
        act = Acted(row.at, row.threat_id, row.what, row.by, row.codes, row.note or "")
        last = found[-1] if found else None
        if last is None or (last.at, last.what, last.by, last.codes) != (act.at, act.what, act.by, act.codes):
            found.append(act)
    return found


async def _links(database: Database) -> Links:
    """Who is linked to whom, or was once, as known today."""
    async with database.read() as session:
        edges = [Edge(row.kind, row.left, row.right) for row in await session.execute(sa.select(EDGES))]
        same = sa.select(ACTORS.c.id, ACTORS.c.canonical_id).where(ACTORS.c.canonical_id.is_not(None))
        canonical = {row.id: row.canonical_id for row in await session.execute(same) if row.id != row.canonical_id}
        named = sa.select(NAMES.c.folded, ACTORS.c.id, ACTORS.c.kind).join(ACTORS, ACTORS.c.id == NAMES.c.actor_id)
        by_name: dict[str, list[Party]] = {}
        for row in await session.execute(named):
            by_name.setdefault(row.folded, []).append(Party(PartyKind(row.kind), row.id))
    return Links(edges, canonical, {name: parties[0] for name, parties in by_name.items() if len(parties) == 1})


async def _counted(database: Database, since: datetime) -> dict[str, list[str]]:
    """The signals of each threat that people did something about."""
    acted_on = sa.select(TIMELINE.c.threat_id).where(TIMELINE.c.at >= since, TIMELINE.c.what.in_(sorted(ACTS)))
    statement = sa.select(COUNTED.c.threat_id, COUNTED.c.signal_id).where(
        COUNTED.c.threat_id.in_(acted_on), COUNTED.c.suggested.is_(False)
    )
    found: dict[str, list[str]] = {}
    async for row in _slices(database, statement, COUNTED.c.threat_id, COUNTED.c.signal_id):
        found.setdefault(row.threat_id, []).append(row.signal_id)
    return found
