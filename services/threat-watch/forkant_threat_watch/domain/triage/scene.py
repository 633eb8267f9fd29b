"""What one sentence says, found once: where each class of words stands, and where its halves and clauses part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import accumulate

from forkant_threat_watch.domain.triage.book import TriageBook
from forkant_threat_watch.domain.triage.lexicon import NAME, NUMBER, Span
from forkant_threat_watch.domain.triage.tokens import Sentence, Token, spelled_out

#: The endings of a certain thing, and those that are rather somebody's.
DEFINITE = ("en", "et", "ene", "ane", "a")
SOMEBODY = ("eren", "øren", "anten", "enten", "isten", "mannen", "kvinnen", "dama", "jenta", "gutten")
SOME_PEOPLE = ("erne", "arane")
SHORTEST_THING, SHORTEST_SOMEBODY = 5, 7


class Scene:
    """One sentence and everything the rule book knows in it."""

    def __init__(self, sentence: Sentence, book: TriageBook) -> None:
        self.book = book
        self.tokens: Sequence[Token] = spelled_out(sentence.tokens)
        self._found: dict[str, list[Span]] = {}
        self._covered: dict[str, set[int]] = {}
        for span in book.lexicon.spans(self.tokens):
            self._found.setdefault(span.of, []).append(span)
            self._covered.setdefault(span.of, set()).update(range(span.start, span.end))
        self._known = set().union(*self._covered.values())
        self.near = self._times()
        self.acts = [(act, span) for act_id, act in book.acts.items() for span in self.found(f"act/{act_id}")]

    @cached_property
    def halves(self) -> list[int]:
        """The number of the half that each token stands in."""
        return self._parted(lambda place: self.has("but", place))

    @cached_property
    def clauses(self) -> list[int]:
        """The number of the clause that each token stands in."""
        return self._parted(lambda place: self.tokens[place].pause or self.has("but", place))

    @cached_property
    def firm(self) -> list[Span]:
        """The words of time to come that bring what is told of long ago back to the present."""
        return [near for near, _ in self.near if not self.book.times[int(near.of.partition("/")[2])].weak]

    def found(self, of: str) -> list[Span]:
        """The spans of a class, in no certain order."""
        return self._found.get(of, [])

    def has(self, of: str, place: int) -> bool:
        """Whether the token there belongs to a span of the class."""
        return place in self._covered.get(of, ())

    def any(self, of: str, start: int, end: int) -> bool:
        """Whether a token from `start` to before `end` belongs to a span of the class."""
        covered = self._covered.get(of, ())
        return bool(covered) and any(place in covered for place in range(max(0, start), end))

    def half(self, place: int) -> range:
        """The tokens between the *but*s around a place."""
        return self._around(self.halves, place)

    def clause(self, place: int) -> range:
        """The tokens between the commas around a place."""
        return self._around(self.clauses, place)

    def words(self, start: int, end: int) -> str:
        """What stands there, as it was written."""
        return " ".join(token.text for token in self.tokens[start:end])

    def is_person(self, place: int) -> bool:
        """Whether the word there is somebody: a word for a person, or a name that is not of a place."""
        if self.has("person", place) or self._is_strange_somebody(place):
            return True
        return self.has(NAME, place) and not self.has("not_person", place) and not self.has("placing", place - 1)

    def _is_strange_somebody(self, place: int) -> bool:
        """Whether the word there, which the book does not know, has the ending of somebody: regnskapsføreren."""
        low = self.tokens[place].low
        return place not in self._known and len(low) > SHORTEST_SOMEBODY and low.endswith(SOMEBODY)

    def is_strange_thing(self, place: int) -> bool:
        """Whether the word there, which the book does not know, has the ending of a certain thing: vekkerklokka."""
        token = self.tokens[place]
        if place in self._known or not token.text.islower() or len(token.low) < SHORTEST_THING:
            return False
        return token.low.endswith(DEFINITE) and not token.low.endswith((*SOMEBODY, *SOME_PEOPLE))

    def _parted(self, borders: Callable[[int], bool]) -> list[int]:
        return list(accumulate(int(borders(place)) for place in range(len(self.tokens))))

    def _around(self, parts: Sequence[int], place: int) -> range:
        start = end = place
        while start > 0 and parts[start - 1] == parts[place]:
            start -= 1
        while end + 1 < len(parts) and parts[end + 1] == parts[place]:
            end += 1
        return range(start, end + 1)

    def _times(self) -> list[tuple[Span, float]]:
        """The words of time to come that are near enough to matter, each with its hours."""
        found = []
        for number, time in enumerate(self.book.times):
            for span in self.found(f"time/{number}"):
                if time.each is not None:
                    hours = time.each * self._number(span)
                else:
                    hours = time.hours if time.hours is not None else float("inf")
                found.append((span, hours))
        return found

    def _number(self, span: Span) -> float:
        for place in range(span.start, span.end):
            low = self.tokens[place].low
            if self.has(NUMBER, place) and len(low) < 6:
                return max(1.0, float(low))
        return 1.0
