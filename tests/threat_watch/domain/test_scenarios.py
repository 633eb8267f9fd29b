"""The stories the engine must tell the same way every time."""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from forkant_shared.errors import Invalid
from forkant_threat_watch.commands.replaying import replay
from forkant_threat_watch.domain.policy_examples import failing_examples
from forkant_threat_watch.domain.replay import tell
from forkant_threat_watch.domain.verdict import differences
from forkant_threat_watch.store.policies import current_policy, read_story

SCENARIOS = sorted((Path(__file__).parent.parent / "scenarios").glob("*.yaml"))
POLICY_FILE = Path(sys.modules["forkant_threat_watch"].__path__[0]) / "policies" / "2026-1.yaml"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run() -> Run:
    def call(
        path: Path, *, policy: str = "current", against: str | None = None, as_json: bool = True
    ) -> tuple[int, str, str]:
        out, complaints = io.StringIO(), io.StringIO()
        given = argparse.Namespace(scenario=path, policy=policy, against=against, json=as_json)
        return replay(given, out, complaints), out.getvalue(), complaints.getvalue()

    return call


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_the_story_is_told_as_expected(path: Path) -> None:
    story = read_story(path)
    assert differences(story, tell(story, current_policy())) == []


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_it_is_told_in_the_same_bytes_twice_and_in_time_order(path: Path, run: Run) -> None:
    code, out, complaints = run(path)
    assert (code, complaints) == (0, "")
    assert run(path) == (0, out, "")
    told = [json.loads(line) for line in out.splitlines()]
    assert [line["at"] for line in told] == sorted(line["at"] for line in told)
    assert all({"at", "kind", "threat", "level", "index", "rule"} <= line.keys() for line in told)


def test_the_2008_case_is_right_to_the_third_decimal(run: Run) -> None:
    told = [json.loads(line) for line in run(SCENARIOS[0])[1].splitlines()]
    assessed = [line for line in told if line["kind"] == "assessment"]
    first = {line["at"][:10]: round(line["index"], 3) for line in reversed(assessed)}
    days = ["2008-03-21", "2008-03-25", "2008-03-28", "2008-03-30", "2008-04-03"]
    assert [first[day] for day in days] == [0.511, 0.806, 0.937, 0.953, 0.863]


def test_the_command_prints_the_same_bytes_in_processes_of_their_own() -> None:
    command = [sys.executable, "-m", "forkant_threat_watch", "replay", str(SCENARIOS[0]), "--json"]
    one, other = (subprocess.run(command, capture_output=True, check=True).stdout for _ in range(2))
    assert one == other
    assert one.count(b"\n") > 10


def test_a_story_that_is_not_told_as_expected_fails_and_says_what_differs(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(SCENARIOS[0].read_text().replace("page: NORMAL, threat_of", "page: LIFE, threat_of"))
    code, _, complaints = run(path)
    assert code == 1
    assert "expect[4]: the pages are ['NORMAL']" in complaints


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        ("level: MODERATE, index: [0.5100", "level: HIGH, index: [0.5100", "the level is MODERATE"),
        ("index: [0.5100, 0.5110]", "index: [0.6, 0.7]", "the index is 0.5105"),
        ("{threats: 1}", "{threats: 2}", "there are 1 threats"),
        ("never: page}\n  - {at: +0d", "review: nothing}\n  - {at: +0d", "the reviews are []"),
        ("threat_of: R2, absent: true", "threat_of: R2, level: LOW", "there is no such threat"),
        ("between: [+0d, +19d], never", "between: [+0d, +20d], never", "a NORMAL page at"),
        ("{at: +24d, threat_of: R2, level: HIGH", "{at: +24d, threat_of: R2, absent: true", "the threat is there"),
    ],
)
def test_each_kind_of_expectation_can_fail(was: str, now: str, says: str, tmp_path: Path, run: Run) -> None:
    written = SCENARIOS[0].read_text()
    assert was in written
    path = tmp_path / "wrong.yaml"
    path.write_text(written.replace(was, now))
    code, _, complaints = run(path)
    assert code == 1
    assert says in complaints


def test_without_json_the_story_is_for_people_to_read(run: Run) -> None:
    _, out, _ = run(SCENARIOS[0], as_json=False)
    assert "page" in out
    assert "lane=LIFE" in out


def test_another_policy_shows_which_pages_would_appear_vanish_and_move(tmp_path: Path, run: Run) -> None:
    stricter = tmp_path / "stricter.yaml"
    stricter.write_text(POLICY_FILE.read_text().replace("  HIGH: 0.60\n", "  HIGH: 0.83\n"))
    code, out, _ = run(SCENARIOS[0], policy=str(stricter), against="current")
    changes = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert {change["kind"] for change in changes} <= {"page-appears", "page-vanishes", "page-moves"}
    assert any(change["kind"] != "page-appears" and change["rule"] == "level-high" for change in changes)
    assert run(SCENARIOS[0], policy=str(POLICY_FILE), against="current")[1] == ""


def test_a_policy_whose_own_examples_fail_is_told_with_and_complained_about(tmp_path: Path, run: Run) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text(POLICY_FILE.read_text().replace("    min_quality: 0.4\n", "    min_quality: 0.95\n"))
    assert "planned-reprisal positive" in run(SCENARIOS[0], policy=str(broken), against="current")[2]


@pytest.mark.parametrize("content", ["name: [", "name: x\nstart: 2026-01-01\nuntil: +1d\nsteps: []", "steps: 1"])
def test_a_file_that_is_no_scenario_says_what_is_wrong(content: str, tmp_path: Path, run: Run) -> None:
    path = tmp_path / "no.yaml"
    path.write_text(content)
    with pytest.raises(Invalid):
        run(path)


def test_every_rules_own_examples_hold() -> None:
    assert failing_examples(current_policy()) == []
