"""The checklist that this release comes with: eight questions, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

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
    text = (resources.files("forkant_threat_watch") / "policies" / CURRENT).read_text("utf-8")
    found = yaml.safe_load(text)
    return Checklist(found["version"], dict(found["points"]), tuple(found["answers"]))
