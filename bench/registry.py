"""Search and card as the register grows: a curve, not a point.

`python -m bench registry` measures 10³ and 10⁴ persons on SQLite. For more, or another database (an empty one, which is
migrated here): `python -m bench.registry --sizes 10000 100000 1000000 --database postgresql+psycopg://…`.

Beside each figure stands the floor of the same run: one row by its key and one audit row committed, which every reading
costs whatever is read. All names are made up from syllables; some are far more common than others, as in life.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import forkant_registry
from bench import report
from forkant_registry.app import create_app
from forkant_registry.commands import reading
from forkant_registry.domain.predicates import MEMBER_OF
from forkant_registry.domain.spelling import Spelling, trigrams
from forkant_registry.settings import Settings
from forkant_registry.tables import ACTORS, CLAIMS, NAME_WORDS, NAMES, WORD_TRIGRAMS, WORDS
from forkant_shared import audit
from forkant_shared.bus.embedded import EmbeddedBus
from forkant_shared.clock import SystemClock, new_id
from forkant_shared.database import Session, sqlite_url
from forkant_shared.identity import Principal
from forkant_shared.migrations import migrate

SIZES = (1_000, 10_000)
ROUNDS = 60
BATCH = 5_000
MEMBERS_OF_A_GROUP = 25
WHO = Principal("bench", "bench", "PERSON", roles=frozenset({"analyst"}))
COMMON = ("Mohammed", "Anders", "Håkon", "Ali", "Kristian", "Fatima", "Jørgen", "Ingrid", "Yusuf", "Sæther")


class Crowd:
    """People with names that follow a long tail: few words are common, most are rare."""

    def __init__(self, seed: int, size: int) -> None:
        self._random = random.Random(seed)
        self._first = [*COMMON, *itertools.islice(self._invented(), 500)]
        # About one new last name for each eight people, as name statistics have it.
        self._last = list(itertools.islice(self._invented(), max(300, size // 8)))
        self._first_weight = list(itertools.accumulate(1 / (place + 3) for place in range(len(self._first))))
        self._last_weight = list(itertools.accumulate(1 / (place + 20) for place in range(len(self._last))))

    def _invented(self) -> Iterator[str]:
        starts, vowels, ends = "bdfghklmnrstv", "aeioyøåu", ("n", "r", "l", "s", "nd", "rt", "k")
        while True:
            parts = self._random.randint(2, 3)
            word = "".join(self._random.choice(starts) + self._random.choice(vowels) for _ in range(parts))
            yield (word + self._random.choice(ends)).capitalize()

    def name(self) -> str:
        first = self._random.choices(self._first, cum_weights=self._first_weight)[0]
        return f"{first} {self._random.choices(self._last, cum_weights=self._last_weight)[0]}"


def mistyped(name: str, chance: random.Random) -> str:
    """The name with two neighbours swapped somewhere inside its last word."""
    at = chance.randint(len(name) - 4, len(name) - 2)
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


async def fill(parts: Any, size: int) -> tuple[list[str], list[str]]:
    """Register that many persons, 25 to a group, straight into the tables; their names, and the groups' ids."""
    spelling: Spelling = parts.state["reference"].spelling
    crowd, people, groups = Crowd(size, size), list[str](), list[str]()
    words: dict[str, int] = {}
    for start in range(0, size, BATCH):
        async with parts.database.write() as session:
            rows = _Rows(parts.clock.now(), spelling, words)
            for number in range(start, min(start + BATCH, size)):
                if number % MEMBERS_OF_A_GROUP == 0:
                    groups.append(rows.actor("GROUP", "working_label", f"Gruppe {crowd.name()}"))
                name = crowd.name()
                people.append(name)
                person = rows.actor("PERSON", "legal_name", name)
                rows.claim(person, "registration_ground", "ASSUMED_OFFENDER")
                rows.claim(person, MEMBER_OF, None, groups[-1])
            await rows.insert(session)
    return people, groups


class _Rows:
    """The rows of one batch."""

    def __init__(self, now: datetime, spelling: Spelling, words: dict[str, int]) -> None:
        self._now, self._spelling, self._words = now, spelling, words
        self._rows: dict[sa.Table, list[dict[str, Any]]] = {
            table: [] for table in (ACTORS, CLAIMS, NAMES, WORDS, WORD_TRIGRAMS, NAME_WORDS)
        }

    def actor(self, kind: str, predicate: str, name: str) -> str:
        actor_id, marks = new_id(), {"handling": "OPEN", "compartment": None}
        known = {"registered_at": self._now, "registered_by": "bench", "version": 1}
        self._rows[ACTORS].append({"id": actor_id, "kind": kind, **marks, **known})
        claim_id = self.claim(actor_id, predicate, name)
        named = {"kind": "legal", "rank": 1, "weak": False, "value": name, "spelling": self._spelling.version}
        self._rows[NAMES].append({"claim_id": claim_id, "actor_id": actor_id, **named})
        for word in set(self._spelling.tokens(name)):
            link = {"word_id": self._word(word), "actor_id": actor_id, "claim_id": claim_id}
            self._rows[NAME_WORDS].append(link)
        return actor_id

    def _word(self, word: str) -> int:
        if word not in self._words:
            self._words[word] = len(self._words) + 1
            heard = {"sound": self._spelling.sound(word), "variant": self._spelling.variant(word)}
            row = {"id": self._words[word], "word": word, **heard, "spelling": self._spelling.version}
            self._rows[WORDS].append(row)
            self._rows[WORD_TRIGRAMS] += [{"trigram": t, "word_id": row["id"]} for t in trigrams(word)]
        return self._words[word]

    def claim(self, actor_id: str, predicate: str, value: str | None, group: str | None = None) -> str:
        claim_id = new_id()
        graded = {"scale": "ADMIRALTY", "source_grade": "B", "information_grade": "2", "origin": "bench"}
        seen = {"observed_at": self._now, "recorded_at": self._now, "recorded_by": "bench"}
        self._rows[CLAIMS].append(
            {"id": claim_id, "actor_id": actor_id, "predicate": predicate, "value": value, "object_id": group}
            | {"object_kind": "GROUP" if group else None, "qualifiers": {}, "kind": "FACT", "verified": True}
            | {"handling": "OPEN", "compartment": None, **graded, **seen}
        )
        return claim_id

    async def insert(self, session: Session) -> None:
        for table, rows in self._rows.items():
            for start in range(0, len(rows), 1000):
                await session.execute(table.insert(), rows[start : start + 1000])


@dataclass(frozen=True)
class Figures:
    """Milliseconds of each call by the clock, and of processor time for a call on average."""

    clock: list[float]
    processor: float


async def timed(times: int, act: Callable[[int], Awaitable[Any]]) -> Figures:
    """Time each call, after three that are not counted. Processor time is what a busy machine does not distort."""
    for number in range(3):
        await act(number)
    samples, worked = [], time.process_time()
    for number in range(times):
        started = time.perf_counter()
        await act(number)
        samples.append((time.perf_counter() - started) * 1000)
    return Figures(samples, (time.process_time() - worked) * 1000 / times)


async def measure(parts: Any, size: int) -> dict[str, Figures]:
    """Fill the register and measure each kind of reading."""
    people, groups = await fill(parts, size)
    if parts.database.url.get_backend_name() == "postgresql":
        async with parts.database.write() as session:
            await session.execute(sa.text("analyze"))
    chance = random.Random(size)
    some = [chance.choice(people) for _ in range(ROUNDS)]

    async def search(text: str) -> reading.Listing:
        return await reading.search_actors(parts, WHO, text=text, kind=None, after=None, limit=20, purpose="PREVENT")

    async def floor(number: int) -> None:
        async with parts.database.read() as session:
            await session.execute(sa.select(ACTORS.c.id).where(ACTORS.c.id == groups[number % len(groups)]))
        async with parts.database.write() as session:
            await audit.record(session, WHO, "bench", [], kind="CONSULTATION")

    async def card(number: int) -> None:
        group = groups[number % len(groups)]
        await reading.read_card(parts, WHO, group, as_of=None, known_at=None, purpose=None)

    return {
        "floor": await timed(ROUNDS, floor),
        "whole name": await timed(ROUNDS, lambda n: search(some[n % ROUNDS])),
        "mistyped": await timed(ROUNDS, lambda n: search(mistyped(some[n % ROUNDS], chance))),
        "common name": await timed(ROUNDS, lambda n: search(COMMON[n % len(COMMON)])),
        "part of a word": await timed(ROUNDS, lambda n: search(some[n % ROUNDS].split()[1][1:5])),
        "nobody": await timed(ROUNDS, lambda n: search(f"Xqzw{n}jvx Wqxz")),
        "card of a group": await timed(ROUNDS, card),
    }


async def curve(sizes: list[int], database: str | None) -> list[dict[str, Any]]:
    """The figures of each size; a register of its own for each."""
    found = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            url = database or sqlite_url(str(Path(folder) / "registry.db"))
            if database:
                migrate(forkant_registry, sa.make_url(url), revision="base")
            migrate(forkant_registry, sa.make_url(url))
            settings = Settings(mode="embedded", database_url=url)
            app = create_app(settings, bus=EmbeddedBus(":memory:"), clock=SystemClock())
            parts = app.state.parts
            started = time.perf_counter()
            samples = await measure(parts, size)
            taken = time.perf_counter() - started
            print(f"  {size:>9,} persons filled and measured in {taken:,.0f} s ({datetime.now(UTC):%H:%M})")
            await parts.database.close()
            found.append(
                {
                    "size": size,
                    "database": sa.make_url(url).get_backend_name(),
                    "readings": {k: asdict(v) for k, v in samples.items()},
                }
            )
    return found


def run(sizes: list[int] | None = None, database: str | None = None) -> None:
    """Measure, print the curve and keep the samples."""
    found = asyncio.run(curve(sizes or list(SIZES), database))
    rows = []
    for entry in found:
        floor = report.summary(entry["readings"]["floor"]["clock"])["p50"]
        for name, figures in entry["readings"].items():
            p50, p95 = report.summary(figures["clock"])["p50"], report.quantile(figures["clock"], 0.95)
            rows.append((f"{entry['size']:,}", name, p50, p95, figures["processor"], f"{p50 / floor:.1f} ×"))
    report.table(
        f"registry on {found[0]['database']}: milliseconds, audit row included",
        ("persons", "reading", "p50", "p95", "processor", "floor"),
        rows,
    )
    print(f"  raw samples: {report.keep('registry', {'curve': found})}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.registry", description=__doc__)
    parser.add_argument("--sizes", nargs="+", type=int, default=list(SIZES), help="how many persons")
    parser.add_argument("--database", help="URL of an empty database; without, SQLite in a temporary folder")
    given = parser.parse_args()
    run(given.sizes, given.database)
