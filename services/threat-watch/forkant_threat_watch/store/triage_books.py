"""Triage files, checked by the domain as they are read."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

from forkant_shared.errors import Invalid
from forkant_threat_watch.domain.triage.book import TriageBook
from forkant_threat_watch.domain.triage.book_document import triage_book_of
from forkant_threat_watch.store.yaml_files import read_document

CURRENT = "triage-2026-2"


def read_triage_book(path: Path) -> TriageBook:
    """The rule book in a file, with the points it names. Raises Invalid with the path of what is wrong."""
    return triage_book_of(with_points(read_document(path), path.parent))


def with_points(document: object, folder: Path) -> object:
    """The document with the file of points that it names, beside it, in the place of its name."""
    weighing = document.get("weighing") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(weighing, dict) or not isinstance(weighing.get("points"), str):
        return document
    name = weighing["points"]
    if Path(name).name != name:
        raise Invalid(
            f"weighing.points: '{name}' is not the name of a file beside this one.",
            field="weighing.points",
            remedy="Put the points in the same folder, and write the name alone.",
        )
    return {**document, "weighing": {**weighing, "points": read_document(folder / name)}}


@cache
def current_triage_book() -> TriageBook:
    """The rule book that this release comes with."""
    with resources.as_file(resources.files("forkant_threat_watch") / "policies") as folder:
        return read_triage_book(folder / f"{CURRENT}.yaml")
