"""The checklist that this release comes with: eight questions, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from forkant_threat_watch.domain.documents import Node
from forkant_threat_watch.store.yaml_files import read_document

CURRENT = "checklist-2026-1.yaml"


@dataclass(frozen=True, slots=True)
class Checklist:
    """The questions by number, the answers they may get, and the version."""

    version: str
    points: Mapping[int, str]
    answers: tuple[str, ...]


@cache
def current() -> Checklist:
    """The checklist in use."""
    with resources.as_file(resources.files("forkant_threat_watch") / "policies" / CURRENT) as path:
        parts = Node(read_document(path), "").mapping("version points answers")
    points = {int(number): question.text() for number, question in parts["points"].entries().items()}
    return Checklist(parts["version"].text(), points, parts["answers"].texts())
