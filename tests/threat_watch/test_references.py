"""What people call a report and a threat is counted without a gap, several at once."""

from __future__ import annotations

import asyncio

from forkant_threat_watch.store import references
from tests.threat_watch.serving import Served


async def test_several_of_each_are_taken_at_once_and_counted_on(served_on_both: Served) -> None:
    database = served_on_both.app.state.parts.database
    async with database.write() as session:
        assert await references.take(session, {"R": 1, "T": 2}, 2031) == {
            "R": ["R-2031-000001"],
            "T": ["T-2031-000001", "T-2031-000002"],
        }
        assert await references.take(session, {"T": 1, "R": 0}, 2031) == {"T": ["T-2031-000003"]}
        assert await references.take(session, {"R": 1}, 2032) == {"R": ["R-2032-000001"]}
        assert await references.take(session, {"T": 0}, 2031) == {}


async def test_what_is_taken_and_not_committed_is_taken_again(served_on_both: Served) -> None:
    database = served_on_both.app.state.parts.database

    async def take(fail: bool) -> list[str]:
        async with database.write() as session:
            found = await references.take(session, {"R": 1, "T": 1}, 2031)
            if fail:
                raise InterruptedError
            return [*found["R"], *found["T"]]

    outcomes = await asyncio.gather(*(take(fail=turn % 2 == 1) for turn in range(6)), return_exceptions=True)
    kept = sorted(name for taken in outcomes if isinstance(taken, list) for name in taken)
    assert kept == [f"{letter}-2031-{number:06d}" for letter in "RT" for number in (1, 2, 3)]
