"""The short form of `make chaos`: a bad night on each system, and in the morning nothing is missing or there twice."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.chaos.count import Count, rung_threats, settled
from tests.chaos.faults import plan
from tests.chaos.night import night, traffic_to
from tests.chaos.targets import Embedded, Full, Target
from tests.chaos.traffic import Traffic

SEED = 2008


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="forkant-chaos-") as made:
        yield Path(made)


@contextlib.contextmanager
def running(target: Target) -> Iterator[None]:
    try:
        target.start()
        yield
    except BaseException:
        print(target.last_words())
        raise
    finally:
        target.stop()


async def through_the_night(target: Target, traffic: Traffic, faults: int) -> Count:
    found = await night(target, traffic, seed=SEED, faults=faults, gap=0.8, say=print)
    print(found)
    return found


async def confirmed_without(target: Full, traffic: Traffic, parts: Sequence[str]) -> None:
    """With each of the parts away a report is confirmed at once, and rings when the part is back."""
    for part in parts:
        async with target.without(part):
            answer = await traffic.one()
            assert answer.status_code == 201, f"without {part}: {answer.status_code} {answer.text}"
        begun = time.monotonic()
        await settled(target, traffic.ledger)
        print(f"without {part}: confirmed, and rang {time.monotonic() - begun:.1f} s after it was back")
    rung = await asyncio.to_thread(rung_threats, target)
    assert {threat for accepted in traffic.ledger.accepted.values() for threat in accepted.threats} <= rung


def test_a_seed_decides_the_whole_night() -> None:
    nights = [plan(seed, 40, Full.shares, Full.points, 1.0) for seed in (1, 1, 2)]
    assert nights[0] == nights[1] != nights[2]
    assert {(fault.kind, fault.target) for fault in nights[0]} == set(Full.shares)


@pytest.mark.chaos
@pytest.mark.timeout(600)
def test_the_embedded_system_loses_and_doubles_nothing(folder: Path) -> None:
    target = Embedded(folder)

    async def story() -> Count:
        return await through_the_night(target, await traffic_to(target, seed=SEED, most=400), faults=6)

    with running(target):
        found = asyncio.run(story())
    assert found.reports > 20 and found.escalations > 20
    assert (found.lost, found.doubled, found.stuck) == ([], [], [])


@pytest.mark.chaos
@pytest.mark.connected
@pytest.mark.timeout(600)
def test_the_full_system_takes_reports_with_parts_away_and_loses_and_doubles_nothing(
    folder: Path, servers_here: None
) -> None:
    target = Full(folder)

    async def story() -> Count:
        traffic = await traffic_to(target, seed=SEED, most=400)
        await confirmed_without(target, traffic, ["kafka", "registry", "notifier"])
        return await through_the_night(target, traffic, faults=20)

    with running(target):
        found = asyncio.run(story())
    assert found.faults >= 20
    assert found.reports > 20 and found.escalations > 20
    assert (found.lost, found.doubled, found.stuck) == ([], [], [])
