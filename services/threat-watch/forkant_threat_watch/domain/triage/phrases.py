"""Phrases found in a sentence. What may be left out is written out beforehand, and two words decide what is tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from forkant_threat_watch.domain.triage.forms import PLAIN, Tags


@dataclass(frozen=True, slots=True)
class Element:
    """One part of a phrase: any of these forms or classes, or up to `gap` words."""

    forms: Mapping[str, Tags]
    classes: frozenset[str] = frozenset()
    gap: int = 0
    optional: bool = False

    @property
    def keys(self) -> frozenset[str]:
        """What a word must be one of: a form, or a class in angle brackets."""
        return frozenset((*self.forms, *(f"<{of}>" for of in self.classes)))


@dataclass(frozen=True, slots=True)
class _Variant:
    """A phrase with nothing left open: the keys and forms of each part, and how many words may stand before it."""

    of: str
    parts: tuple[tuple[int, frozenset[str], Mapping[str, Tags]], ...]


class Phrases:
    """All phrases of a lexicon, by what they begin with."""

    def __init__(self) -> None:
        self._pairs: dict[str, dict[str, list[_Variant]]] = {}
        self._others: dict[str, list[_Variant]] = {}
        self.named: set[str] = set()

    def add(self, of: str, elements: Sequence[Element]) -> None:
        """Look for this phrase from now on. `named` are the classes any phrase asks for, in angle brackets."""
        self.named |= {f"<{of}>" for element in elements for of in element.classes}
        for taken in product(*((True, False) if element.optional else (True,) for element in elements)):
            self._add(of, [element for element, stays in zip(elements, taken, strict=True) if stays])

    def _add(self, of: str, elements: Sequence[Element]) -> None:
        parts = []
        gap = 0
        for element in elements:
            if element.gap:
                gap += element.gap
            else:
                parts.append((gap, element.keys, element.forms))
                gap = 0
        variant = _Variant(of, tuple(parts))
        for first in variant.parts[0][1]:
            if len(parts) > 1 and parts[1][0] == 0:
                seconds = self._pairs.setdefault(first, {})
                for second in parts[1][1]:
                    seconds.setdefault(second, []).append(variant)
            else:
                self._others.setdefault(first, []).append(variant)

    def found(
        self, keys: Sequence[Sequence[str]], pauses: Sequence[bool], words: Sequence[Mapping[str, Tags]]
    ) -> Iterator[tuple[str, int, int, Tags]]:
        """Every phrase in the sentence once for each place it begins: its class, start, end and first verb's tags."""
        present = set().union(*keys)
        for start in range(len(keys)):
            tried: dict[int, _Variant] = {}
            for key in keys[start]:
                tried |= {id(variant): variant for variant in self._others.get(key, ())}
                seconds = self._pairs.get(key)
                if seconds is not None and start + 1 < len(keys):
                    for second in keys[start + 1]:
                        tried |= {id(variant): variant for variant in seconds.get(second, ())}
            ends: dict[tuple[str, int], Tags] = {}
            for variant in tried.values():
                if len(variant.parts) > 1 and present.isdisjoint(variant.parts[-1][1]):
                    continue
                match = _match(variant.parts, 0, start, keys, pauses, words, PLAIN)
                if match is not None:
                    ends.setdefault((variant.of, match[0]), match[1])
            for (of, end), tags in ends.items():
                yield of, start, end, tags


def _match(
    parts: Sequence[tuple[int, frozenset[str], Mapping[str, Tags]]],
    part: int,
    place: int,
    keys: Sequence[Sequence[str]],
    pauses: Sequence[bool],
    words: Sequence[Mapping[str, Tags]],
    tags: Tags,
) -> tuple[int, Tags] | None:
    """Where the phrase ends that goes on with `parts[part]` at `place`, and the tags of its first verb."""
    gap, wanted, forms = parts[part]
    for at in range(place, min(place + gap + 1, len(keys))):
        key = next((key for key in keys[at] if key in wanted), None)
        if key is not None:
            told = forms.get(key) or words[at].get(key[1:-1], PLAIN)
            first = told if tags == PLAIN else tags
            found = (
                (at + 1, first)
                if part + 1 == len(parts)
                else _match(parts, part + 1, at + 1, keys, pauses, words, first)
            )
            if found is not None:
                return found
        if pauses[at]:
            return None
    return None
