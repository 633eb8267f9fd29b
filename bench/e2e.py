"""From a report's POST to the carrier's submit: one by one and in a burst, embedded and full, beside the bare floor."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

import httpx2 as httpx

from bench import floor, report, systems

ONE_BY_ONE = 150
BURST = 1000
AT_ONCE = 32


def body(number: int) -> dict[str, Any]:
    """A report that pages at once and joins nothing: both parties are its own."""
    return {
        "observed_at": datetime.now(UTC).isoformat(),
        "channel": "HANDLER",
        "grading": {"scale": "ADMIRALTY", "source": "A", "information": "2"},
        "origin": f"S{number}",
        "kind": "FACT",
        "verified": False,
        "exposure": "NO",
        "text": "Måling.",
        "signals": [
            {
                "factor": "INTENT",
                "strength": "EXPLICIT",
                "imminence_hours": 6,
                "aggressor": {"kind": "NAME", "name": f"Målegjeng {number}"},
                "target": {"kind": "NAME", "name": f"Målemann {number}"},
            }
        ],
    }


async def _post(client: httpx.AsyncClient, number: int) -> tuple[str, float]:
    started = time.time()
    answer = await client.post(
        "/threat-watch/v1/reports", json=body(number), headers={"Idempotency-Key": f"bench-{number}"}
    )
    answer.raise_for_status()
    return answer.json()["threats"][0]["id"], started


async def _submitted(client: httpx.AsyncClient, threat: str) -> float | None:
    """When the first attempt of the threat's page reached the carrier; None where none has yet."""
    answer = await client.get("/notifier/v1/pages", params={"threat": threat})
    answer.raise_for_status()
    times = [
        attempt["submitted_at"] for page in answer.json() for attempt in page["attempts"] if attempt["submitted_at"]
    ]
    return min(datetime.fromisoformat(at).timestamp() for at in times) if times else None


async def _wait_submitted(client: httpx.AsyncClient, threat: str, seconds: float = 60) -> float:
    until = time.time() + seconds
    while time.time() < until:
        at = await _submitted(client, threat)
        if at is not None:
            return at
        await asyncio.sleep(0.05)
    raise TimeoutError(f"threat {threat} was never submitted")


async def _measure(url: str, burst: int, *, post_to: str | None = None, first: int = 0) -> dict[str, Any]:
    """Reports posted to `post_to` (or `url`), and looked up through `url`; `first` keeps two rounds apart."""
    headers = systems.token(url, "source.handler")
    reader = systems.token(url, "duty.officer")
    limits = httpx.Limits(max_connections=AT_ONCE)
    async with (
        httpx.AsyncClient(base_url=post_to or url, headers=headers, timeout=60, limits=limits) as client,
        httpx.AsyncClient(base_url=url, headers=reader, timeout=60) as asking,
    ):
        for number in range(20):
            await _post(client, first + 900_000 + number)
        await asyncio.sleep(2)
        samples = []
        for number in range(ONE_BY_ONE):
            threat, started = await _post(client, first + number)
            samples.append((threat, started))
            await asyncio.sleep(0.1)
        single = [1000 * (await _wait_submitted(asking, threat) - started) for threat, started in samples]
        figures: dict[str, Any] = {"one_by_one_ms": single}
        if burst:
            figures["burst_s"] = await _burst(client, asking, burst)
        return figures


async def _burst(client: httpx.AsyncClient, asking: httpx.AsyncClient, count: int) -> list[float]:
    """Seconds from each report's own POST to its submit, all posted as fast as the system takes them."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> tuple[str, float]:
        async with gate:
            return await _post(client, 100_000 + number)

    posted = await asyncio.gather(*(one(number) for number in range(count)))
    return [await _wait_submitted(asking, threat) - started for threat, started in posted]


def run() -> None:
    """Measure, print, keep."""
    rows, kept = [], {}
    with systems.embedded() as system:
        found = asyncio.run(_measure(system.url, BURST))
        kept["embedded"] = found
        rows.append(_row("embedded, one by one (ms)", found["one_by_one_ms"]))
        rows.append(_row(f"embedded, burst of {BURST} (s)", found["burst_s"]))
    with systems.full() as system:
        kept["floor"] = asyncio.run(floor.measure(system.facts["kafka"], system.facts["postgres"], BURST))
        # Straight to the service, as the floor's POST is; then as a stranger does, through the gateway.
        service = system.facts["services"]["threat-watch"]["url"]
        found = asyncio.run(_measure(system.url, BURST, post_to=service))
        kept["full"] = found
        kept["gateway"] = asyncio.run(_measure(system.url, 0, first=2_000_000))
        rows.append(_row("bare floor, one by one (ms)", kept["floor"]["one_by_one_ms"]))
        rows.append(_row("full, one by one (ms)", found["one_by_one_ms"]))
        rows.append(_row("full, through the gateway (ms)", kept["gateway"]["one_by_one_ms"]))
        rows.append(_row(f"full, burst of {BURST} (s)", found["burst_s"]))
    report.table("Report POST to carrier submit", ["what", "n", "p50", "p99", "max"], rows)
    ours = report.summary(kept["full"]["one_by_one_ms"])["p50"]
    bare = report.summary(kept["floor"]["one_by_one_ms"])["p50"]
    print(f"\n  full / floor at p50: {ours / bare:.2f}    naive burst floor: {kept['floor']['burst_s']:.2f} s")
    print(f"  raw samples: {report.keep('e2e', kept)}")


def _row(name: str, samples: list[float]) -> list[object]:
    found = report.summary(samples)
    return [name, int(found["n"]), found["p50"], found["p99"], found["max"]]
