"""Names are written in many ways: folding brings spellings together, and two tokens can be compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

How = Literal["EXACT", "FOLDED", "VARIANT", "SOUND", "TYPING", "PREFIX", "COMPOUND"]

_SEPARATOR = re.compile(r"[\W_]+")
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘ʼʻʾʿ`´"))
# Three letters are the least that says anything about a start, four about a part.
_LEAST_PREFIX = 3
_LEAST_PART = 4
LONGEST_WORD = 60
_MOST_HEARD = 100_000


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two tokens are, 0 to 1, and what made them so."""

    score: float
    how: How


@dataclass(frozen=True)
class Spelling:
    """The rules, read from `spelling.yaml`; every number in it is a working value."""

    version: str
    letters: Mapping[int, str]
    digraphs: tuple[tuple[str, str], ...]
    sounds: tuple[tuple[re.Pattern[str], str], ...]
    variant_of: Mapping[str, str]
    particles: frozenset[str]
    particle_weight: float
    scores: Mapping[str, Any]
    edits: tuple[tuple[int, int], ...]
    least_token: float
    least_listed: float
    match: float
    weak_alone: float
    # What tokens sound like, kept because one search compares the same tokens many times.
    heard: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Spelling:
        """From the parsed `spelling.yaml`."""
        bare = cls(
            version=data["version"],
            letters={ord(letter): folded for letter, folded in data["letters"].items()},
            digraphs=tuple((written, folded) for written, folded in data["digraphs"]),
            sounds=tuple((re.compile(pattern), sound) for pattern, sound in data["sounds"]),
            variant_of={},
            particles=frozenset(data["particles"]["tokens"]),
            particle_weight=data["particles"]["weight"],
            scores=data["scores"],
            edits=tuple(sorted(data["edits"].items(), reverse=True)),
            least_token=data["least_token"],
            least_listed=data["least_listed"],
            match=data["match"],
            weak_alone=data["weak_alone"],
        )
        variants = {bare.fold(form): bare.fold(forms[0]) for forms in data["variants"] for form in forms}
        return replace(bare, variant_of=variants)

    def fold(self, text: str) -> str:
        """Lower-case, unaccented, Norwegian letters and their written-out forms alike, words apart by one space.

        Folding what is folded changes nothing.
        """
        while True:
            folded = self._fold_once(text)
            if folded == text:
                return folded
            text = folded

    def tokens(self, text: str) -> list[str]:
        """The folded words; a longer one than anybody is called by is cut."""
        return [word[:LONGEST_WORD] for word in self.fold(text).split()]

    def plain_tokens(self, text: str) -> list[str]:
        """The words as written, but for case: what `EXACT` compares."""
        text = unicodedata.normalize("NFC", text).casefold().translate(_APOSTROPHES)
        return _SEPARATOR.sub(" ", text).split()

    def sound(self, token: str) -> str:
        """A rough key of how a folded token sounds; equal keys sound alike. Never empty for a token."""
        known = self.heard.get(token)
        if known is not None:
            return known
        key = token
        for pattern, replacement in self.sounds:
            key = pattern.sub(replacement, key)
        if len(self.heard) >= _MOST_HEARD:
            self.heard.clear()
        self.heard[token] = key or token
        return key or token

    def variant(self, token: str) -> str:
        """The first spelling of the family this folded token belongs to; itself where it has none."""
        return self.variant_of.get(token, token)

    def weight(self, token: str) -> float:
        """How much a token says: 1, less for a particle."""
        return self.particle_weight if token in self.particles else 1.0

    def edits_allowed(self, length: int) -> int:
        """How many typing errors a token of this length may have."""
        return next((edits for least, edits in self.edits if length >= least), 0)

    def likeness(self, asked: str, token: str) -> Likeness | None:
        """Compare two folded tokens; None where they are not alike enough to count."""
        best = max(self._likenesses(asked, token), key=lambda found: found.score, default=None)
        return best if best is not None and best.score >= self.least_token else None

    def _likenesses(self, asked: str, token: str) -> list[Likeness]:
        if asked == token:
            return [Likeness(self.scores["folded"], "FOLDED")]
        found: list[Likeness] = []
        if self.variant(asked) == self.variant(token):
            found.append(Likeness(self.scores["variant"], "VARIANT"))
        if self.sound(asked) == self.sound(token) and min(len(asked), len(token)) >= _LEAST_PREFIX:
            found.append(Likeness(self.scores["sound"], "SOUND"))
        longest = max(len(asked), len(token))
        allowed = self.edits_allowed(min(len(asked), len(token)))
        if allowed and abs(len(asked) - len(token)) <= allowed:
            # Hardly anybody misses the first letter: a different one counts as one error more.
            edits = distance(asked, token, allowed) + (asked[0] != token[0])
            if edits <= allowed:
                found.append(Likeness(min(self.scores["typing_most"], 1 - edits / longest), "TYPING"))
        share = min(len(asked), len(token)) / longest
        if len(asked) >= _LEAST_PREFIX and token.startswith(asked):
            first, second = self.scores["prefix"]
            found.append(Likeness(first + second * share, "PREFIX"))
        elif len(asked) >= _LEAST_PART and asked in token:
            first, second = self.scores["inside"]
            found.append(Likeness(first + second * share, "COMPOUND"))
        elif len(token) >= _LEAST_PART and token in asked:
            first, second = self.scores["around"]
            found.append(Likeness(first + second * share, "COMPOUND"))
        return found

    def _fold_once(self, text: str) -> str:
        text = text.lower() if text.isascii() else self._plain_letters(text)
        text = _SEPARATOR.sub(" ", text.translate(_APOSTROPHES)).strip()
        for written, folded in self.digraphs:
            text = text.replace(written, folded)
        return text

    def _plain_letters(self, text: str) -> str:
        text = unicodedata.normalize("NFKC", text).casefold()
        text = unicodedata.normalize("NFC", text).translate(self.letters)
        return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def trigrams(token: str) -> frozenset[str]:
    """Every three letters in a row, with the start and the end marked."""
    marked = f"^{token}$"
    return frozenset(marked[i : i + 3] for i in range(len(marked) - 2))


def distance(one: str, other: str, most: int) -> int:
    """Edits between two tokens: insert, delete, replace, swap neighbours (each letter once). `most` + 1 means more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    previous = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        row = [i] + [0] * len(other)
        for j, right in enumerate(other, 1):
            row[j] = min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                row[j] = min(row[j], before[j - 2] + 1)
        if min(row) > most:
            return most + 1
        before, previous = previous, row
    return min(previous[-1], most + 1)
