"""YAML files as plain values, by YAML 1.2's core rules: `on` is a key, `no` is a word, and only true is true.

Built from the parser's events, which costs a fifth of what PyYAML's own constructor does on a story of thousands of
reports. Anchors, tags, repeated keys and second documents are refused: what a person signs must say what it seems to
say, and a text of a few lines must not stand for millions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from forkant_shared.errors import Invalid
from forkant_threat_watch.domain.documents import Misread

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: Levels of lists and mappings inside one another; the deepest policy has ten.
DEEPEST = 40
_WORDS = {"": None, "~": None, "null": None, "Null": None, "true": True, "True": True, "false": False, "False": False}
_WHOLE = re.compile(r"[-+]?[0-9]+")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+(Z|[-+][0-9]{2}:[0-9]{2})?")


def read_document(path: Path) -> object:
    """The content of a YAML file. Raises Invalid where it cannot be read."""
    return parsed(read_text(path), path.name)


def read_text(path: Path, *, largest: int | None = None) -> str:
    """The text of a file of at most `largest` bytes. Raises Invalid where it cannot be read."""
    try:
        if largest is not None and path.stat().st_size > largest:
            raise too_large(path.name, largest)
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise Invalid(f"{path.name} cannot be read.", remedy="Give the path of a YAML file.") from error
    except UnicodeDecodeError as error:
        raise Invalid(f"{path.name} is not UTF-8 text.", remedy="Save it as UTF-8.") from error


def too_large(name: str, largest: int) -> Invalid:
    """The error for a text that nobody writes by hand."""
    return Invalid(
        f"{name} is larger than {largest // 1000} kB.", remedy="Take away what does not belong in it; see its size."
    )


def parsed(text: str, name: str) -> object:
    """The content of a YAML text. Raises Misread with the line where it cannot be read; `name` is what to call it."""
    try:
        events = yaml.parse(text, Loader=_LOADER)
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                value = _Values(events).value(next(events))
                _ends(events)
                return value
        return None
    except _Unwanted as error:
        raise _not_yaml(name, error.what, error.line, error.remedy) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = error.problem or "something is left open"
        raise _not_yaml(name, said, mark.line + 1 if mark else 1, "Look at that line and the one before.") from error
    except (yaml.YAMLError, ValueError) as error:
        raise _not_yaml(name, "a character that is no text stands there", 1, "Save it as plain UTF-8 text.") from error


def _not_yaml(name: str, what: str, line: int, remedy: str) -> Misread:
    return Misread("", f"{name} is not YAML we read: {what}.", remedy, line)


def _ends(events: Iterator[Any]) -> None:
    """One text, one document: what stands after it would be signed and never read."""
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            raise _Unwanted("a second document begins", event, "Keep one document, without a line of three dashes.")


class _Unwanted(ValueError):
    def __init__(self, what: str, event: Any, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.line = event.start_mark.line + 1
        self.remedy = remedy


class _Values:
    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._known: dict[str, object] = {}
        self._depth = 0

    def value(self, event: Any) -> object:
        """The value that begins with this event."""
        if getattr(event, "anchor", None) is not None:
            raise _Unwanted("anchors are not used here", event, "Write out what the anchor stands for.")
        if getattr(event, "tag", None) is not None:
            raise _Unwanted("tags are not used here", event, "Take the word that begins with ! away.")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if self._depth >= DEEPEST:
            raise _Unwanted("it is nested too deep", event, "Take levels away.")
        self._depth += 1
        try:
            return self._mapping() if isinstance(event, yaml.MappingStartEvent) else self._sequence()
        finally:
            self._depth -= 1

    def _scalar(self, event: Any) -> object:
        if not event.implicit[0]:
            return event.value
        try:
            return self._plain(event.value)
        except ValueError:
            raise _Unwanted("this is no number and no date", event, "Correct it, or put it in quotes.") from None

    def _sequence(self) -> list[object]:
        found: list[object] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            found.append(self.value(event))
        return found

    def _mapping(self) -> dict[str, object]:
        found: dict[str, object] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent) or event.anchor is not None:
                raise _Unwanted("a key must be text", event, "Write one word before the colon.")
            if event.value in found:
                raise _Unwanted(f"the key '{event.value}' stands twice", event, "Keep one of the two.")
            found[event.value] = self.value(next(self._events))
        return found

    def _plain(self, text: str) -> object:
        """What an unquoted word stands for; the same words come again and again."""
        try:
            return self._known[text]
        except KeyError:
            value = self._known[text] = _plain(text)
            return value


def line_of(text: str, path: str) -> int:
    """The line (from 1) of a text that `parsed` reads on which the value at `path` stands, or the nearest above it."""
    node = yaml.compose(text, Loader=_LOADER)
    line = 1 if node is None else node.start_mark.line + 1
    while path and node is not None:
        step = _step(node, path)
        if step is None:
            break
        line, node, path = step
    return line


def _step(node: Any, path: str) -> tuple[int, Any, str] | None:
    """One step along a path such as `rules[3].lane`: the line of what is there, it, and the rest of the path."""
    if isinstance(node, yaml.SequenceNode) and path.startswith("["):
        place, _, rest = path[1:].partition("]")
        if place.isdigit() and int(place) < len(node.value):
            found = node.value[int(place)]
            return found.start_mark.line + 1, found, rest.removeprefix(".")
    if isinstance(node, yaml.MappingNode):
        # The longest key first: a key may itself have a point in it.
        for key, value in sorted(node.value, key=lambda pair: -len(pair[0].value)):
            rest = path.removeprefix(key.value)
            if path.startswith(key.value) and rest[:1] in ("", ".", "["):
                return key.start_mark.line + 1, value, rest.removeprefix(".")
    return None


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
