"""How a rule book writes a word, and the forms that come of it.

    kniv            the word as it stands
    kniv^           a noun with its endings: kniven, kniver, knivene, knivar, knivs ...
    likvid*         a stem with any ending of at most sixteen letters
    drep:te         a Norwegian verb by its past: drepe, drepa, dreper, drep, drepte, drept, drepes, drepast
    skyt=skjøt,skutt,skote     a strong one: its past and participle forms after the stem
    kill/ed  shoot/shot,shot   English verbs, regular or by their forms
    +bank:et        also at the end of a compound: grisebanke

Each form has tags: i infinitive, p present, t past, c participle, m imperative, s passive in -s, g in -ing, n the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

Tags = frozenset[str]
PLAIN: Tags = frozenset("n")

_NOUN = ("", "s", "en", "ens", "et", "ets", "a", "as", "er", "ers", "ene", "enes", "ar", "ane", "anes", "e", "ne")
_NORWEGIAN = {
    "te": (("te", "t"), ("t", "c")),
    "de": (("de", "t"), ("d", "c")),
    "et": (("et", "tc"), ("a", "tc"), ("te", "t"), ("t", "c")),
    "dde": (("dde", "t"), ("dd", "c")),
}
_SPEC = re.compile(r"(\+?)([^\s:=/^*+()<>|,]+)(?:(\^)|(\*)|:(te|de|et|dde)|=([^\s/]+)|/([^\s]+))?")


class UnknownSpelling(ValueError):
    """A word that is written in no way we know."""


def forms_of(spec: str) -> dict[str, Tags]:
    """The forms a word stands for, each with its tags. A stem with any ending is written `stem*`."""
    match = _SPEC.fullmatch(spec)
    if match is None:
        raise UnknownSpelling(spec)
    _, stem, noun, any_ending, weak, strong, english = match.groups()
    if noun:
        return {stem + ending: PLAIN for ending in _NOUN} | dict.fromkeys(_shortened(stem), PLAIN)
    if any_ending:
        return {f"{stem}*": PLAIN}
    if weak:
        return _joined((*_norwegian(stem), *((stem + ending, tags) for ending, tags in _NORWEGIAN[weak])))
    if strong:
        past, *participles = strong.split(",")
        told = [(past, "t"), *((form, "c") for form in participles[:1]), *((form, "tc") for form in participles[1:])]
        return _joined((*_norwegian(stem), *told))
    if english:
        return _joined(_english(stem, english.split(",")))
    return {stem: PLAIN}


def is_compound_tail(spec: str) -> bool:
    """Whether the word is also looked for at the end of longer ones."""
    return spec.startswith("+")


def _shortened(stem: str) -> Iterator[str]:
    """Nouns in -e, -el and -er lose a letter before some endings: leiger, pistolen, hamrene."""
    if stem.endswith("e"):
        yield from (stem + ending for ending in ("n", "ns", "t", "r", "rne", "ne"))
        yield from (stem[:-1] + ending for ending in ("a", "ar", "ane"))
    if stem[-2:] in ("el", "er"):
        yield from (stem[:-2] + stem[-1] + ending for ending in ("er", "ene", "ar", "ane", "e"))
    if stem[-1] in "mn" and len(stem) > 2:
        yield from (stem + stem[-1] + ending for ending in ("en", "er", "ene", "et", "a", "ar", "ane"))


def _norwegian(stem: str) -> Iterator[tuple[str, str]]:
    if stem[-1] in "aeiouyåæø":
        yield from ((stem, "im"), (stem + "r", "p"), (stem + "s", "s"), (stem + "ast", "s"), (stem + "ende", "g"))
        return
    short = stem[:-1] if stem.endswith("mm") else stem
    yield from ((stem + "e", "i"), (stem + "a", "i"), (stem + "er", "p"), (stem + "ar", "p"), (short, "mp"))
    yield from ((stem + "es", "s"), (stem + "ast", "s"), (stem + "ende", "g"), (stem + "ande", "g"))


def _english(stem: str, told: list[str]) -> Iterator[tuple[str, str]]:
    base, past, participle = stem, told[0], told[-1]
    doubled = past == "+ed"
    cut = stem[:-1] if stem.endswith("e") else stem + stem[-1] if doubled else stem
    if past in ("ed", "+ed"):
        past = participle = cut + "ed"
    ending = "es" if stem.endswith(("s", "sh", "ch", "x")) else "s"
    yield from ((base, "impc" if base == participle else "imp"), (stem + ending, "p"), (past, "t"), (participle, "tc"))
    yield from ((cut + "ing", "g"), (cut + "in", "g"))


def _joined(told: Iterator[tuple[str, str]] | tuple[tuple[str, str], ...]) -> dict[str, Tags]:
    found: dict[str, Tags] = {}
    for form, tags in told:
        found[form] = found.get(form, frozenset()) | frozenset(tags)
    return found


# -- how people write it all the same ---------------------------------------------------------------------------------

_LOOSE = str.maketrans({"å": "a", "ø": "o", "æ": "a", "é": "e", "ö": "o", "ä": "a", "ü": "u", "è": "e", "ó": "o"})
_FIGURES = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "$": "s", "@": "a", "*": "e"})
_SOUNDS = (("aa", "å"), ("hv", "v"), ("ck", "k"), ("ch", "k"), ("c", "k"), ("q", "k"), ("w", "v"), ("z", "s"))
_MORE_SOUNDS = (("gj", "j"), ("hj", "j"), ("æ", "e"), ("ä", "e"), ("skj", "sj"), ("kj", "sj"), ("ps", "s"))


def loose(word: str) -> str:
    """The word as one writes it on a keyboard without Norwegian letters."""
    return word.replace("aa", "a").replace("oe", "o").replace("ae", "a").translate(_LOOSE)


def sound(word: str) -> str:
    """The word as it sounds, roughly: no double letters, one letter for each sound."""
    for written, heard in (*_SOUNDS, *_MORE_SOUNDS):
        if written in word:
            word = word.replace(written, heard)
    return "".join(letter for place, letter in enumerate(word) if place == 0 or word[place - 1] != letter)


def unmasked(word: str) -> str:
    """The word with letters where figures stand for them: dr3pe, sky7e."""
    return word.translate(_FIGURES)


def slips(form: str) -> Iterator[str]:
    """One slip of the finger: a letter left out inside the word, or two changed about."""
    for place in range(1, len(form) - 1):
        yield form[:place] + form[place + 1 :]
    for place in range(len(form) - 1):
        if form[place] != form[place + 1]:
            yield form[:place] + form[place + 1] + form[place] + form[place + 2 :]


def merged(into: dict[str, Tags], more: Mapping[str, Tags]) -> None:
    """Add forms and tags to those there are."""
    for form, tags in more.items():
        into[form] = into.get(form, frozenset()) | tags
