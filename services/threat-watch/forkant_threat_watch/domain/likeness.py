"""Whether a text for outside is a new text, or a report's own words once more.

Words are compared by their first letters, so that another inflection is no new word; order, case and signs do not
count as writing anew. What only means the same in other words is for the person who approves to see.
"""

from __future__ import annotations

from collections.abc import Sequence

from forkant_threat_watch.domain.words import folded

STEM = 5
#: Two words are in everybody's mouth; a report's text of three is already somebody's sentence.
SHORTEST = 3


def is_copy(text: str, report: str, *, words_in_a_row: int, share: float) -> bool:
    """Whether `text` has so much in common with the report's text that it is a copy.

    It is where both say the same words; where it holds `words_in_a_row` words of the report in a row (or the whole
    report, where that is shorter); or where this `share` (0 to 1) of either one's word pairs stands in the other.
    """
    ours, theirs = _stems(text), _stems(report)
    if not ours or not theirs:
        return False
    if ours == theirs:
        return True
    run = min(words_in_a_row, len(theirs))
    if run >= SHORTEST and not _runs(ours, run).isdisjoint(_runs(theirs, run)):
        return True
    return _shared(ours, theirs) >= share or _shared(theirs, ours) >= share


def _stems(text: str) -> list[str]:
    return [word[:STEM] for word in folded(text).split()]


def _runs(words: Sequence[str], length: int) -> set[tuple[str, ...]]:
    return {tuple(words[start : start + length]) for start in range(len(words) - length + 1)}


def _shared(words: Sequence[str], others: Sequence[str]) -> float:
    """The share of the first one's pairs of neighbours that stand in the other, in either order."""
    mine = {frozenset(pair) for pair in _runs(words, 2)}
    if len(mine) < SHORTEST:
        return 0.0
    theirs = {frozenset(pair) for pair in _runs(others, 2)}
    return len(mine & theirs) / len(mine)
