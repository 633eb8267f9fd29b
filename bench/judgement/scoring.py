"""What a judge's rings are worth, against the truth that no judge was shown."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.judgement.judges.rings import Ring
from bench.judgement.stories import Stream


@dataclass
class Marks:
    """One judge on some streams.

    `warnings`: hours from the first time somebody was told of a plan until the act, a plan each; `false_pages`: phones
    that rang for what was no plan, or not yet; `plan_pages`: that rang for one in time; `late_pages`: for one that was
    over.
    """

    plans: int = 0
    weeks: int = 0
    warnings: list[float] = field(default_factory=list)
    false_pages: int = 0
    false_life: int = 0
    plan_pages: int = 0
    late_pages: int = 0
    false_by_kind: dict[str, int] = field(default_factory=dict)
    missed_by_kind: dict[str, int] = field(default_factory=dict)

    @property
    def recall(self) -> float:
        return len(self.warnings) / self.plans

    @property
    def false_a_week(self) -> float:
        return self.false_pages / self.weeks

    @property
    def pages_a_plan(self) -> float:
        """All pages for each plan that was heard of: how often one answers for one that matters."""
        return (self.false_pages + self.plan_pages + self.late_pages) / max(1, len(self.warnings))

    @property
    def hours(self) -> float:
        """Median hours of warning."""
        return statistics.median(self.warnings) if self.warnings else 0.0

    @property
    def hours_of_the_worst_tenth(self) -> float:
        """The hours of warning that nine in ten of all plans had at least; one that was missed had none."""
        had = sorted([0.0] * (self.plans - len(self.warnings)) + self.warnings)
        return had[len(had) // 10]

    def plus(self, other: Marks) -> Marks:
        """Both together."""
        return Marks(
            self.plans + other.plans,
            self.weeks + other.weeks,
            self.warnings + other.warnings,
            self.false_pages + other.false_pages,
            self.false_life + other.false_life,
            self.plan_pages + other.plan_pages,
            self.late_pages + other.late_pages,
            _summed(self.false_by_kind, other.false_by_kind),
            _summed(self.missed_by_kind, other.missed_by_kind),
        )


def summed(each: Sequence[Marks]) -> Marks:
    """The marks of several streams together."""
    total = Marks()
    for one in each:
        total = total.plus(one)
    return total


def _summed(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return {kind: one.get(kind, 0) + other.get(kind, 0) for kind in sorted(one.keys() | other.keys())}


def marks(stream: Stream, rings: Sequence[Ring]) -> Marks:
    """The marks for these rings. A ring belongs to the story of the report that set it off, and to no other."""
    stories = {story.id: story for story in stream.stories}
    found = Marks(plans=sum(story.plan for story in stream.stories), weeks=stream.weeks)
    first: dict[str, float] = {}
    for ring in rings:
        story = stories.get(ring.report.partition("-")[0])
        if story is not None and story.act is not None and ring.at >= story.begins:
            if ring.at < story.act:
                first.setdefault(story.id, ring.at)
            found.plan_pages += ring.new and ring.at < story.act
            found.late_pages += ring.new and ring.at >= story.act
        elif ring.new:
            kind = "not yet a plan" if story is not None and story.plan else story.kind if story else "nothing"
            found.false_pages += 1
            found.false_life += ring.life
            found.false_by_kind[kind] = found.false_by_kind.get(kind, 0) + 1
    for story in stream.stories:
        if story.act is not None:
            if story.id in first:
                found.warnings.append((story.act - first[story.id]) / 60)
            else:
                found.missed_by_kind[story.kind] = found.missed_by_kind.get(story.kind, 0) + 1
    return found
