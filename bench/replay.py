"""How many reports a second the engine replays on one core, and how that changes with the number of threats."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

from bench import report

REPORTS = 20_000
GROUPS = (10, 100, 1000)
FACTORS = ("GRIEVANCE", "INTENT", "RECONNAISSANCE", "CAPABILITY", "TARGET_EXPOSURE")


def scenario(reports: int, groups: int, seed: int = 1) -> dict[str, Any]:
    """A year in a city: `reports` graded reports about `groups` groups, most of them weak."""
    chance = random.Random(seed)
    parties = {f"g{number}": {"kind": "GROUP"} for number in range(groups)}
    steps = []
    for number in range(reports):
        minutes = int(number * 365 * 24 * 60 / reports)
        signal = {
            "factor": chance.choice(FACTORS),
            "strength": chance.choice([0.5, 0.7, 0.9]),
            "aggressor": f"g{chance.randrange(groups)}",
            "target": f"g{chance.randrange(groups)}",
        }
        grading = {"scale": "ADMIRALTY", "source": chance.choice("BCDEF"), "information": chance.choice("23456")}
        steps.append(
            {
                "at": f"+{minutes // 1440}d{minutes // 60 % 24}h{minutes % 60}m",
                "report": {
                    "id": f"R{number}",
                    "grading": grading,
                    "origin": f"o{chance.randrange(max(1, reports // 5))}",
                    "channel": "HANDLER",
                    "signals": [signal],
                },
            }
        )
    return {
        "name": f"{reports} reports, {groups} groups",
        "start": "2026-01-01T00:00:00+01:00",
        "until": "+366d",
        "parties": parties,
        "steps": steps,
    }


def run() -> None:
    """Measure, print, keep."""
    rows, kept = [], {}
    for groups in GROUPS:
        with tempfile.TemporaryDirectory(prefix="forkant-bench-") as folder:
            path = Path(folder) / "year.yaml"
            path.write_text(yaml.dump(scenario(REPORTS, groups), Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper)))
            empty = Path(folder) / "empty.yaml"
            empty.write_text(yaml.safe_dump(scenario(1, groups)))
            floor, taken = _replay(empty), _replay(path)
        rate = REPORTS / (taken - floor)
        kept[str(groups)] = {"seconds": taken, "start_up_seconds": floor, "reports_per_second": rate}
        rows.append([groups, REPORTS, taken, floor, int(rate)])
    report.table("Replay, one core", ["groups", "reports", "s in all", "s start-up", "reports/s"], rows)
    print(f"  raw figures: {report.keep('replay', kept)}")


def _replay(path: Path) -> float:
    started = time.perf_counter()
    command = [sys.executable, "-m", "forkant_threat_watch", "replay", str(path), "--json"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started
