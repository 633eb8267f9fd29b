"""What people call a report and a threat: `R-2026-000123`, counted from one each year."""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from forkant_shared.database import Session
from forkant_threat_watch.tables import COUNTERS, THREATS


async def take(session: Session, wanted: Mapping[str, int], year: int) -> dict[str, list[str]]:
    """The next so many references of each letter in this year, as `{"R": ["R-2026-000123"]}`.

    Asked for all at once, because each question is a wait for everybody: the rows that count are held until the
    transaction ends.
    """
    letters = {f"{letter}-{year}": letter for letter, count in sorted(wanted.items()) if count}
    if not letters:
        return {}
    counts = {name: wanted[letter] for name, letter in letters.items()}
    found = await session.execute(_count(session.dialect, len(counts)), _numbered(counts))
    ends = {row.name: row.value for row in found}
    return {
        letter: [f"{name}-{number:06d}" for number in range(ends[name] - counts[name] + 1, ends[name] + 1)]
        for name, letter in letters.items()
    }


def _numbered(counts: Mapping[str, int]) -> dict[str, str | int]:
    row = {f"name_{i}": name for i, name in enumerate(counts)}
    return row | {f"value_{i}": count for i, count in enumerate(counts.values())}


@functools.cache
def _count(dialect: str, names: int) -> sa.Executable:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    rows = [
        sa.select(sa.bindparam(f"name_{i}", type_=sa.String), sa.bindparam(f"value_{i}", type_=sa.Integer)).where(
            sa.true()  # without any WHERE SQLite takes the ON of ON CONFLICT for a join's
        )
        for i in range(names)
    ]
    # Not `values(rows)`: SQLAlchemy puts that together anew each time.
    adding = insert(COUNTERS).from_select(["name", "value"], sa.union_all(*rows))
    return adding.on_conflict_do_update(
        index_elements=[COUNTERS.c.name], set_={"value": COUNTERS.c.value + adding.excluded.value}
    ).returning(COUNTERS.c.name, COUNTERS.c.value)


async def of_threats(session: Session, threat_ids: Collection[str]) -> dict[str, str]:
    """What each of these threats is called."""
    if not threat_ids:
        return {}
    found = await session.execute(_OF_THREATS, {"ids": sorted(threat_ids)})
    return {row.id: row.reference for row in found}


_OF_THREATS = sa.select(THREATS.c.id, THREATS.c.reference).where(THREATS.c.id.in_(sa.bindparam("ids", expanding=True)))
