"""Every judge on the test seeds at every threshold: the figures that tables, curves and the page are made of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from typing import Any

from bench.judgement import sweep
from bench.judgement.judges import engine
from bench.judgement.scoring import Marks, marks, summed
from bench.judgement.seeds import TEST
from bench.judgement.stories import Stream, tell_city
from forkant_threat_watch.domain.policy import Policy
from forkant_threat_watch.store.policies import read_policy

KEPT = Path(__file__).with_name("figures.json")
THRESHOLDS = 50
# How much of a city a test may afford.
SMALL = 0.25
# By how many log-odds the engine's policies are moved; 0 is the policy as its file says it.
ENGINE = {
    "2026-2": (-0.9, -0.6, -0.3, 0.0, 0.25, 0.5, 0.75, 1.0, 1.5),
    "2026-1": (-2.0, -1.5, -1.0, -0.5, 0.0, 1.0),
}
NAMES = {
    "2026-2": "This engine, policy 2026-2",
    "2026-1": "This engine, start policy 2026-1",
    "elastic": "Elastic entity risk score",
    "splunk": "Splunk risk-based alerting",
    "decaying": "MISP/OpenCTI decaying score",
    "single": "Rule on the single report",
}


def policy(version: str) -> Policy:
    """A policy of this release."""
    with resources.as_file(resources.files("forkant_threat_watch") / "policies" / f"{version}.yaml") as path:
        return read_policy(path)


def measure(seeds: Sequence[int] = TEST, *, told: bool = True) -> dict[str, list[tuple[float, list[Marks]]]]:
    """For each judge, each threshold and the marks of each seed. `told`: say on the terminal how far it has come."""
    streams = [tell_city(seed) for seed in seeds]
    found: dict[str, list[tuple[float, list[Marks]]]] = {}
    for version, moves in ENGINE.items():
        prepared = [(stream, engine.prepare(stream.document, policy(version))) for stream in streams]
        found[version] = []
        for by in moves:
            found[version].append((by, [_engine(version, by, stream, ready) for stream, ready in prepared]))
            if told:
                print(f"  {NAMES[version]}, moved by {by:+.2f}", flush=True)
    seen = [sweep.see(stream) for stream in streams]
    for name, settings in sweep.chosen().items():
        found[name] = sweep.curve(sweep.OTHERS[name], settings, seen, THRESHOLDS)
    return found


def _engine(version: str, by: float, stream: Stream, prepared: engine.Prepared) -> Marks:
    return marks(stream, engine.judge(prepared, engine.moved(policy(version), by)))


def small() -> dict[str, float]:
    """The proposed policy as its file says it, on a quarter of the first test city: what a test measures again."""
    signed, stream = policy("2026-2"), tell_city(TEST[0], share=SMALL)
    found = marks(stream, engine.judge(engine.prepare(stream.document, signed), signed))
    return {"recall": round(found.recall, 4), "false_a_week": round(found.false_a_week, 3)}


def raw(found: dict[str, list[tuple[float, list[Marks]]]]) -> dict[str, Any]:
    """Everything, as `bench/results` keeps it."""
    return {
        name: [{"threshold": at, "seeds": [asdict(one) for one in each]} for at, each in points]
        for name, points in found.items()
    }


def short(found: dict[str, list[tuple[float, list[Marks]]]], seeds: Sequence[int] = TEST) -> dict[str, Any]:
    """What the page needs, small enough to stand in the repository."""
    judges = {name: [_point(at, each) for at, each in points] for name, points in found.items()}
    for name, points in judges.items():
        at = at_recall(points)
        if at is not None:
            at |= _details(found[name][points.index(at)][1])
    return {"seeds": list(seeds), "stories": _stories(seeds), "judges": judges}


def _stories(seeds: Sequence[int]) -> dict[str, Any]:
    streams = [tell_city(seed) for seed in seeds]
    return {
        "weeks": sum(stream.weeks for stream in streams),
        "stories": sum(len(stream.stories) for stream in streams),
        "plans": sum(story.plan for stream in streams for story in stream.stories),
        "reports": sum(len(story.reports) for stream in streams for story in stream.stories),
    }


def _point(threshold: float, each: Sequence[Marks]) -> dict[str, Any]:
    total = summed(each)
    return {
        "threshold": round(threshold, 3),
        "recall": round(total.recall, 4),
        "false_a_week": round(total.false_a_week, 3),
        "false_life_a_week": round(total.false_life / total.weeks, 3),
        "hours": round(total.hours, 1),
        "hours_worst_tenth": round(total.hours_of_the_worst_tenth, 1),
        "pages_a_plan_heard": round(total.pages_a_plan, 2),
        "pages_about_a_plan": round(total.plan_pages / max(1, len(total.warnings)), 2),
    }


def _details(each: Sequence[Marks]) -> dict[str, Any]:
    """What the page tells more of, at equal recall."""
    total = summed(each)
    return {
        "false_by_kind_a_week": {kind: round(n / total.weeks, 3) for kind, n in total.false_by_kind.items()},
        "missed_by_kind": total.missed_by_kind,
        "seeds": [[round(one.recall, 3), round(one.false_a_week, 2)] for one in each],
    }


def kept() -> dict[str, Any]:
    """The figures that stand in the repository."""
    found: dict[str, Any] = json.loads(KEPT.read_text("utf-8"))
    return found


def at_recall(points: Sequence[dict[str, Any]], recall: float = sweep.RECALL) -> dict[str, Any] | None:
    """The point with the fewest false pages of those that hear of enough plans."""
    enough = [point for point in points if point["recall"] >= recall]
    return min(enough, key=lambda point: point["false_a_week"], default=None)
