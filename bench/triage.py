"""How well the rules read texts: precision and recall on labelled sentences, by part and by theme.

The rules are worked on with the development part alone. What counts is the test part: recall of imminent violence, and
how many of fifty near misses would ring a phone. Each stands with the interval that 95 of 100 such parts would keep to
(Wilson): a part of a hundred sentences says little about the second decimal.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import report
from forkant_threat_watch.domain.triage.reading import read_text
from forkant_threat_watch.store.triage_books import current_triage_book
from forkant_threat_watch.store.yaml_files import read_document

SENTENCES = Path(__file__).parents[1] / "tests" / "threat_watch" / "triage"
PARTS = ("development", "test")
LABELS = ("imminent", "hit", "near_miss")
HEADER = [
    "part", "theme", "imminent", "hits", "near misses", "pages: precision", "pages: recall", "interval",
    "hits: precision", "hits: recall", "false pages in 50", "interval",
]  # fmt: skip
#: The standard normal deviate of a two-sided interval of 95 in 100.
DEVIATE = 1.96


@dataclass
class Count:
    """How sentences with each label were read: [not a hit, a hit, a page] for each."""

    read: dict[str, list[int]] = field(default_factory=lambda: {label: [0, 0, 0] for label in LABELS})

    def add(self, other: Count) -> None:
        """Count these too."""
        for label in LABELS:
            self.read[label] = [a + b for a, b in zip(self.read[label], other.read[label], strict=True)]

    def total(self, label: str) -> int:
        """How many sentences have this label."""
        return sum(self.read[label])

    @property
    def pages(self) -> tuple[float | None, float | None]:
        """Precision and recall of pages. A page about violence that is not near is no false alarm, but not right."""
        right, rung = self.read["imminent"][2], sum(self.read[label][2] for label in LABELS)
        return _share(right, rung), _share(right, self.total("imminent"))

    @property
    def hits(self) -> tuple[float | None, float | None]:
        """Precision and recall of hits, near or not."""
        right = sum(sum(self.read[label][1:]) for label in ("imminent", "hit"))
        found = right + sum(self.read["near_miss"][1:])
        return _share(right, found), _share(right, self.total("imminent") + self.total("hit"))

    @property
    def false_pages(self) -> float | None:
        """How many of fifty near misses would ring a phone."""
        share = _share(self.read["near_miss"][2], self.total("near_miss"))
        return None if share is None else 50 * share

    @property
    def recall_interval(self) -> tuple[float, float] | None:
        """Between what the recall of pages lies."""
        return interval(self.read["imminent"][2], self.total("imminent"))

    @property
    def false_pages_interval(self) -> tuple[float, float] | None:
        """Between what the false pages in fifty near misses lie."""
        ends = interval(self.read["near_miss"][2], self.total("near_miss"))
        return None if ends is None else (50 * ends[0], 50 * ends[1])


def interval(some: int, of: int) -> tuple[float, float] | None:
    """The shares between which the true one lies in 95 of 100 cases, by Wilson's score; None where there is nothing."""
    if not of:
        return None
    share, square = some / of, DEVIATE * DEVIATE
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = DEVIATE / (1 + square / of) * (share * (1 - share) / of + square / (4 * of * of)) ** 0.5
    return max(0.0, middle - half), min(1.0, middle + half)


def _share(some: int, of: int) -> float | None:
    return some / of if of else None


def themes(part: str) -> Iterable[tuple[str, dict[str, list[str]]]]:
    """Each theme of a part with its sentences by label."""
    for path in sorted((SENTENCES / part).glob("*.yaml")):
        found: Any = read_document(path)
        yield path.stem, {label: list(found.get(label, ())) for label in LABELS}


def count(sentences: dict[str, list[str]]) -> Count:
    """How the rules read these."""
    book, counted = current_triage_book(), Count()
    for label, texts in sentences.items():
        for text in texts:
            reading = read_text(text, book)
            counted.read[label][2 if reading.imminent else 1 if reading.hit else 0] += 1
    return counted


def total(part: str) -> Count:
    """How the rules read a whole part."""
    whole = Count()
    for _, sentences in themes(part):
        whole.add(count(sentences))
    return whole


def run() -> None:
    """Measure, print, keep."""
    current_triage_book()
    rows: list[list[object]] = []
    kept: dict[str, Any] = {}
    words, started = 0, time.perf_counter()
    for part in PARTS:
        whole = Count()
        for theme, sentences in themes(part):
            counted = count(sentences)
            whole.add(counted)
            rows.append(_row(part, theme, counted))
            words += sum(len(text.split()) for texts in sentences.values() for text in texts)
            kept[f"{part}/{theme}"] = counted.read
        rows.append(_row(part, "ALL", whole))
        kept[part] = {
            "read": whole.read,
            "pages": whole.pages,
            "hits": whole.hits,
            "false_pages": whole.false_pages,
            "recall_interval": whole.recall_interval,
            "false_pages_interval": whole.false_pages_interval,
        }
    seconds = time.perf_counter() - started
    report.table(f"Text triage, rules {current_triage_book().version}", HEADER, rows)
    print(f"\n  {words / seconds:,.0f} words a second on one core")
    print(f"  raw figures: {report.keep('triage', {'parts': kept, 'words_per_second': words / seconds})}")


def _row(part: str, theme: str, counted: Count) -> list[object]:
    precision, recall = counted.pages
    return [
        part,
        theme,
        *(counted.total(label) for label in LABELS),
        _figure(precision),
        _figure(recall),
        _between(counted.recall_interval),
        *(_figure(figure) for figure in counted.hits),
        _figure(counted.false_pages),
        _between(counted.false_pages_interval),
    ]


def _figure(figure: float | None) -> str:
    return "-" if figure is None else f"{figure:.3f}"


def _between(ends: tuple[float, float] | None) -> str:
    return "-" if ends is None else f"{ends[0]:.2f}–{ends[1]:.2f}"
