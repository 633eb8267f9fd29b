"""Triage files, checked by the domain as they are read."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

from forkant_threat_watch.domain.triage.book import TriageBook
from forkant_threat_watch.domain.triage.book_document import triage_book_of
from forkant_threat_watch.store.yaml_files import read_document

CURRENT = "triage-2026-1"


def read_triage_book(path: Path) -> TriageBook:
    """The rule book in a file. Raises Invalid with the path inside the file of what is wrong."""
    return triage_book_of(read_document(path))


@cache
def current_triage_book() -> TriageBook:
    """The rule book that this release comes with."""
    with resources.as_file(resources.files("forkant_threat_watch") / "policies" / f"{CURRENT}.yaml") as path:
        return read_triage_book(path)
