"""The points of the text triage, found from the labelled sentences, and how they do on themes they were not found from.

    python -m bench.triage_points            leave themes out in turn, print the curve of recall against false pages
    python -m bench.triage_points write      find the points from all development sentences and write them

A trait's points are the weight that a linear support vector machine gives it (dual coordinate descent, Hsieh and others
2008), times a hundred, rounded. Nothing else is learnt: which traits there are is the rule book's.
"""

from __future__ import annotations

import random
import re
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import forkant_threat_watch
from bench import report
from bench.triage import themes
from forkant_threat_watch.domain.documents import Node
from forkant_threat_watch.domain.triage.tokens import sentences
from forkant_threat_watch.domain.triage.traits import NAME, Concepts, is_name
from forkant_threat_watch.domain.triage.weighing import traits_of_text
from forkant_threat_watch.domain.triage.weighing_document import concepts_of
from forkant_threat_watch.store.triage_books import CURRENT
from forkant_threat_watch.store.yaml_files import read_document

POLICIES = Path(forkant_threat_watch.__file__).parent / "policies"
#: How closely the points follow the sentences they are found from, and how often those are gone through.
COST, ROUNDS, SEED, FOLDS = 0.005, 12, 20261123, 6
#: How much more readily a concept gets points than a piece of a word.
CONCEPT = 3.0
#: A trait that fewer sentences have is one writer's word and not a rule.
FEWEST = 2
#: Points for every 1.0 of weight, and the fewest that are kept.
SCALE, LEAST = 100, 1
#: The theme of sentences that were put together by rule, so that the plain cases stay plain.
MADE = "composed"
FALSE_IN_FIFTY = (0.5, 1, 2, 3, 4, 6)


class Sample(NamedTuple):
    """A labelled sentence as the traits that stand in it, and the theme it belongs to."""

    theme: str
    label: str
    text: str
    traits: frozenset[str]


def samples(concepts: Concepts) -> list[Sample]:
    """All development sentences. A theme's further files (`films-2`) are the theme's."""
    parts = [(name.rstrip("0123456789").rstrip("-"), labelled) for name, labelled in themes("development")]
    names = names_in(text for _, labelled in parts for texts in labelled.values() for text in texts)
    found = []
    for theme, labelled in parts:
        for label, texts in labelled.items():
            for text in texts:
                traits = traits_of_text(without_names(text, names), concepts)
                found.append(Sample(theme, label, text, frozenset(traits)))
    return found


def names_in(texts: Iterable[str]) -> frozenset[str]:
    """The words that are more often written as names than not, where no sentence begins."""
    named: Counter[str] = Counter()
    for text in texts:
        for sentence in sentences(text):
            for token in sentence.tokens:
                if not token.opens:
                    named[token.low] += 1 if is_name(token) else -1
    return frozenset(word for word, often in named.items() if often > 0)


def without_names(text: str, names: frozenset[str]) -> str:
    """The text with a sign for each of these that the reader cannot tell from a word: where it begins a sentence, or is
    written small. So no name gets points from it."""

    def told(at: re.Match[str]) -> str:
        before, word = at[1], at[2]
        begins = bool(before) or at.start() == 0
        return before + (NAME if word.lower() in names and (begins or word.islower()) else word)

    return re.sub(r"((?:^|[.!?…\n])\W*|\b)([^\W\d_]+)", told, text)


def fitted(given: Sequence[Sample], wanted: frozenset[str]) -> tuple[dict[str, float], float]:
    """The weight of each trait, and the sum to start from, that part the wanted labels from the others best."""
    often = Counter(trait for sample in given for trait in sample.traits)
    rows = [[trait for trait in sample.traits if often[trait] >= FEWEST] for sample in given]
    signs = [1.0 if sample.label in wanted else -1.0 for sample in given]
    weights = dict.fromkeys((trait for trait, count in often.items() if count >= FEWEST), 0.0)
    start, slack = 0.0, 1 / (2 * COST)
    alphas = [0.0] * len(rows)
    lengths = [sum(CONCEPT * CONCEPT if trait[0] == "#" else 1.0 for trait in row) + 1 + slack for row in rows]
    order = list(range(len(rows)))
    chance = random.Random(SEED)
    for _ in range(ROUNDS):
        chance.shuffle(order)
        for i in order:
            row, sign = rows[i], signs[i]
            gradient = sign * (start + sum([weights[trait] for trait in row])) - 1 + alphas[i] * slack
            alpha = max(0.0, alphas[i] - gradient / lengths[i])
            if alpha != alphas[i]:
                step = (alpha - alphas[i]) * sign
                alphas[i] = alpha
                start += step
                for trait in row:
                    weights[trait] += step * CONCEPT * CONCEPT if trait[0] == "#" else step
    return weights, start


def sum_of(sample: Sample, weights: dict[str, float], start: float) -> float:
    """What a sentence comes to."""
    return start + sum(weights.get(trait, 0.0) for trait in sample.traits)


def left_out(given: Sequence[Sample], wanted: frozenset[str]) -> list[tuple[Sample, float]]:
    """Each sentence with the sum it comes to where its whole theme was left out; the made ones are never asked."""
    names = sorted({sample.theme for sample in given} - {MADE})
    random.Random(SEED).shuffle(names)
    found = []
    for fold in range(FOLDS):
        out = set(names[fold::FOLDS])
        weights, start = fitted([sample for sample in given if sample.theme not in out], wanted)
        found += [(sample, sum_of(sample, weights, start)) for sample in given if sample.theme in out]
    return found


def curve(sums: Iterable[tuple[Sample, float]]) -> list[tuple[float, float, float]]:
    """For false pages in fifty near misses: the sum to page from, and the recall of imminent violence there."""
    pairs = list(sums)
    near = sorted((value for sample, value in pairs if sample.label == "near_miss"), reverse=True)
    wanted = [value for sample, value in pairs if sample.label == "imminent"]
    found = []
    for many in FALSE_IN_FIFTY:
        at = near[min(len(near) - 1, int(many / 50 * len(near)))]
        found.append((many, at, sum(value > at for value in wanted) / len(wanted)))
    return found


def written(weights: dict[str, float]) -> str:
    """The traits by their points, most first: what speaks for it on top, what speaks against it at the end."""
    by_points: dict[int, list[str]] = {}
    for trait, weight in weights.items():
        points = round(weight * SCALE)
        if abs(points) >= LEAST:
            by_points.setdefault(points, []).append(trait)
    lines = []
    for points in sorted(by_points, reverse=True):
        lines.append(f"  {points}: >-")
        lines += textwrap.wrap(" ".join(sorted(by_points[points])), 114, initial_indent="    ",
                               subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)  # fmt: skip
    return "\n".join(lines)


def book_concepts() -> Concepts:
    """The concepts of the rule book there is, without its points."""
    document = Node(read_document(POLICIES / f"{CURRENT}.yaml"), "").entries()
    return concepts_of(document["concepts"], document["weighing"])


def run(write: bool) -> None:
    """Print the curve on themes left out; or find the points from everything and write them."""
    given = samples(book_concepts())
    for name, wanted in (("look", frozenset(("imminent", "hit"))), ("page", frozenset(("imminent",)))):
        if write:
            continue
        rows = [(many, f"{at * SCALE:.0f}", f"{recall:.3f}") for many, at, recall in curve(left_out(given, wanted))]
        report.table(f"Themes left out: {name}", ["false in 50", "from points", "recall"], rows)
    if write:
        look, look_from = fitted(given, frozenset(("imminent", "hit")))
        page, page_from = fitted(given, frozenset(("imminent",)))
        head = (
            "# Found from the labelled sentences by: python -m bench.triage_points write. Not to be changed by hand.\n"
        )
        starts = f"look_from: {round(look_from * SCALE)}\npage_from: {round(page_from * SCALE)}\n"
        text = f"{head}{starts}look:\n{written(look)}\npage:\n{written(page)}\n"
        (POLICIES / f"{CURRENT}.points.yaml").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    run(sys.argv[1:] == ["write"])
