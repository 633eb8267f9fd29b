"""Tables on the terminal, raw samples in a file."""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def quantile(samples: Sequence[float], share: float) -> float:
    """The smallest sample that at least `share` of all do not exceed."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def summary(samples: Sequence[float]) -> dict[str, float]:
    """Count, p50, p99 and largest."""
    return {
        "n": len(samples),
        "p50": statistics.median(samples),
        "p99": quantile(samples, 0.99),
        "max": max(samples),
    }


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table whose columns line up."""
    cells = [[_text(cell) for cell in row] for row in [header, *rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    print(f"\n{title}")
    for number, row in enumerate(cells):
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        if number == 0:
            print("  " + "  ".join("-" * width for width in widths))
    sys.stdout.flush()


def _text(cell: object) -> str:
    return f"{cell:,.2f}" if isinstance(cell, float) else str(cell)


def keep(name: str, figures: dict[str, Any]) -> Path:
    """Write the raw figures with what they were measured on; the file."""
    RESULTS.mkdir(exist_ok=True)
    versions = {name: metadata.version(name) for name in ("fastapi", "sqlalchemy", "aiokafka", "psycopg", "uvicorn")}
    told = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()},
        "versions": versions,
        **figures,
    }
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(told, indent=1))
    return path
