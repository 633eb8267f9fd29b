"""The command that reads texts a line at a time: what the rules make of each, without a server or a database."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO

from forkant_threat_watch.domain.triage.book import TriageBook
from forkant_threat_watch.domain.triage.reading import Reading, read_text
from forkant_threat_watch.store.triage_books import current_triage_book, read_triage_book


def add_triage(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Put `triage [--rules FILE] [--json]` among a command line's commands."""
    text = "read one text a line from standard input and print what each proposes, a line for a line"
    parser = commands.add_parser("triage", help=text, description=text)
    parser.add_argument("--rules", type=Path, help="a file of triage rules; those of this release without")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.set_defaults(run=lambda given: triage_lines(given, sys.stdin.buffer, sys.stdout))


def triage_lines(given: argparse.Namespace, lines: Iterable[bytes], out: TextIO) -> int:
    """Run the command; its exit code. Every line of input, also an empty one, is answered by one line."""
    book = read_triage_book(given.rules) if given.rules is not None else current_triage_book()
    try:
        for line in lines:
            out.write(_line(line, book, as_json=given.json) + "\n")
            out.flush()
    except BrokenPipeError:
        # Whoever reads has had enough: that is no error of ours.
        sys.stderr.close()
    return 0


def _line(line: bytes, book: TriageBook, *, as_json: bool) -> str:
    reading = read_text(line.decode("utf-8", errors="replace").rstrip("\r\n"), book)
    if as_json:
        return json.dumps(written(reading), ensure_ascii=False)
    signals = ", ".join(f"{s.factor.value} {s.strength}" for s in reading.signals)
    state = "imminent" if reading.imminent else "hit" if reading.hit else "-"
    return "\t".join((state, signals, " | ".join(reading.triggers))).rstrip()


def written(reading: Reading) -> dict[str, Any]:
    """A reading as plain values."""
    return {
        "hit": reading.hit,
        "imminent": reading.imminent,
        "signals": [
            {"factor": s.factor.value, "strength": s.strength, "imminence_hours": s.imminence_hours}
            for s in reading.signals
        ],
        "triggers": list(reading.triggers),
    }
