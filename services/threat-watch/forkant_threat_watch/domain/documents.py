"""Reading a document that a person wrote: every value has a path, and what is wrong is said with it.

A document is what a YAML or JSON reader gives: mappings, lists, text, numbers. Unknown keys are refused, so that a
misspelt threshold is never silently the default.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from enum import IntEnum, StrEnum
from typing import TypeVar

from forkant_shared.errors import Invalid

Word = TypeVar("Word", bound=StrEnum)
Rank = TypeVar("Rank", bound=IntEnum)
HUGE = 1e12
#: Days, hours, minutes or seconds in one length of time.
MOST_OF_A_UNIT = 100_000
_CODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._:-]*[A-Za-z0-9])?")
_SPAN = re.compile(r"(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?", re.ASCII)


class Misread(Invalid):
    """What is wrong at one place of a document: `path` says where, `line` too once somebody has looked it up."""

    def __init__(self, path: str, complaint: str, remedy: str, line: int | None = None) -> None:
        where = [f"Line {line}"] if line is not None else []
        where += [path] if path else [] if where else ["The document"]
        super().__init__(f"{', '.join(where)}: {complaint}", field=path or None, remedy=remedy)
        self.path = path
        self.complaint = complaint
        self.line = line

    def on_line(self, line: int) -> Misread:
        """The same, with the line."""
        return Misread(self.path, self.complaint, self.remedy or "", line)


class Node:
    """One value of the document, and where it stands."""

    def __init__(self, value: object, path: str) -> None:
        self.value = value
        self.path = path

    def wrong(self, complaint: str, remedy: str = "Mend it, and check again.") -> Misread:
        """The error that says what is wrong here, and what helps."""
        return Misread(self.path, complaint, remedy)

    def mapping(self, required: str = "", optional: str = "") -> dict[str, Node]:
        """The keys of a mapping: all the required ones, any of the optional ones, no other."""
        found = self.entries()
        must, may = set(required.split()), set(optional.split())
        for key in sorted(must - found.keys()):
            raise self.wrong(f"'{key}' is missing.", f"Add '{key}'.")
        for key in found:
            if key not in must | may:
                raise found[key].wrong("is not known here.", f"Use {', '.join(sorted(must | may))}.")
        return found

    def entries(self) -> dict[str, Node]:
        """A mapping with keys of its own choosing."""
        if not isinstance(self.value, Mapping):
            raise self.wrong("must be a mapping.", "Write keys, each with a value.")
        return {str(key): Node(value, f"{self.path}.{key}".lstrip(".")) for key, value in self.value.items()}

    def items(self) -> list[Node]:
        """A list."""
        if not isinstance(self.value, list | tuple):
            raise self.wrong("must be a list.", "Write a list, also where there is one thing in it.")
        return [Node(value, f"{self.path}[{place}]") for place, value in enumerate(self.value)]

    def text(self, longest: int | None = None) -> str:
        """Text, not empty, of at most `longest` characters."""
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.wrong("must be text.", "Write some text; in quotes where it looks like a number or a date.")
        if longest is not None and len(self.value) > longest:
            raise self.wrong(f"must be at most {longest} characters long.", "Shorten it.")
        return self.value

    def code(self, longest: int) -> str:
        """A word that stands for something: letters, digits, and . _ : - between them."""
        if not _CODE.fullmatch(self.text(longest)):
            raise self.wrong("must be one word.", "Use letters, digits, and . _ : - between them.")
        return self.text()

    def texts(self) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(item.text() for item in self.items())

    def flag(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            raise self.wrong("must be true or false.", "Write true or false.")
        return self.value

    def number(self, least: float = -math.inf, most: float = math.inf) -> float:
        """A finite number within these bounds, which may themselves be reached."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise self.wrong("must be a number.", "Write a number, with a point before the decimals.")
        if not least <= self.value <= most or not abs(self.value) < HUGE:
            most = min(most, HUGE)
            raise self.wrong(f"must be from {least:g} to {most:g}.", f"Write a number from {least:g} to {most:g}.")
        return float(self.value)

    def count(self, least: int = 0, most: int = 1_000_000) -> int:
        """A whole number within these bounds, which may themselves be reached."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or not least <= self.value <= most:
            raise self.wrong(f"must be a whole number from {least} to {most}.", "Write a whole number, without quotes.")
        return self.value

    def day(self) -> date:
        """A date."""
        if type(self.value) is not date:
            raise self.wrong("must be a date such as 2026-11-02.", "Write year, month and day, without quotes.")
        return self.value

    def span(self) -> timedelta:
        """A length of time such as 14d, 6h30m or +20d."""
        return span_of(self.text(), self.path)

    def word(self, words: type[Word]) -> Word:
        """One of an enumeration's words."""
        try:
            return words(self.text())
        except ValueError:
            raise self.wrong("is not a word we know.", f"Use {', '.join(words)}.") from None

    def words(self, words: type[Word]) -> frozenset[Word]:
        """A set of an enumeration's words."""
        return frozenset(item.word(words) for item in self.items())

    def rank(self, ranks: type[Rank]) -> Rank:
        """One of an ordered enumeration's names."""
        name = self.text()
        if name not in ranks.__members__:
            raise self.wrong("is not a word we know.", f"Use {', '.join(ranks.__members__)}.")
        return ranks[name]

    def by_word(self, words: type[Word]) -> Iterator[tuple[Word, Node]]:
        """A mapping whose keys are an enumeration's words."""
        for key, node in self.entries().items():
            yield Node(key, node.path).word(words), node


def span_of(text: str, path: str = "") -> timedelta:
    """The length of time that `20d6h30m` stands for, with or without a plus sign. Raises Invalid."""
    match = _SPAN.fullmatch(text.removeprefix("+"))
    if match is None or not any(match.groups()):
        raise Node(text, path).wrong("must be a length of time such as +20d6h30m.", "Write days, hours and minutes so.")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    if max(days, hours, minutes, seconds) > MOST_OF_A_UNIT:
        raise Node(text, path).wrong("is longer than anybody waits.", "Write a shorter time.")
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
