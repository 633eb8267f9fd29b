"""The words and phrases of a rule book, found in a sentence whatever their inflection and (for long words) spelling.

A phrase is words with spaces between them. Beside words as `forms` knows them it may hold `a|b` (either), `(a)` (may be
left out), `<class>` (any single word of that class), `..` (up to three words) and `...` (up to six).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from forkant_threat_watch.domain.triage.forms import (
    PLAIN,
    Tags,
    forms_of,
    is_compound_tail,
    loose,
    merged,
    slips,
    sound,
    unmasked,
)
from forkant_threat_watch.domain.triage.phrases import Element, Phrases
from forkant_threat_watch.domain.triage.tokens import Token

PERSON, GIVEN_NAME = "<person>", "given_name"
GAPS = {"..": 3, "...": 6}
NAME, NUMBER, SCORE, CLOCK, LAUGHTER, YEAR = "name", "number", "score", "clock", "laughter", "year"
OBJECTS = frozenset(("person", "thing", "not_person", "property"))
DYNAMIC = frozenset((NAME, NUMBER, SCORE, CLOCK, LAUGHTER, YEAR))
SHORTEST_SOUNDED, SHORTEST_SLIPPED, SHORTEST_TAIL = 5, 5, 3
SHORTEST_SLIPPED_STEM = 7
REMEMBERED, LONGEST_ENDING = 20_000, 16

_LAUGHS = re.compile(r"(?:b?w?a?(?:ha|he|hi|ah){2,}h?|x+d+|l+o+l+|lmf?ao+|rofl|[😂🤣😅😆😹😜😝🤪😁😄😃😉]+)")
_SCORES = re.compile(r"\d{1,2}[-–]\d{1,2}")
_CLOCKS = re.compile(r"[012]?\d[:.][0-5]\d")
_YEARS = re.compile(r"(?:1[5-9]|20)\d\d")


class Span(NamedTuple):
    """Where something of a class stands: the tokens from `start` to before `end`, and the tags of its first verb."""

    of: str
    start: int
    end: int
    tags: Tags = PLAIN


class Lexicon:
    """All words of a rule book. Looking a text up takes time in proportion to its length."""

    def __init__(self, classes: Mapping[str, Sequence[str]], *, careful: Iterable[str] = ()) -> None:
        """`careful` are the classes whose words are also known with one slip of the finger."""
        self._words: dict[str, dict[str, Tags]] = {}
        self._tails: dict[str, str] = {}
        self._stems: set[str] = set()
        self._phrases = Phrases()
        self._known: dict[str, tuple[str, ...]] = {}
        slipping: set[str] = set()
        for name, specs in classes.items():
            for spec in specs:
                forms = self._add(name, spec)
                if name in careful:
                    slipping.update(forms)
        self._loose: dict[str, list[str]] = {}
        self._sounds: dict[str, list[str]] = {}
        self._slips: dict[str, list[str]] = {}
        self._slipped_stems: dict[str, str] = {}
        self._index(slipping)

    def _add(self, name: str, spec: str) -> Iterable[str]:
        if " " not in spec and "|" not in spec and not spec.startswith("<"):
            forms = forms_of(spec)
            for form, tags in forms.items():
                merged(self._words.setdefault(form, {}), {name: tags})
            self._remember(spec, forms)
            return forms
        elements = tuple(self._element(part) for part in spec.split())
        self._phrases.add(name, elements)
        return [form for element in elements for form in element.forms]

    def _element(self, part: str) -> Element:
        if part in GAPS:
            return Element({}, gap=GAPS[part])
        optional = part.startswith("(") and part.endswith(")")
        forms: dict[str, Tags] = {}
        classes = set()
        for choice in part[1:-1].split("|") if optional else part.split("|"):
            if choice.startswith("<") and choice.endswith(">"):
                classes.add(choice[1:-1])
            else:
                told = forms_of(choice)
                self._remember(choice, told)
                merged(forms, told)
                for form in told:
                    self._words.setdefault(form, {})
        return Element(forms, frozenset(classes), optional=optional)

    def _remember(self, spec: str, forms: Mapping[str, Tags]) -> None:
        for form in forms:
            if form.endswith("*"):
                self._stems.add(form[:-1])
            elif is_compound_tail(spec) and len(form) >= SHORTEST_TAIL:
                self._tails[form] = form

    def _index(self, slipping: set[str]) -> None:
        for form in self._words:
            if form.endswith("*"):
                continue
            self._loose.setdefault(loose(form), []).append(form)
            if len(form) >= SHORTEST_SOUNDED:
                self._sounds.setdefault(sound(form), []).append(form)
        for form in sorted(slipping):
            if form.endswith("*"):
                if len(form) > SHORTEST_SLIPPED_STEM:
                    self._slipped_stems |= dict.fromkeys(slips(form[:-1]), form)
            elif len(form) >= SHORTEST_SLIPPED:
                for slip in slips(form):
                    self._slips.setdefault(slip, []).append(form)

    def meant(self, low: str) -> tuple[str, ...]:
        """The forms of the book that a word may stand for: as written, else nearly so."""
        found = self._known.get(low)
        if found is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            found = self._known[low] = tuple(dict.fromkeys(self._meant(low)))
        return found

    def _meant(self, low: str) -> list[str]:
        stems = [
            f"{low[:end]}*"
            for end in range(2, len(low) + 1)
            if low[:end] in self._stems and len(low) - end <= LONGEST_ENDING
        ]
        if low in self._words:
            return [low, *stems]
        tails = [low[start:] for start in range(3, len(low) - SHORTEST_TAIL + 1) if low[start:] in self._tails]
        if tails:
            # A compound is what its last part is: kontaktlæreren is no contact.
            stems = [stem for stem in stems if not self._words[stem] or not self._words[stem].keys() <= OBJECTS]
        if stems or tails:
            return [*stems, *tails[:1]]
        for form in (low, unmasked(low), _squeezed(low)):
            if form in self._words:
                return [form]
            if form in self._loose and (form.isascii() or form != low):
                return self._loose[form]
        short = loose(low)
        if low.isascii() and short in self._loose:
            return self._loose[short]
        if len(low) >= SHORTEST_SOUNDED and sound(low) in self._sounds:
            return self._sounds[sound(low)]
        if low in self._slips and len(low) >= SHORTEST_SLIPPED - 1:
            return self._slips[low]
        ends = range(len(low), SHORTEST_SLIPPED_STEM - 2, -1)
        return [self._slipped_stems[low[:end]] for end in ends if low[:end] in self._slipped_stems][:1]

    def spans(self, tokens: Sequence[Token]) -> list[Span]:
        """Everything of any class in the sentence."""
        words = [self._classed(tokens, place) for place in range(len(tokens))]
        named = self._phrases.named
        keys = [
            (
                *(self.meant(token.low) if token.word else (token.low,)),
                *(key for of in told if (key := f"<{of}>") in named),
                *((PERSON,) if NAME in told else ()),
            )
            for token, told in zip(tokens, words, strict=True)
        ]
        found = [Span(of, place, place + 1, tags) for place, told in enumerate(words) for of, tags in told.items()]
        for of, start, end, tags in self._phrases.found(keys, [token.pause for token in tokens], words):
            found.append(Span(of, start, end, tags))
        return found

    def _classed(self, tokens: Sequence[Token], place: int) -> dict[str, Tags]:
        """The classes of one word by itself."""
        token = tokens[place]
        found: dict[str, Tags] = {}
        for form in self.meant(token.low):
            merged(found, self._words.get(form, {}))
        if found.keys() == {GIVEN_NAME}:
            found = {"person": PLAIN} if token.text.islower() else {NAME: PLAIN}
        low = token.low
        if low[0].isdigit():
            found |= dict.fromkeys(_figures(low), PLAIN)
        elif _LAUGHS.fullmatch(low):
            found[LAUGHTER] = PLAIN
        elif not found and not token.opens and token.text[0].isupper() and token.text[1:].islower():
            found[NAME] = PLAIN
        return found


def _figures(low: str) -> list[str]:
    found = [NUMBER] if low.isdecimal() else []
    found += [name for name, shape in ((SCORE, _SCORES), (CLOCK, _CLOCKS), (YEAR, _YEARS)) if shape.fullmatch(low)]
    return found


def _squeezed(low: str) -> str:
    """The word without letters drawn out: dreeepe."""
    return re.sub(r"(\w)\1{2,}", r"\1", low)
