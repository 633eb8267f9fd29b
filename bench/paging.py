"""`python -m bench paging`: from the escalation's event to the carrier that has it, and what waiting for one costs.

The clock begins when the event is handed to the bus and ends when an HTTP carrier, a process of its own, has read the
request. One by one; a hundred pages in one burst, three messages each; a thousand at once before a carrier that needs
300 ms and takes 30 at a time; and a minute of nothing with 50 rotas and 100,000 old pages. Embedded and full, beside a
floor of the same machine.
"""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import yaml
from psycopg.rows import dict_row

from bench import carrier, floor, paging_idle, report
from bench.paging_host import Host, database_in, embedded, first_start, full, make_topics, servers
from forkant_full.postgres_server import connect
from forkant_shared.clock import new_id

ONE_BY_ONE, WARM, PAUSE = 200, 20, 0.05
BURST = 100
MANY, SLOW_SECONDS, AT_ONCE = 1000, 0.3, 30
CHANNELS = ("PUSH", "SMS", "CALL")
#: Two messages that begin in one moment may arrive in either order.
SAME_MOMENT = 0.05
#: From deciding on a page to its commit, together with what came with it.
STORED_WITHIN = 0.5

_ATTEMPTS = """SELECT a.id, a.due_at, a.lane, p.escalation_id FROM attempts a JOIN pages p ON p.id = a.page_id
  WHERE p.escalation_id IS NOT NULL"""


def events(count: int, lane: Callable[[int], str] = lambda _: "LIFE") -> list[dict[str, str]]:
    """So many escalations, each of a threat of its own."""
    return [{"escalation_id": new_id(), "threat_id": new_id(), "lane": lane(number)} for number in range(count)]


def write_routes(folder: Path, url: str, at_once: int | None = None) -> None:
    """One gateway a channel."""
    gateways = [
        {
            "name": channel.lower(),
            "channel": channel,
            "url": f"{url}/{channel.lower()}",
            "body": {"kind": "json", "fields": {"to": "{to}", "text": "{text}", "ref": "{reference}"}},
        }
        | ({"at_once": at_once} if at_once else {})
        for channel in CHANNELS
    ]
    (folder / "routes.yaml").write_text(yaml.safe_dump({"version": "bench", "gateways": gateways}))


def rows(database: str, query: str) -> list[dict[str, Any]]:
    """What a database says, of either kind; ids without strokes."""
    if database.startswith("sqlite"):
        connection = sqlite3.connect(database.removeprefix("sqlite:///"), timeout=10)
        connection.row_factory = sqlite3.Row
        found = [dict(row) for row in connection.execute(query)]
        connection.close()
    else:
        with psycopg.connect(database.replace("+psycopg", ""), row_factory=dict_row) as opened:
            found = opened.execute(query.encode()).fetchall()
    return [{k: str(v).replace("-", "") if k.endswith("id") else v for k, v in row.items()} for row in found]


def wait_for(log: Path, count: int, seconds: float) -> list[dict[str, Any]]:
    """What arrived, once that many have."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if log.read_bytes().count(b"\n") >= count:
            break
        time.sleep(0.05)
    return carrier.arrived(log)


def one_by_one(host: Host, log: Path) -> list[float]:
    """Milliseconds from each event to the first message of its page at the carrier."""
    begun: dict[str, float] = {}
    for number in range(WARM + ONE_BY_ONE):
        (event,) = events(1)
        at = host.publish([event])
        if number >= WARM:
            begun[event["escalation_id"].replace("-", "")] = at
        time.sleep(PAUSE)
    found = _by_escalation(host, wait_for(log, 3 * (WARM + ONE_BY_ONE), 30))
    return [1000 * (min(found[escalation]) - at) for escalation, at in begun.items()]


def burst(host: Host, log: Path) -> list[float]:
    """Seconds from a burst of events to each of their messages."""
    before = len(carrier.arrived(log))
    at = host.publish(told := events(BURST))
    found = _by_escalation(host, wait_for(log, before + 3 * BURST, 30))
    times = [one - at for event in told for one in found[event["escalation_id"].replace("-", "")]]
    if len(times) != 3 * BURST:
        raise RuntimeError(f"{len(times)} of {3 * BURST} messages arrived")
    return times


def _by_escalation(host: Host, arrivals: list[dict[str, Any]]) -> dict[str, list[float]]:
    of = {row["id"]: row["escalation_id"] for row in rows(host.database, _ATTEMPTS)}
    found: dict[str, list[float]] = {}
    for one in arrivals:
        if one["ref"] in of:
            found.setdefault(of[one["ref"]], []).append(one["at"])
    return found


def many(host: Host, log: Path) -> dict[str, Any]:
    """A thousand pages at once, every second one NORMAL, before a narrow carrier: what was out of order, and lost."""
    at = host.publish(events(MANY, lambda number: "NORMAL" if number % 2 else "LIFE"))
    wanted = MANY // 2 * 3 + MANY // 2 * 2
    wait_for(log, wanted, 60)
    time.sleep(2)
    attempts = {row["id"]: row for row in rows(host.database, _ATTEMPTS)}
    arrivals = [one for one in carrier.arrived(log) if one["ref"] in attempts]
    life = [one["at"] - at for one in arrivals if attempts[one["ref"]]["lane"] == "LIFE"]
    refs = [one["ref"] for one in arrivals]
    return {
        "life_s": life,
        "normal_s": [one["at"] - at for one in arrivals if attempts[one["ref"]]["lane"] == "NORMAL"],
        "lost": wanted - len({one["ref"] for one in arrivals if not one["refused"]}),
        "twice": len(refs) - len(set(refs)),
        "refused": sum(one["refused"] for one in arrivals),
        "normal_before_life": sum(_ahead_of_life(arrivals, attempts, channel.lower()) for channel in CHANNELS),
        "out_of_order": sum(_out_of_order(arrivals, attempts, channel.lower()) for channel in CHANNELS),
    }


def _ahead_of_life(arrivals: list[dict[str, Any]], attempts: dict[str, Any], path: str) -> int:
    """NORMAL messages that reached a carrier after every LIFE one was stored, and before the last of those had come.

    Before then a place may be free that no stored LIFE message waits for.
    """
    here = [one | attempts[one["ref"]] for one in arrivals if one["path"].endswith(path)]
    life = [one for one in here if one["lane"] == "LIFE"]
    stored = max(_seconds(one["due_at"]) for one in life) + STORED_WITHIN
    last = max(one["at"] for one in life)
    return sum(one["lane"] == "NORMAL" and stored < one["at"] < last for one in here)


def _out_of_order(arrivals: list[dict[str, Any]], attempts: dict[str, Any], path: str) -> int:
    """Messages that came more than a moment after one of their lane and carrier that was due later than they."""
    wrong = 0
    for lane in ("LIFE", "NORMAL"):
        here = [one | attempts[one["ref"]] for one in arrivals if one["path"].endswith(path)]
        latest_due, came_at = float("-inf"), 0.0
        for one in (found for found in here if found["lane"] == lane):
            due = _seconds(one["due_at"])
            wrong += due < latest_due and one["at"] - came_at > SAME_MOMENT
            if due > latest_due:
                latest_due, came_at = due, one["at"]
    return wrong


def _seconds(at: Any) -> float:
    return (datetime.fromisoformat(at) if isinstance(at, str) else at).timestamp()


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="forkant-bench-") as made:
        Path(made).chmod(0o755)
        yield Path(made)


def _measure(start: Callable[[Path, str], Any], fresh: Callable[[Path, str], str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with _folder() as folder, carrier.running(folder) as (url, log):
        write_routes(folder, url)
        with start(folder, fresh(folder, "quick")) as host:
            found["one_by_one_ms"] = one_by_one(host, log)
            found["burst_s"] = burst(host, log)
    with _folder() as folder, carrier.running(folder, seconds=SLOW_SECONDS, at_once=AT_ONCE) as (url, log):
        write_routes(folder, url, AT_ONCE)
        with start(folder, fresh(folder, "narrow")) as host:
            found |= many(host, log)
    with _folder() as folder, carrier.running(folder) as (url, log):
        write_routes(folder, url)
        database = fresh(folder, "idle")
        asyncio.run(paging_idle.fill(database))
        with start(folder, database) as host:
            found["idle_share"] = paging_idle.share_of_a_core(host.pid)
    return found


def _fresh_file(folder: Path, _: str) -> str:
    asyncio.run(first_start(database_in(folder)))
    return database_in(folder)


def run() -> None:
    """Measure, print, keep."""
    kept = {"embedded": _measure(embedded, _fresh_file)}
    _print_one("embedded", kept["embedded"])
    with _folder() as folder, servers(folder) as (postgres, kafka):
        asyncio.run(make_topics(kafka.bootstrap))

        def fresh(_: Path, name: str) -> str:
            with connect(postgres.url) as admin:
                admin.execute(f"CREATE DATABASE bench_{name}".encode())
            url = f"{postgres.url.rpartition('/')[0]}/bench_{name}"
            asyncio.run(first_start(url))
            return url

        bare = asyncio.run(floor.measure(kafka.bootstrap, postgres.url, BURST))
        kept["full"] = _measure(lambda there, database: full(there, database, kafka.bootstrap), fresh)
    _print_one("full", kept["full"])
    kept["floor"] = bare
    row = ["two commits, two hops, one POST, by hand (ms)", *_four(bare["one_by_one_ms"])]
    report.table("The floor of this machine", ["what", "n", "p50", "p95", "p99", "max"], [row])
    print(f"  raw samples: {report.keep('paging', kept)}")


def _print_one(name: str, found: dict[str, Any]) -> None:
    table: list[list[object]] = [
        ["event to carrier, one by one (ms)", *_four(found["one_by_one_ms"])],
        [f"{BURST} pages in one burst, each message (s)", *_four(found["burst_s"])],
        [f"{MANY} pages, narrow carrier, LIFE (s)", *_four(found["life_s"])],
        [f"{MANY} pages, narrow carrier, NORMAL (s)", *_four(found["normal_s"])],
    ]
    report.table(f"Escalation event to carrier, {name}", ["what", "n", "p50", "p95", "p99", "max"], table)
    counted = ("lost", "twice", "refused", "normal_before_life", "out_of_order")
    title = f"{MANY} pages at once, a carrier that needs {SLOW_SECONDS} s and takes {AT_ONCE} at a time"
    report.table(title, counted, [[found[what] for what in counted]])
    idle = 100 * found["idle_share"]
    print(f"\n  a minute of nothing, 50 rotas, 100,000 old pages: {idle:.2f} % of a core", flush=True)


def _four(samples: list[float]) -> list[object]:
    found = report.summary(samples)
    return [int(found["n"]), found["p50"], report.quantile(samples, 0.95), found["p99"], found["max"]]
