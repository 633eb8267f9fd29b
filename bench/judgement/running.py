"""What the commands do."""

from __future__ import annotations

import json
import time

from bench import report
from bench.judgement import figures, page, sweep
from bench.judgement.seeds import DEVELOPMENT
from bench.judgement.stories import tell_city


def bench() -> None:
    """Measure, print, keep."""
    _measured()


def choose() -> None:
    """Choose the four others' settings on the development seeds, and write them down."""
    sweep.choose_all([sweep.see(tell_city(seed)) for seed in DEVELOPMENT])


def write() -> None:
    """Measure, and write what the page is made of."""
    found = _measured()
    figures.KEPT.write_text(json.dumps(found, separators=(",", ":")).replace("},{", "},\n{") + "\n", encoding="utf-8")
    page.PAGE.write_text(page.written(page.PAGE.read_text("utf-8"), found), encoding="utf-8")
    page.PICTURE.write_text(page.draw(found), encoding="utf-8")


def _measured() -> dict[str, object]:
    began = time.perf_counter()
    print("Judgement, on the test seeds")
    found = figures.measure()
    short = figures.short(found)
    seconds = time.perf_counter() - began
    for name, text in page.blocks(short).items():
        if name != "stories":
            print(f"\n{text}", end="")
    where = report.keep("judgement", {**figures.raw(found), "seconds": seconds})
    print(f"\n  {seconds:.0f} seconds; raw figures: {where}")
    return short
