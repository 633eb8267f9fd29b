"""A text weighed: points for and against, added up, so that no single word decides.

There are two sums, one for whether a person should look and one for whether it is imminent. The points are data; they
were found from labelled sentences (`python -m bench.triage_points`), and anyone can read which trait counts how much.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from forkant_threat_watch.domain.triage.lexicon import Span
from forkant_threat_watch.domain.triage.tokens import sentences
from forkant_threat_watch.domain.triage.traits import Concepts, Seen, seen, traits_of
from forkant_threat_watch.domain.words import Factor

MOST_WORDS = 12


@dataclass(frozen=True, slots=True)
class Points:
    """What a trait adds to the two sums; below zero it speaks against."""

    look: int
    page: int


@dataclass(frozen=True, slots=True)
class Weighing:
    """How a text is weighed. So many sentences as `breath` says are read as one, and a longer text by its heaviest
    stretch of that length. `look_at` and `page_at` are the sums from which a person looks and a page goes out.

    `acts_add` is what both sums get where an act that the rule book spells out is read as imminent. `telling` are the
    concepts whose words are shown as triggers, `factors` what a text proposes by its concepts where no act says it, the
    first that fits. `hours_unsaid` is how soon an imminent text is taken to be that does not say.
    """

    concepts: Concepts
    breath: int
    points: Mapping[str, Points]
    look_from: int
    page_from: int
    look_at: int
    page_at: int
    acts_add: int
    hours_unsaid: float
    telling: frozenset[str]
    factors: Mapping[Factor, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a text came to: the greatest sum of any of its stretches for a look, and for a page; and the heaviest."""

    look: int
    page: int
    stretch: Sequence[Seen]


def weighed(text: str, weighing: Weighing) -> Weighed:
    """Weigh a text, in time in proportion to its length."""
    heaviest = Weighed(weighing.look_from, weighing.page_from, ())
    most = None
    for stretch in _stretches(text, weighing.concepts, weighing.breath):
        look, page = sums(traits_of(stretch, weighing.concepts), weighing)
        if most is None or (page, look) > most:
            most = (page, look)
            heaviest = Weighed(max(look, heaviest.look), page, stretch)
        elif look > heaviest.look:
            heaviest = Weighed(look, heaviest.page, heaviest.stretch)
    return heaviest


def sums(traits: Iterable[str], weighing: Weighing) -> tuple[int, int]:
    """The two sums over traits: for a look, and for a page."""
    look, page = weighing.look_from, weighing.page_from
    points = weighing.points
    for trait in traits:
        found = points.get(trait)
        if found is not None:
            look += found.look
            page += found.page
    return look, page


def traits_of_text(text: str, concepts: Concepts) -> set[str]:
    """The traits of a whole text as one, as the points are found from it."""
    return traits_of((seen(sentence, concepts) for sentence in sentences(text)), concepts)


def _stretches(text: str, concepts: Concepts, breath: int) -> Iterator[Sequence[Seen]]:
    """Every `breath` sentences that follow each other; the whole text where it has no more."""
    last: deque[Seen] = deque(maxlen=breath)
    given = 0
    for sentence in sentences(text):
        last.append(seen(sentence, concepts))
        if len(last) == breath:
            given += 1
            yield tuple(last)
    if last and not given:
        yield tuple(last)


def told(stretch: Sequence[Seen], weighing: Weighing) -> tuple[str, ...]:
    """The words of a stretch that tell: those of the telling concepts as they stand; else the heaviest ones."""
    words: list[str] = []
    for sentence in stretch:
        taken: set[int] = set()
        found: list[Span] = []
        for span in sorted(sentence.spans, key=lambda span: (span.start - span.end, span.start)):
            if span.of in weighing.telling and taken.isdisjoint(range(span.start, span.end)):
                taken.update(range(span.start, span.end))
                found.append(span)
        words += [_words(sentence, span.start, span.end) for span in sorted(found, key=lambda span: span.start)]
    if not words:
        words = [_heaviest_word(sentence, weighing) for sentence in stretch if sentence.tokens]
    return tuple(dict.fromkeys(words))[:MOST_WORDS]


def _heaviest_word(sentence: Seen, weighing: Weighing) -> str:
    def weight(place: int) -> int:
        low = sentence.tokens[place].low
        return sum(points.page for end in range(3, len(low) + 1) if (points := weighing.points.get(low[:end])))

    place = max(range(len(sentence.tokens)), key=weight)
    return _words(sentence, place, place + 1)


def _words(sentence: Seen, start: int, end: int) -> str:
    return " ".join(token.text for token in sentence.tokens[start:end])


def factor_of(stretch: Sequence[Seen], weighing: Weighing) -> Factor:
    """What a stretch speaks of, by its concepts."""
    found: set[str] = set().union(*(sentence.concepts for sentence in stretch)) if stretch else set()
    return next((factor for factor, of in weighing.factors.items() if not of.isdisjoint(found)), Factor.INTENT)
