"""The rules of notes that this release comes with."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import yaml

from forkant_meetings.domain.note_rules import NoteRules, note_rules_of

CURRENT = "notes-2026-1.yaml"


@cache
def current() -> NoteRules:
    """The rules in use. Raises Invalid where they cannot be read."""
    text = files("forkant_meetings").joinpath("policies", CURRENT).read_text("utf-8")
    return note_rules_of(yaml.safe_load(text))
