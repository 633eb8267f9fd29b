"""The short form of `make chaos`: a bad night on each system, and in the morning nothing is missing or there twice."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.count import Count
from tests.chaos.faults import plan
from tests.chaos.night import night
from tests.chaos.targets import Embedded, Full, Target

SEED = 2008


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="forkant-chaos-") as made:
        yield Path(made)


def through_the_night(target: Target, faults: int) -> Count:
    lines: list[str] = []
    try:
        target.start()
        return asyncio.run(night(target, seed=SEED, faults=faults, most=400, gap=0.8, say=lines.append))
    finally:
        target.stop()
        print("\n".join(lines))


def test_a_seed_decides_the_whole_night() -> None:
    nights = [plan(seed, 40, Full.shares, Full.points, 1.0) for seed in (1, 1, 2)]
    assert nights[0] == nights[1] != nights[2]
    assert {(fault.kind, fault.target) for fault in nights[0]} == set(Full.shares)


@pytest.mark.chaos
@pytest.mark.timeout(300)
def test_the_embedded_system_loses_and_doubles_nothing(folder: Path) -> None:
    found = through_the_night(Embedded(folder), faults=8)
    print(found)
    assert found.reports > 20 and found.escalations > 20
    assert (found.lost, found.doubled, found.stuck) == ([], [], [])


@pytest.mark.chaos
@pytest.mark.connected
@pytest.mark.timeout(400)
def test_the_full_system_loses_and_doubles_nothing(folder: Path, servers_here: None) -> None:
    found = through_the_night(Full(folder), faults=22)
    print(found)
    assert found.faults >= 20
    assert found.reports > 20 and found.escalations > 20
    assert (found.lost, found.doubled, found.stuck) == ([], [], [])
