"""What stands in a text, as a set of traits that points are given for: concepts, which of them meet, and word pieces.

A trait is a short text without spaces, so that the points can be kept as data and read by a person:

    #kill            a word of the concept; #kill:i with the form its first verb has; #kill:not where a no is before it
    #harm+time       something of one group beside something of another; #harm+time+victim of three
    #-harm-means     nothing of either group
    #harm/2          two concepts of the group (three and more are three)
    skyt  _skal_     a piece of a word, or the whole of it, with its ends marked
    skal~skyte       two words that follow each other
    _@_  @~skal      a name, whichever
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from forkant_threat_watch.domain.triage.lexicon import DYNAMIC, Lexicon, Span
from forkant_threat_watch.domain.triage.tokens import Sentence, Token, spelled_out

#: How many letters, its ends included, a piece of a word may have. A word itself is a piece of any length.
SHORTEST_PIECE, LONGEST_PIECE = 3, 5
MOST_COUNTED = 3
#: What every name is weighed as.
NAME = "@"


@dataclass(frozen=True, slots=True)
class Concepts:
    """The words of a rule book by what they mean.

    `groups` are concepts that count as one where they meet others; those of `denied` are looked at for one of `no`
    before them; `beside` are concepts that count beside groups; `together` are threes that do, and `absent` are lists
    of which it counts that none is there. A `no` counts where it stands at most `no_within` words before.
    """

    lexicon: Lexicon
    groups: Mapping[str, frozenset[str]]
    beside: frozenset[str]
    together: tuple[frozenset[str], ...]
    absent: tuple[tuple[str, ...], ...]
    denied: frozenset[str]
    no: str
    no_within: int


@dataclass(frozen=True, slots=True)
class Seen:
    """One sentence: its words, the spans of its concepts, and its traits except those of what meets what."""

    tokens: Sequence[Token]
    spans: Sequence[Span]
    concepts: frozenset[str]
    traits: frozenset[str]


def seen(sentence: Sentence, concepts: Concepts) -> Seen:
    """What stands in one sentence."""
    tokens = spelled_out(sentence.tokens)
    spans = [span for span in concepts.lexicon.spans(tokens) if span.of not in DYNAMIC]
    traits = set(_pieces(tokens))
    no = {span.start for span in spans if span.of == concepts.no}
    for span in spans:
        traits.add(f"#{span.of}")
        if span.of in concepts.denied:
            traits.update(f"#{span.of}:{tag}" for tag in span.tags)
            if not no.isdisjoint(range(span.start - concepts.no_within, span.start)):
                traits.add(f"#{span.of}:not")
    return Seen(tokens, spans, frozenset(span.of for span in spans), frozenset(traits))


def traits_of(sentences: Iterable[Seen], concepts: Concepts) -> set[str]:
    """The traits of sentences that are read as one."""
    traits: set[str] = set()
    found: set[str] = set()
    for sentence in sentences:
        traits |= sentence.traits
        found |= sentence.concepts
    meeting = sorted(found & concepts.beside)
    for group, members in concepts.groups.items():
        count = len(members & found)
        if count:
            meeting.append(group)
            traits.add(f"#{group}/{min(count, MOST_COUNTED)}")
    meeting.sort()
    there = set(meeting)
    traits.update(f"#{one}+{other}" for one, other in combinations(meeting, 2))
    traits.update(f"#{'+'.join(sorted(three))}" for three in concepts.together if three <= there)
    traits.update(f"#-{'-'.join(names)}" for names in concepts.absent if there.isdisjoint(names))
    return traits


def _pieces(tokens: Sequence[Token]) -> Iterable[str]:
    """Every piece of every word, every word, and every two that follow each other. Figures count by their number, and
    names as a name: what somebody or some place is called must speak neither for nor against."""
    words = [_weighed_as(token) for token in tokens]
    for word in words:
        whole = f"_{word}_"
        yield whole
        for length in range(SHORTEST_PIECE, min(LONGEST_PIECE, len(whole) - 1) + 1):
            for start in range(len(whole) - length + 1):
                yield whole[start : start + length]
    for one, other in pairwise(words):
        yield f"{one}~{other}"


def _weighed_as(token: Token) -> str:
    if token.low.isdecimal():
        return "0" * len(token.low)
    return NAME if is_name(token) else token.low


def is_name(token: Token) -> bool:
    """A word with a great letter and small ones after it, where no sentence begins."""
    return not token.opens and token.text[:1].isupper() and token.text[1:].islower()
