"""A draft of the policy compared with the one in force, on a year of history: how long, and who waits meanwhile.

`python -m bench policy` writes 50,000 reports and what people did about them into the database of an embedded Forkant,
begins a draft through its API, and asks for the comparison, first with nobody else there, then while a report is posted
and a threat's list is read five times a second each. The clock runs from the question to the answer with its result.
"""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import Any

import httpx2 as httpx

from bench import e2e, policy_year, report, systems
from forkant_shared.database import sqlite_url
from forkant_threat_watch.store.policies import of_release

REPORTS = 50_000
A_SECOND = 5
QUIET_SECONDS = 20
LOOK_EVERY = 0.25
API = "/threat-watch/v1"


def _draft(client: httpx.Client, head: dict[str, str]) -> str:
    """A draft that weighs intent a little less."""
    text = of_release()["2026-1"].text
    text = text.replace("version: 2026-1\nt", "version: 2026-8\nt").replace("INTENT: 4.4", "INTENT: 4.2")
    made = client.post(f"{API}/policy-drafts", json={"name": "bench", "text": text}, headers=head)
    made.raise_for_status()
    return str(made.json()["id"])


async def _compare(client: httpx.AsyncClient, head: dict[str, str], draft: str) -> dict[str, Any]:
    """Ask for a comparison and watch it: seconds, and what was shown of its progress."""
    started = time.perf_counter()
    asked = await client.post(f"{API}/policy-drafts/{draft}/comparisons", json={"source": "HISTORY"}, headers=head)
    asked.raise_for_status()
    progress: list[tuple[float, int, int]] = []
    while True:
        await asyncio.sleep(LOOK_EVERY)
        answer = await client.get(f"{API}/policy-comparisons/{asked.json()['id']}", headers=head)
        answer.raise_for_status()
        found = answer.json()
        at = time.perf_counter() - started
        if not progress or progress[-1][1:] != (found["done"], found["total"]):
            progress.append((round(at, 2), found["done"], found["total"]))
        if found["finished_at"] is not None:
            if found["problem"]:
                raise RuntimeError(f"the comparison failed: {found['problem']}")
            return {"seconds": at, "progress": progress, "result": found["result"]["history"]}


async def _others(client: httpx.AsyncClient, writer: dict[str, str], reader: dict[str, str], kept: Any) -> None:
    """Post reports and read the list, `A_SECOND` each, until cancelled; milliseconds into `kept`."""
    running: set[asyncio.Task[None]] = set()

    async def one(kind: str, number: int) -> None:
        started = time.perf_counter()
        if kind == "report":
            head = writer | {"Idempotency-Key": f"policy-{started}-{number}"}
            answer = await client.post(f"{API}/reports", json=e2e.body(number), headers=head)
        else:
            answer = await client.get(f"{API}/threats", headers=reader)
        answer.raise_for_status()
        kept[kind].append(1000 * (time.perf_counter() - started))

    number = 0
    while True:
        number += 1
        for kind in ("report", "list"):
            task = asyncio.create_task(one(kind, number))
            running.add(task)
            task.add_done_callback(running.discard)
        await asyncio.sleep(1 / A_SECOND)


def _children_seconds(pid: int) -> float:
    """Processor seconds of all the processes that this one has started and seen end."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


async def _measure(url: str, pid: int, draft: str) -> dict[str, Any]:
    writer, reader = systems.token(url, "source.handler"), systems.token(url, "analyst")
    quiet: dict[str, list[float]] = {"report": [], "list": []}
    beside: dict[str, list[float]] = {"report": [], "list": []}
    async with httpx.AsyncClient(base_url=url, timeout=120) as client:
        before = _children_seconds(pid)
        alone = await _compare(client, reader, draft)
        alone["processor_seconds"] = _children_seconds(pid) - before
        others = asyncio.create_task(_others(client, writer, reader, quiet))
        await asyncio.sleep(QUIET_SECONDS)
        others.cancel()
        others = asyncio.create_task(_others(client, writer, reader, beside))
        before = _children_seconds(pid)
        shared = await _compare(client, reader, draft)
        shared["processor_seconds"] = _children_seconds(pid) - before
        others.cancel()
    return {"alone": alone, "shared": shared, "quiet_ms": quiet, "beside_ms": beside}


def run() -> None:
    """Measure, print, keep."""
    with systems.embedded() as system:
        year = policy_year.year(REPORTS, policy_year.now())
        asyncio.run(policy_year.fill(sqlite_url(str(system.var / "threat-watch.sqlite3")), year))
        with httpx.Client(base_url=system.url, timeout=120) as client:
            draft = _draft(client, systems.token(system.url, "analyst"))
        # Who else is at work on the machine decides as much as we do: the comparison gives way to everybody.
        kept: dict[str, Any] = {"written": policy_year.described(year), "load_before": os.getloadavg()}
        kept |= asyncio.run(_measure(system.url, system.pids["embedded"], draft))
    rows: list[list[object]] = []
    for name, how in (("alone", "nobody else there"), ("shared", f"{A_SECOND} reports and {A_SECOND} lists a second")):
        found = kept[name]
        first = next((at for at, _, total in found["progress"] if total), found["seconds"])
        result = found["result"]
        told = result["before"]["reports"] + result["after"]["reports"]
        changed = sum(result["changes"].values())
        rows.append([how, told, found["seconds"], found["processor_seconds"], first, len(found["progress"]), changed])
    header = ["compare with", "reports told", "s", "processor s", "s to first %", "steps shown", "pages changed"]
    report.table(f"A draft beside the policy in force, {REPORTS:,} reports of history", header, rows)
    waits = [
        [what, when, *report.summary(kept[f"{when}_ms"][what]).values()]
        for what in ("report", "list")
        for when in ("quiet", "beside")
    ]
    report.table("What others wait (ms)", ["request", "when", "n", "p50", "p99", "max"], waits)
    print(f"  load average before: {kept['load_before'][0]:.1f} on {os.cpu_count()} cores")
    print(f"  raw samples: {report.keep('policy', kept)}")
