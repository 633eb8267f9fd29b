"""What the commands do."""

from __future__ import annotations

import json
import time
from typing import Any

from bench import report
from bench.judgement import changes, figures, page, sweep
from bench.judgement.seeds import DEVELOPMENT
from bench.judgement.stories import tell_city


def bench() -> None:
    """Measure, print, keep."""
    _measured()


def choose() -> None:
    """Choose the four others' settings on the development seeds, and write them down."""
    sweep.choose_all([sweep.see(tell_city(seed)) for seed in DEVELOPMENT])


def justify() -> None:
    """Take back each change of the new policy by itself, on the development seeds, and write what comes of it."""
    changes.KEPT.write_text(json.dumps(changes.measure(), indent=1) + "\n", encoding="utf-8")
    page_only()


def page_only() -> None:
    """Write the page's tables and the picture from the figures that are kept, and measure nothing but the triage."""
    _write_page(figures.kept())


def write() -> None:
    """Measure, and write what the page is made of."""
    found = {**_measured(), "small": figures.small()}
    figures.KEPT.write_text(json.dumps(found, separators=(",", ":")).replace("},{", "},\n{") + "\n", encoding="utf-8")
    _write_page(found)


def _write_page(found: dict[str, Any]) -> None:
    page.PAGE.write_text(page.written(page.PAGE.read_text("utf-8"), found), encoding="utf-8")
    page.PICTURE.write_text(page.draw(found), encoding="utf-8")


def _measured() -> dict[str, object]:
    began = time.perf_counter()
    print("Judgement, on the test seeds")
    found = figures.measure()
    short = figures.short(found)
    seconds = time.perf_counter() - began
    for name, text in page.blocks(short).items():
        if name not in ("stories", "changes", "triage"):
            print(f"\n{text}", end="")
    where = report.keep("judgement", {**figures.raw(found), "seconds": seconds})
    print(f"\n  {seconds:.0f} seconds; raw figures: {where}")
    return short
