"""The short form of `python -m tests.chaos --attempts`: killed at every state of an attempt, nothing is lost."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.lives import EVERYWHERE, story

ROOT = Path(__file__).resolve().parents[2]
RUNS = 26


def said_by(only: str, runs: int) -> str:
    """What the command prints; a process of its own, because it forks."""
    command = [sys.executable, "-m", "tests.chaos", "--attempts", "--only", only, "--runs", str(runs), "--seed", "5"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=540, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_seed_decides_every_life_and_few_runs_already_pass_every_point() -> None:
    assert story(1, 7) == story(1, 7) != story(2, 7)
    points = {life.point for number in range(RUNS) for life in story(5, number).lives}
    assert points == set(EVERYWHERE)


@pytest.mark.chaos
@pytest.mark.timeout(600)
def test_killed_at_every_state_of_an_attempt_no_page_is_lost_and_none_doubled() -> None:
    said = said_by("embedded", RUNS)
    assert re.search(r"^lost 0$", said, re.M) and re.search(r"^doubled 0$", said, re.M), said
    hit = re.search(r"^states hit (.*)$", said, re.M)
    assert hit
    for state in ("DUE", "LEASED, unsent", "LEASED, with the carrier", "SUBMITTED", "UNKNOWN", "DELIVERED"):
        assert re.search(rf"\b{state} \d", hit.group(1)), said
    taken = re.search(r"messages a carrier took (\d+)", said)
    assert taken and int(taken.group(1)) > RUNS


@pytest.mark.chaos
@pytest.mark.connected
@pytest.mark.timeout(600)
def test_the_same_on_postgresql_and_kafka(servers_here: None) -> None:
    said = said_by("full", 6)
    assert re.search(r"^lost 0$", said, re.M) and re.search(r"^doubled 0$", said, re.M), said
