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
_SPAN = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


class Node:
    """One value of the document, and where it stands."""

    def __init__(self, value: object, path: str) -> None:
        self.value = value
        self.path = path

    def wrong(self, detail: str, remedy: str | None = None) -> Invalid:
        """The error that says what is wrong here."""
        return Invalid(f"{self.path or 'The document'}: {detail}", field=self.path or None, remedy=remedy)

    def mapping(self, required: str = "", optional: str = "") -> dict[str, Node]:
        """The keys of a mapping: all the required ones, any of the optional ones, no other."""
        found = self.entries()
        must, may = set(required.split()), set(optional.split())
        for key in sorted(must - found.keys()):
            raise self.wrong(f"'{key}' is missing.")
        for key in found:
            if key not in must | may:
                raise found[key].wrong("is not known here.", f"Use {', '.join(sorted(must | may))}.")
        return found

    def entries(self) -> dict[str, Node]:
        """A mapping with keys of its own choosing."""
        if not isinstance(self.value, Mapping):
            raise self.wrong("must be a mapping.")
        return {str(key): Node(value, f"{self.path}.{key}".lstrip(".")) for key, value in self.value.items()}

    def items(self) -> list[Node]:
        """A list."""
        if not isinstance(self.value, list | tuple):
            raise self.wrong("must be a list.")
        return [Node(value, f"{self.path}[{place}]") for place, value in enumerate(self.value)]

    def text(self) -> str:
        """Text, not empty."""
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.wrong("must be text.")
        return self.value

    def texts(self) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(item.text() for item in self.items())

    def flag(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            raise self.wrong("must be true or false.")
        return self.value

    def number(self, least: float = -math.inf, most: float = math.inf) -> float:
        """A finite number within these bounds, which may themselves be reached."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float) or not math.isfinite(self.value):
            raise self.wrong("must be a number.")
        if not least <= self.value <= most:
            raise self.wrong(f"must be from {least:g} to {most:g}.")
        return float(self.value)

    def count(self, least: int = 0) -> int:
        """A whole number."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or self.value < least:
            raise self.wrong(f"must be a whole number from {least}.")
        return self.value

    def day(self) -> date:
        """A date."""
        if type(self.value) is not date:
            raise self.wrong("must be a date such as 2026-11-02.")
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
        raise Node(text, path).wrong("must be a length of time such as +20d6h30m.")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
