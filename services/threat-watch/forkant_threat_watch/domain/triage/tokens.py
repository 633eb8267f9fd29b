"""A text as sentences of words, whatever is written with it. One pass, and every sentence has a longest length."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

LONGEST_SENTENCE = 80
LONGEST_WORD = 60

_PIECE = re.compile(r"\d{1,2}[-–:.]\d{1,2}(?![\d\w])|[^\W_]+(?:['’`´*$@][^\W_]+)*|[^\W_]*[$@][^\W_]+|\n|\S")
_ENDS = frozenset(".!?…\n")
_PAUSES = frozenset(",;:–—()[]{}|/")
_QUOTES = frozenset("«»\"“”„‟'’‘‹›`´")
#: Below this no character is a mark that stands on another.
FIRST_MARK = "\u0300"
_SHORTENED = frozenset(
    ("kl", "ca", "nr", "bl", "f", "eks", "mr", "mrs", "dr", "st", "jf", "evt", "tlf", "pga", "d", "m")
)
# Letters of other alphabets that look like ours, for words that mix them in.
_ALIKE = str.maketrans("аеорсухкмтвіАЕОРСУХКМТВІ", "aeopcyxkmtbiAEOPCYXKMTBI")


class Token(NamedTuple):
    """One word or sign. `low` is what is looked up; `opens` says that nothing but signs came before it."""

    text: str
    low: str
    word: bool
    opens: bool
    quoted: bool
    pause: bool = False


@dataclass(slots=True)
class Sentence:
    """The tokens up to an end mark."""

    tokens: list[Token] = field(default_factory=list)


def tidied(text: str) -> str:
    """The text without what cannot be seen, in one form of each letter."""
    plain = unicodedata.normalize("NFKC", text)
    if max(plain, default="") < FIRST_MARK and plain.replace("\n", "").replace("\t", "").isprintable():
        return plain
    return "".join(c for c in plain if c in "\n\t" or unicodedata.category(c) not in ("Cf", "Cc", "Mn", "Cs", "Co"))


def sentences(text: str) -> Iterator[Sentence]:
    """The sentences, none of them empty and none longer than LONGEST_SENTENCE."""
    found, quoted = Sentence(), False
    pieces = _PIECE.findall(tidied(text))
    for place, piece in enumerate(pieces):
        if piece in _QUOTES:
            quoted = not quoted if piece not in "«“„" else True
            continue
        if piece in _ENDS and not _shortening(pieces, place):
            if found.tokens:
                yield found
            found, quoted = Sentence(), False
            continue
        opens = not any(token.word for token in found.tokens[-3:]) and len(found.tokens) < 3
        for part in _parts(piece):
            found.tokens.append(_token(part, opens=opens, quoted=quoted))
            opens = False
        if len(found.tokens) >= LONGEST_SENTENCE:
            yield found
            found = Sentence()
    if found.tokens:
        yield found


def _parts(piece: str) -> tuple[str, ...]:
    """A word with what is hung on it by an apostrophe taken off: they'll, drep'n. What ends in n't stays whole."""
    plain = piece.replace("’", "'").replace("´", "'").replace("`", "'")
    before, mark, after = plain.partition("'")
    if not mark or not before or not after or plain.lower().endswith("n't"):
        return (piece,)
    return (before, f"'{after}" if after.lower() in ("ll", "re", "ve", "s", "d", "m") else after)


def _shortening(pieces: list[str], place: int) -> bool:
    """Whether the full stop here belongs to `kl.` or `1.` and ends nothing."""
    if pieces[place] != "." or place == 0 or place + 1 == len(pieces):
        return False
    before, after = pieces[place - 1].lower(), pieces[place + 1]
    return before in _SHORTENED or (before.isdigit() and len(before) <= 2 and after[:1].islower())


def _token(piece: str, *, opens: bool, quoted: bool) -> Token:
    word = piece[0].isalnum() or len(piece) > 1
    low = piece[:LONGEST_WORD].lower()
    if not low.isascii() and any("a" <= c <= "z" for c in low):
        low = low.translate(_ALIKE)
    low = low.replace("’", "'").replace("´", "'").replace("`", "'")
    return Token(piece, low, word, opens, quoted, piece in _PAUSES or piece == "-")


def spelled_out(tokens: list[Token]) -> list[Token]:
    """The tokens with words that were written letter by letter (`d r e p`) as one."""
    found: list[Token] = []
    place = 0
    while place < len(tokens):
        end = place
        while end < len(tokens) and len(tokens[end].low) == 1 and tokens[end].low.isalpha():
            end += 1
        if end - place >= 4:
            first = tokens[place]
            text = "".join(token.text for token in tokens[place:end])
            found.append(Token(text, text.lower(), True, first.opens, first.quoted))
            place = end
        else:
            found.append(tokens[place])
            place += 1
    return found
