"""How well an actor fits what somebody asked for, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from forkant_registry.domain.spelling import How, Likeness, Spelling

# A longer query is read only so far; nobody is called by more words.
MOST_TOKENS = 6


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, read once: the words as written and as folded, and all of them written together."""

    plain: tuple[str, ...]
    folded: tuple[str, ...]
    joined: str
    # Pairs compared before: among two hundred people the same words come again and again.
    compared: dict[tuple[str, str], Likeness | None] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def read(cls, text: str, spelling: Spelling) -> Asked:
        folded = tuple(spelling.tokens(text)[:MOST_TOKENS])
        return cls(tuple(spelling.plain_tokens(text)), folded, "".join(folded))

    def likeness(self, word: str, token: str, spelling: Spelling) -> Likeness | None:
        """As `Spelling.likeness`, worked out once a pair."""
        pair = word, token
        if pair not in self.compared:
            self.compared[pair] = spelling.likeness(word, token)
        return self.compared[pair]


@dataclass(frozen=True, slots=True)
class KnownName:
    """A name of an actor as the index holds it."""

    kind: str
    value: str
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """One word of the query found in one name, how, and how well."""

    asked: str
    found: str
    name_kind: str
    how: How
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """How well an actor fits, 0 to 1, and every word that made it so."""

    score: float
    why: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class _Fit:
    score: float
    why: tuple[Reason, ...]
    weak: bool
    by_word: dict[int, Reason]


def match(asked: Asked, names: Iterable[KnownName], spelling: Spelling) -> Hit | None:
    """The best fit over the actor's names; None where it is too poor to list.

    A weak nickname alone never reaches `spelling.match`; beside a stronger name it counts.
    """
    fits = [_fit(asked, name, spelling) for name in names]
    found = [Hit(min(fit.score, spelling.weak_alone) if fit.weak else fit.score, fit.why) for fit in fits]
    across = _across(asked, fits, spelling)
    if across is not None:
        found.append(across)
    best = max(found, key=lambda hit: hit.score, default=None)
    if best is None or best.score < spelling.least_listed:
        return None
    return Hit(round(best.score, 3), best.why)


def _fit(asked: Asked, name: KnownName, spelling: Spelling) -> _Fit:
    plain, folded = spelling.plain_tokens(name.value), spelling.tokens(name.value)
    by_word = _assign(asked, name, folded, plain, spelling)
    weights = [spelling.weight(token) for token in asked.folded]
    got = sum(weights[position] * reason.score for position, (_, reason) in by_word.items())
    used = {place for place, _ in by_word.values()}
    name_weight = sum(map(spelling.weight, folded)) or 1.0
    unasked = sum(spelling.weight(token) for place, token in enumerate(folded) if place not in used)
    factor = 1 - spelling.scores["unasked_words"] * unasked / name_weight
    score = got / (sum(weights) or 1.0) * factor
    reasons = {position: reason for position, (_, reason) in by_word.items()}
    why = tuple(reasons[position] for position in sorted(reasons))
    # What fits better word by word than written together can, need not be tried written together.
    hopeless = score >= spelling.scores["folded"] * spelling.scores["joined"]
    joined = None if hopeless else _joined(asked, name, folded, spelling)
    if joined is not None and joined.score > score:
        return _Fit(joined.score, (joined,), name.weak, reasons)
    return _Fit(score, why, name.weak, reasons)


def _assign(
    asked: Asked, name: KnownName, folded: Sequence[str], plain: Sequence[str], spelling: Spelling
) -> dict[int, tuple[int, Reason]]:
    """Each word of the query to at most one word of the name, the best pairs first."""
    pairs: list[tuple[float, int, int, How]] = []
    for position, word in enumerate(asked.folded):
        for place, token in enumerate(folded):
            likeness = asked.likeness(word, token, spelling)
            if likeness is None:
                continue
            likeness = _exact(likeness, asked, plain, position, place, len(folded), spelling)
            pairs.append((-likeness.score, position, place, likeness.how))
    taken: dict[int, tuple[int, Reason]] = {}
    places: set[int] = set()
    for negative, position, place, how in sorted(pairs):
        if position in taken or place in places:
            continue
        places.add(place)
        score = round(-negative, 3)
        taken[position] = (place, Reason(asked.folded[position], folded[place], name.kind, how, score))
    return taken


def _exact(
    likeness: Likeness,
    asked: Asked,
    plain: Sequence[str],
    position: int,
    place: int,
    words: int,
    spelling: Spelling,
) -> Likeness:
    """Written the same, letter by letter, is better than the same after folding."""
    # Folding can join or split nothing but what both did alike; where counts differ, the folded form is all we have.
    comparable = len(asked.plain) >= len(asked.folded) and len(plain) == words
    if likeness.how == "FOLDED" and comparable and asked.plain[position] == plain[place]:
        return Likeness(spelling.scores["exact"], "EXACT")
    return likeness


def _joined(asked: Asked, name: KnownName, folded: Sequence[str], spelling: Spelling) -> Reason | None:
    """The same words written together in one and apart in the other."""
    if not asked.joined or (len(asked.folded) == 1 and len(folded) == 1):
        return None
    best: Reason | None = None
    for whole, words in written_together(folded).items():
        likeness = asked.likeness(asked.joined, whole, spelling)
        if likeness is None or likeness.how in ("PREFIX", "COMPOUND"):
            continue
        unasked = spelling.scores["unasked_words"] * (1 - words / len(folded))
        score = round(likeness.score * spelling.scores["joined"] * (1 - unasked), 3)
        if best is None or score > best.score:
            best = Reason(asked.joined, whole, name.kind, likeness.how, score)
    return best


def written_together(folded: Sequence[str]) -> dict[str, int]:
    """Each word, each two neighbours as one, and all as one, with how many words that is."""
    forms = {"".join(folded): len(folded)} if folded else {}
    for size in (2, 1):
        for start in range(len(folded) - size + 1):
            forms.setdefault("".join(folded[start : start + size]), size)
    return forms


def _across(asked: Asked, fits: Sequence[_Fit], spelling: Spelling) -> Hit | None:
    """The words found in several names of one actor, at least one of them in a name that is not weak."""
    if len(asked.folded) < 2 or len(fits) < 2:
        return None
    best: dict[int, Reason] = {}
    strong = False
    for fit in fits:
        for position, reason in fit.by_word.items():
            strong = strong or (not fit.weak and reason.score >= spelling.match)
            if position not in best or reason.score > best[position].score:
                best[position] = reason
    if not strong or len(best) < len(asked.folded):
        return None
    weights = [spelling.weight(token) for token in asked.folded]
    total = sum(weights[position] * reason.score for position, reason in best.items()) / sum(weights)
    why = tuple(best[position] for position in sorted(best))
    return Hit(total * spelling.scores["across_names"], why)
