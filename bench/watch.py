"""How threat-watch holds up as it grows: a report's way to the bus beside many open threats, and one large threat.

`python -m bench watch` fills the full system's PostgreSQL with 100 and then 10,000 open threats of 100 signals each
(1,000,000 signals) and posts 20 reports a second that each hit one of them, and each of which pages. The clock of a
report runs from its POST to the record of its escalation in Kafka. It is measured with the other three services paused,
which is threat-watch, PostgreSQL and Kafka alone, and with all of them at work on the same cores. Beside it: one threat
with 500 signals, weighed anew and shown as a page.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from signal import SIGCONT, SIGSTOP
from typing import Any

import httpx2 as httpx
import psycopg
from aiokafka import AIOKafkaConsumer

from bench import e2e, report, systems
from forkant_threat_watch.domain.grading import Quality
from forkant_threat_watch.domain.links import Links
from forkant_threat_watch.domain.signals import Signal
from forkant_threat_watch.domain.watch import Watch
from forkant_threat_watch.domain.words import Factor, Party, PartyKind
from forkant_threat_watch.store.policies import current_policy

SIZES = (100, 10_000)
SIGNALS_EACH = 100
A_SECOND = 20
SECONDS = 20
WARM = 40
SETTLE_SECONDS = 10
LARGE = 500
TOPIC = "forkant.threat-watch"
RAISED = b"no.forkant.threat-watch.escalation-raised.v1"

_FILL = f"""
CREATE TEMP TABLE made AS SELECT n, gen_random_uuid() AS threat_id, gen_random_uuid() AS aggressor,
  gen_random_uuid() AS target FROM generate_series(%(first)s::int, %(last)s::int) AS n;
CREATE TEMP TABLE model AS SELECT * FROM threats WHERE id = %(model)s;
CREATE TEMP TABLE voice AS SELECT s.* FROM signals s JOIN threat_signals c ON c.signal_id = s.id
  WHERE c.threat_id = %(model)s LIMIT 1;
UPDATE model SET due_at = NULL;
CREATE TEMP TABLE threats_made AS SELECT model.*, made.n, made.threat_id, made.aggressor AS a, made.target AS t
  FROM model CROSS JOIN made;
UPDATE threats_made SET id = threat_id, reference = 'T-9999-' || n, standing =
  replace(replace(standing::text, %(aggressor)s::text, a::text), %(target)s::text, t::text)::jsonb;
ALTER TABLE threats_made DROP COLUMN n, DROP COLUMN threat_id, DROP COLUMN a, DROP COLUMN t;
INSERT INTO threats SELECT * FROM threats_made;
INSERT INTO threat_parties (key, side, threat_id) SELECT 'GROUP:' || aggressor, 'A', threat_id FROM made
  UNION ALL SELECT 'GROUP:' || target, 'T', threat_id FROM made;
CREATE TEMP TABLE signals_made AS SELECT voice.*, made.n, k, made.aggressor AS a, made.target AS t
  FROM voice CROSS JOIN made CROSS JOIN generate_series(1, {SIGNALS_EACH}) AS k;
UPDATE signals_made SET id = 'bench-' || n || '-' || k, report = 'bench-' || n || '-' || k, origin = 'o' || k,
  aggressor_ref = a, target_ref = t, factor = 'CAPABILITY', strength = 0.1, imminence_hours = NULL;
ALTER TABLE signals_made DROP COLUMN n, DROP COLUMN k, DROP COLUMN a, DROP COLUMN t;
INSERT INTO signals SELECT * FROM signals_made;
INSERT INTO threat_signals (threat_id, signal_id, suggested, position)
  SELECT made.threat_id, 'bench-' || n || '-' || k, false, k FROM made CROSS JOIN generate_series(1, {SIGNALS_EACH}) k;
"""


def _party(number: int) -> dict[str, str]:
    return {"kind": "GROUP", "id": f"00000000-0000-7000-8000-{number:012d}"}


def _body(aggressor: str, target: str, number: int) -> dict[str, Any]:
    body = e2e.body(number)
    signal = body["signals"][0] | {"aggressor": {"kind": "GROUP", "id": aggressor}}
    body["signals"] = [signal | {"target": {"kind": "GROUP", "id": target}}]
    return body


def _fill(database: str, model: str, first: int, last: int) -> list[tuple[str, str, str]]:
    """Make threats number `first` to `last`; all threats made so far as (id, aggressor, target)."""
    with psycopg.connect(database.replace("+psycopg", ""), autocommit=False) as connection:
        given = {"first": first, "last": last, "model": model} | {
            "aggressor": _party(1)["id"],
            "target": _party(2)["id"],
        }
        for statement in filter(str.strip, _FILL.split(";\n")):
            connection.execute(statement.encode(), given if "%(" in statement else None)
        connection.commit()
        connection.autocommit = True
        connection.execute("ANALYZE")
        sides = connection.execute(
            "SELECT threat_id, side, substr(key, 7) FROM threat_parties ORDER BY 1, 2"
        ).fetchall()
    found = [(str(a[0]), a[2], t[2]) for a, t in zip(sides[::2], sides[1::2], strict=True)]
    return [one for one in found if one[0] != model]


async def _measure(
    system: systems.System, head: dict[str, str], hit: list[tuple[str, str, str]], base: int
) -> list[float]:
    """Milliseconds from each POST to its escalation in Kafka."""
    url = system.facts["services"]["threat-watch"]["url"]
    seen: dict[str, float] = {}
    consumer = AIOKafkaConsumer(TOPIC, bootstrap_servers=system.facts["kafka"], auto_offset_reset="latest")
    await consumer.start()
    await consumer.seek_to_end()

    async def listen() -> None:
        async for record in consumer:
            if dict(record.headers).get("ce_type") == RAISED:
                seen.setdefault(json.loads(record.value)["threat_id"], time.perf_counter())

    listening = asyncio.create_task(listen())
    started: dict[str, float] = {}
    chosen = random.Random(base).sample(hit, min(len(hit), A_SECOND * SECONDS))
    async with httpx.AsyncClient(base_url=url, headers=head, timeout=60) as client:

        async def one(number: int, threat: str, aggressor: str, target: str) -> None:
            started[threat] = time.perf_counter()
            key = {"Idempotency-Key": f"watch-{base}-{number}"}
            answer = await client.post(
                "/threat-watch/v1/reports", json=_body(aggressor, target, base + number), headers=key
            )
            answer.raise_for_status()

        begun, tasks = time.perf_counter(), []
        for number, known in enumerate(chosen):
            await asyncio.sleep(max(0.0, begun + number / A_SECOND - time.perf_counter()))
            tasks.append(asyncio.create_task(one(number, *known)))
        await asyncio.gather(*tasks)
        for _ in range(100):
            if len(seen) >= len(chosen):
                break
            await asyncio.sleep(0.05)
    listening.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await listening
    await consumer.stop()
    missing = len(chosen) - len(seen.keys() & started.keys())
    if missing:
        raise RuntimeError(f"{missing} of {len(chosen)} escalations never came")
    return [1000 * (seen[threat] - at) for threat, at in started.items()]


def _grow(kept: dict[str, Any]) -> list[list[object]]:
    rows: list[list[object]] = []
    with systems.full() as system:
        url = system.facts["services"]["threat-watch"]["url"]
        head = systems.token(system.url, "source.handler")
        first_report = _body(_party(1)["id"], _party(2)["id"], 0)
        keyed = head | {"Idempotency-Key": "watch-model"}
        answer = httpx.post(f"{url}/threat-watch/v1/reports", json=first_report, headers=keyed, timeout=30)
        answer.raise_for_status()
        model, first = answer.json()["threats"][0]["id"], 1
        database = _database(system)
        _quiet(database, model)
        for size in SIZES:
            hit = _fill(database, model, first, size)
            first = size + 1
            random.Random(size).shuffle(hit)
            asyncio.run(
                _measure(system, head, hit[:WARM], 1_000_000 + size)
            )  # not counted: nobody asks a cold system twice
            rest = hit[WARM:]
            with _others_paused(system):
                kept[f"alone_{size}"] = asyncio.run(_measure(system, head, rest[::2], 10_000 * size))
            kept[f"beside_{size}"] = asyncio.run(_measure(system, head, rest[1::2], 10_000 * size + 5_000))
            for name, which in (("alone", "alone"), ("all four services", "beside")):
                told = report.summary(kept[f"{which}_{size}"])
                rows.append([f"{size:,} open threats, {size * SIGNALS_EACH:,} signals, {name}", *list(told.values())])
    return rows


@contextlib.contextmanager
def _others_paused(system: systems.System) -> Iterator[None]:
    """Only threat-watch of the four services works."""
    others = [pid for name, pid in system.pids.items() if name != "threat-watch"]
    for pid in others:
        os.kill(pid, SIGSTOP)
    try:
        yield
    finally:
        for pid in others:
            os.kill(pid, SIGCONT)
        time.sleep(SETTLE_SECONDS)


def _database(system: systems.System) -> str:
    """threat-watch's own database, entered as the server's superuser."""
    return str(system.facts["postgres"]).rsplit("/", 1)[0] + "/forkant_threat_watch"


def _quiet(database: str, model: str) -> None:
    """The model threat rings no more, so that its copies have no page yet."""
    with psycopg.connect(database.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(
            "UPDATE threats SET state = 'ASSESSED', level = 1, standing = "
            'standing || \'{"pages": [], "fired": {}, "reviews": []}\'::jsonb WHERE id = %s',
            (model,),
        )


def _weigh() -> list[float]:
    """Milliseconds to take a further signal into a threat of 500 and assess it."""
    policy = current_policy()
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    factors = [factor for factor in Factor if factor is not Factor.BUFFER]
    first = Signal(
        id="s0", report="r0", factor=Factor.INTENT, strength=0.9, grade=Quality(0.7, 0.7), quality=0.7, origin="o0",
        observed_at=now, aggressor=Party(PartyKind.GROUP, "a"), target=Party(PartyKind.GROUP, "t"),
    )  # fmt: skip
    numbers = iter(range(10**9))
    watch = Watch(policy, Links(), lambda kind: f"{kind}-{next(numbers)}")
    for number in range(LARGE):
        signal = replace(
            first, id=f"s{number}", report=f"r{number}", origin=f"o{number}", factor=factors[number % len(factors)],
            observed_at=now - timedelta(hours=number % 400),
        )  # fmt: skip
        watch.receive([signal], now)
    samples = []
    for number in range(200):
        later = now + timedelta(minutes=number + 1)
        signal = replace(first, id=f"t{number}", report=f"q{number}", origin=f"o{number}", observed_at=later)
        watch.recount(next(iter(watch.threats.values())))  # as after loading: nothing worked out before
        started = time.perf_counter()
        watch.receive([signal], later)
        samples.append(1000 * (time.perf_counter() - started))
    return samples


def _page() -> list[float]:
    """Milliseconds for the page of a threat with 500 signals, embedded."""
    with systems.embedded() as system:
        head = systems.token(system.url, "source.handler")
        with httpx.Client(base_url=system.url, timeout=120) as client:
            reports = [
                {"key": f"page-{number}", "report": _body(_party(1)["id"], _party(2)["id"], number)}
                for number in range(LARGE)
            ]
            lines = client.post("/threat-watch/v1/reports:batch", json={"reports": reports}, headers=head).json()
            threat = lines["items"][0]["report"]["threats"][0]["id"]
            reader = systems.token(system.url, "analyst")
            samples = []
            for _ in range(30):
                started = time.perf_counter()
                client.get(f"/threat-watch/threats/{threat}", headers=reader).raise_for_status()
                samples.append(1000 * (time.perf_counter() - started))
    return samples


def run() -> None:
    """Measure, print, keep."""
    kept: dict[str, Any] = {"weigh_ms": _weigh(), "page_ms": _page()}
    header = ["what", "n", "p50", "p99", "max"]
    rows: list[list[object]] = [
        [f"a further signal in a threat of {LARGE}", *list(report.summary(kept["weigh_ms"]).values())],
        [f"the page of a threat of {LARGE}", *list(report.summary(kept["page_ms"]).values())],
    ]
    report.table("One large threat (ms)", header, rows)
    report.table(f"POST to escalation in Kafka at {A_SECOND} reports/s (ms)", header, _grow(kept))
    print(f"  raw samples: {report.keep('watch', kept)}")
