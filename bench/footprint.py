"""Memory after the demo story, and time until ready."""

from __future__ import annotations

import time

import httpx2 as httpx

from bench import e2e, report, systems


def _story(url: str) -> None:
    headers = systems.token(url, "source.handler")
    for number in range(5):
        key = {"Idempotency-Key": f"footprint-{number}"}
        httpx.post(f"{url}/threat-watch/v1/reports", json=e2e.body(number), headers={**headers, **key}, timeout=30)
    time.sleep(5)


def run() -> None:
    """Measure, print, keep."""
    rows, kept = [], {}
    with systems.embedded(demo=True) as system:
        _story(system.url)
        used = systems.resident_megabytes(system.pids["embedded"])
        rows.append(["embedded, with demo data loaded at start", used, system.ready_seconds])
        kept["embedded"] = {"megabytes": used, "ready_seconds": system.ready_seconds}
        rows.append(_again(kept))
    with systems.full() as system:
        _story(system.url)
        each = {name: systems.resident_megabytes(pid) for name, pid in system.pids.items()}
        rows += [[f"full: {name}", used, ""] for name, used in each.items()]
        rows.append(["full: our four services together", sum(each.values()), system.ready_seconds])
        kept["full"] = {"megabytes": sum(each.values()), "ready_seconds": system.ready_seconds}
    report.table("Memory idle after a story, and start", ["what", "MB resident", "s until ready"], rows)
    print(f"  raw figures: {report.keep('footprint', kept)}")


def _again(kept: dict[str, dict[str, float]]) -> list[object]:
    with systems.embedded() as system:
        kept["embedded_empty"] = {"ready_seconds": system.ready_seconds}
        used = systems.resident_megabytes(system.pids["embedded"])
        return ["embedded, empty", used, system.ready_seconds]
