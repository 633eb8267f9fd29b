"""How soon the duty desk's board is seen on a phone with 50 open pages: first and largest paint, and what moves.

A real Chromium of a phone's size with its processor slowed to a quarter, the embedded system with its demo unit.
*cold*: a browser that has never been here (nothing stored, no worker); *warm*: the same phone again, with its files and
its worker. Beside them the floor: a line of plain text from the same server to the same slowed browser. Milliseconds
from the navigation's start; the layout shift is Chromium's own score, where 0 means that nothing moved. WORK is what
the page's main thread used of a processor until it was settled, slowed too: it hardly changes when the machine is busy.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
import uuid
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, StorageState

from bench import report, systems
from tests.browser import chromium

PAGES = 50
LOADS = 15
SLOWER = 4
#: Long enough for what comes late: the stream, the first fetch of the live part, fonts.
SETTLED_MILLISECONDS = 1500
USER = "duty.officer"
BARE = "/notifier/static/none"
_OBSERVE = """
window.seen = { fcp: null, lcp: null, cls: 0 };
const each = (act) => new PerformanceObserver((list) => list.getEntries().forEach(act));
const watch = (type, act) => each(act).observe({ type, buffered: true });
watch("paint", (one) => { if (one.name === "first-contentful-paint") seen.fcp = one.startTime; });
watch("largest-contentful-paint", (one) => { seen.lcp = one.startTime; });
watch("layout-shift", (one) => { if (!one.hadRecentInput) seen.cls += one.value; });
"""


def fill(database: Path) -> int:
    """Copy one of the demo's open pages, with its attempts, until 50 are open; how many are."""
    with sqlite3.connect(database, timeout=30) as db:
        db.row_factory = sqlite3.Row
        # The demo's own threats have been told, and their pages are on the way.
        while (row := db.execute("SELECT * FROM pages WHERE state = 'OPEN' ORDER BY lane LIMIT 1").fetchone()) is None:
            time.sleep(0.1)
        model = dict(row)
        tries = [dict(row) for row in db.execute("SELECT * FROM attempts WHERE page_id = ?", (model["id"],))]
        (there,) = db.execute("SELECT count(*) FROM pages WHERE state <> 'CLOSED'").fetchone()
        for number in range(PAGES - there):
            made = {"id": uuid.uuid4().hex, "escalation_id": uuid.uuid4().hex, "code": f"{0xB000 + number:04X}"}
            # A moment that does not come: no tier is rung while we measure.
            page = model | made | {"next_step_at": "2099" + model["next_step_at"][4:]}
            page["lane"] = "LIFE" if number % 2 else "NORMAL"
            _insert(db, "pages", page)
            for one in tries:
                done = {"state": "DELIVERED", "lease_id": None, "lease_holder": None, "lease_until": None}
                _insert(
                    db, "attempts", one | done | {"id": uuid.uuid4().hex, "page_id": page["id"], "code": page["code"]}
                )
        (filled,) = db.execute("SELECT count(*) FROM pages WHERE state <> 'CLOSED'").fetchone()
    return int(filled)


def _insert(db: sqlite3.Connection, table: str, row: dict[str, Any]) -> None:
    names = ", ".join(f'"{name}"' for name in row)
    db.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' for _ in row)})", list(row.values()))


async def phone(browser: Browser, url: str, known: StorageState | None, *, worker: bool) -> BrowserContext:
    """A phone's browser, with the cookies of one who is logged in."""
    context = await browser.new_context(
        base_url=url,
        viewport={"width": 390, "height": 844},
        device_scale_factor=3,
        is_mobile=True,
        has_touch=True,
        locale="nb-NO",
        storage_state=known,
        service_workers="allow" if worker else "block",
    )
    await context.add_init_script(_OBSERVE)
    return context


async def load(context: BrowserContext, address: str) -> dict[str, float]:
    """One load on a page of its own, slowed; what was seen and when."""
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    await session.send("Performance.enable", {"timeDomain": "threadTicks"})
    await page.goto(address, wait_until="load")
    await page.wait_for_function("() => window.seen.lcp !== null")
    await page.wait_for_timeout(SETTLED_MILLISECONDS)
    seen: dict[str, float] = await page.evaluate("window.seen")
    measured = {one["name"]: one["value"] for one in (await session.send("Performance.getMetrics"))["metrics"]}
    seen["work"] = measured["TaskDuration"] * 1000
    if address == "/":
        cards = await page.locator("#board .fk-card").count()
        assert cards >= PAGES, f"only {cards} pages are shown"
    await page.close()
    return seen


async def measure(url: str) -> dict[str, list[dict[str, float]]]:
    """Every load of each kind."""
    path = chromium.find()
    if path is None:
        raise SystemExit("no Chromium: install chromium, or set CHROMIUM to its path")
    found: dict[str, list[dict[str, float]]] = {"bare page": [], "board, cold": [], "board, warm": []}
    async with chromium.started(path) as browser:
        first = await phone(browser, url, None, worker=False)
        page = await first.new_page()
        await page.goto("/auth/login")
        await page.locator(f'label:has(input[value="{USER}"])').click()
        await page.get_by_role("button", name="Logg inn").click()
        await page.wait_for_selector("#board")
        known = await first.storage_state()
        await first.close()
        for _ in range(LOADS):
            for name, address in (("bare page", BARE), ("board, cold", "/")):
                context = await phone(browser, url, known, worker=False)
                found[name].append(await load(context, address))
                await context.close()
        warm = await phone(browser, url, known, worker=True)
        page = await warm.new_page()
        await page.goto("/")
        await page.evaluate("async () => { await navigator.serviceWorker.ready; }")
        await page.close()
        for _ in range(LOADS):
            found["board, warm"].append(await load(warm, "/"))
        await warm.close()
    return found


def run() -> None:
    """Start, fill, measure, print and keep the samples."""
    with systems.embedded(demo=True) as running:
        filled = fill(running.var / "notifier.sqlite3")
        found = asyncio.run(measure(running.url))
    floor = {
        measure: report.summary([one[measure] for one in found["bare page"]])["p50"]
        for measure in ("fcp", "lcp", "work")
    }
    rows = []
    for name, loads in found.items():
        for measured in ("fcp", "lcp", "cls", "work"):
            samples = [one[measured] for one in loads]
            p50, p95 = report.summary(samples)["p50"], report.quantile(samples, 0.95)
            beside = f"{p50 / floor[measured]:.1f} ×" if measured in floor else ""
            rows.append((name, measured.upper(), p50, p95, max(samples), beside))
    title = f"board with {filled} open pages on a phone slowed {SLOWER} ×, {LOADS} loads each"
    report.table(f"{title}: milliseconds (CLS: a score)", ("page", "", "p50", "p95", "max", "floor"), rows)
    kept = {"loads": found, "pages": filled, "slower": SLOWER, "browser": os.path.basename(chromium.find() or "")}
    print(f"  raw samples: {report.keep('board', kept)}")
