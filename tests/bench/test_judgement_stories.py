"""The made-up city: honest, the same for the same seed, and with no knowledge of who will judge it."""

from __future__ import annotations

import ast
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from bench.judgement import seeds
from bench.judgement.stories import Stream, tell_city
from bench.judgement.stories.telling import assumptions
from forkant_threat_watch.domain.scenario import story_of

STORIES = Path(__file__).parents[2] / "bench" / "judgement" / "stories"
SEED = seeds.DEVELOPMENT[0]


@pytest.fixture(scope="module")
def city() -> Stream:
    return tell_city(SEED)


def test_the_stories_share_nothing_with_the_engine() -> None:
    files = list(STORIES.glob("*.py"))
    assert len(files) > 5
    for path in files:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
                for name in names:
                    assert not name.startswith("forkant"), f"{path.name} imports {name}"
                    assert not name.startswith("bench") or name.startswith("bench.judgement.stories"), name


def test_what_is_chosen_by_and_what_is_judged_by_are_apart() -> None:
    assert not set(seeds.DEVELOPMENT) & set(seeds.TEST)


def test_the_same_seed_tells_the_same_city_and_another_seed_another(city: Stream) -> None:
    assert tell_city(SEED).document == city.document
    assert tell_city(SEED + 1).document != city.document


def test_it_is_a_scenario_as_the_engine_reads_it(city: Stream) -> None:
    story = story_of(city.document)
    assert len(story.steps) == len(city.document["steps"])


def test_there_are_a_thousand_stories_of_the_kinds_the_assumptions_say(city: Stream) -> None:
    about = assumptions()
    told = Counter(story.kind for story in city.stories)
    assert told == {kind: numbers["stories"] for kind, numbers in {**about["plans"], **about["noise"]}.items()}
    assert sum(told.values()) == about["city"]["stories"] == 1000
    assert {story.kind for story in city.stories if story.plan} == about["plans"].keys()


def test_of_every_plan_somebody_spoke_an_hour_before_it_was_carried_out(city: Stream) -> None:
    reports = {step["report"]["id"]: step["report"] for step in city.document["steps"] if "report" in step}
    for story in (story for story in city.stories if story.plan):
        in_time = [name for name, at in story.reports.items() if story.act is not None and at <= story.act - 60]
        factors = {signal["factor"] for name in in_time for signal in reports[name]["signals"]}
        assert factors & {"INTENT", "RECONNAISSANCE"}, story.id


def test_reports_come_late_and_out_of_order(city: Stream) -> None:
    story = story_of(city.document)
    seen = [step.node.entries().get("observed_at") for step in story.steps if step.what == "report"]
    moments = [story.moment(node) for node in seen if node is not None]
    assert len(moments) > 0.9 * len(seen)
    assert any(later < earlier for earlier, later in pairwise(moments))
